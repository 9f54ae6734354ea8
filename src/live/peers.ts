/** Which address and port a client has, and how its segments look on the wire. */

import type { Flag, SegmentFromSubject, SegmentToSubject } from '../generated/types.js';
import { FLAG_BITS, type Packet } from '../trace/packet.js';
import { PORT } from './sockets.js';
import { MACHINE } from './tun.js';

const BROADCAST = 0xffffffff;
const MSS = 1460;
const WINDOW = 65_535;
/** As many clients as the network of the machine has room for. */
const MOST = 2 ** 24 - 3;

interface Peer {
  readonly number: number;
  readonly address: number;
  readonly port: number;
  /** The timestamp of the last SYN-ACK that the kernel sent it: a request takes no other for an answer to that. */
  stamp: number;
}

const FLAGS = Object.entries(FLAG_BITS) as [Flag, number][];

/** The clients of one scenario. Numbers can be any, so addresses are given out as clients appear. */
export class Peers {
  readonly #byNumber = new Map<number, Peer>();
  readonly #byAddress = new Map<number, Peer>();

  /**
   * A segment of a client as a packet.
   * @param stamp what its timestamp says, if it has one: higher in later segments
   */
  arriving(segment: SegmentToSubject, stamp: number): Packet {
    const { ack = 0, flags, len = 0, options = [], seq } = segment;
    const peer = this.#peer(segment.peer);
    if (typeof ack !== 'number') throw new Error('an acknowledgement number is relative, and segments are seen here');
    return {
      from: peer.address,
      to: segment.broadcast === true ? BROADCAST : MACHINE,
      fromPort: peer.port,
      toPort: PORT,
      seq,
      ack,
      flags: flags.reduce((bits, flag) => bits | FLAG_BITS[flag], 0),
      window: WINDOW,
      ...(flags.includes('SYN') ? { mss: MSS } : {}),
      ...(options.includes('TS') ? { timestamp: { value: stamp, echo: flags.includes('ACK') ? peer.stamp : 0 } } : {}),
      len,
    };
  }

  /** A packet that the kernel sent, as a segment; undefined: it goes to none of the clients. */
  sent(packet: Packet): Omit<SegmentFromSubject, 'at'> | undefined {
    const peer = this.#byAddress.get(packet.to);
    if (peer === undefined || peer.port !== packet.toPort) return undefined;
    if (packet.timestamp !== undefined && (packet.flags & FLAG_BITS.SYN) !== 0) peer.stamp = packet.timestamp.value;
    const flags = FLAGS.filter(([, bit]) => (packet.flags & bit) !== 0).map(([flag]) => flag);
    return {
      peer: peer.number,
      flags,
      seq: packet.seq,
      ...(flags.includes('ACK') ? { ack: packet.ack } : {}),
      ...(packet.len === 0 ? {} : { len: packet.len }),
    };
  }

  /** Whose address it is. @throws Error where it is nobody's */
  at(address: number): number {
    const peer = this.#byAddress.get(address);
    if (peer === undefined) throw new Error(`nobody has the address 0x${address.toString(16)}`);
    return peer.number;
  }

  #peer(number: number): Peer {
    const known = this.#byNumber.get(number);
    if (known !== undefined) return known;
    const count = this.#byNumber.size;
    if (count === MOST) throw new Error(`more than ${MOST} clients`);
    const peer = { number, address: MACHINE + 1 + count, port: 10_000 + (count % 50_000), stamp: 0 };
    this.#byNumber.set(number, peer);
    this.#byAddress.set(peer.address, peer);
    return peer;
  }
}
