/** The segments of a trace with absolute numbers and addresses: what a capture on the wire would have shown. */

import type { Step, TraceHeader } from '../generated/types.js';
import { u32 } from '../host/sequence.js';
import { endpointOf, SERVER } from '../report/views/addresses.js';
import { FLAG_BITS, type Packet } from '../trace/packet.js';
import { arriving, type SynAcks } from '../trace/segments.js';

/** A packet of a trace. */
export interface TracePacket {
  /** µs. */
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly peer: number;
  readonly packet: Packet;
}

const BROADCAST = 0xffffffff;
/** What the clients' segments and the server's say; traces do not record it. */
const WINDOW = 65_535;
const MSS = 1460;

/** The segments of one trace, step by step. */
export class TraceSegments {
  /** The server's numbers, which traces do not have. They follow from the trace's name, so the same trace has the same ones. */
  #state: number;
  readonly #synAcks: SynAcks = new Map();

  constructor({ id }: TraceHeader) {
    this.#state = [...id].reduce(
      (hash, char) => Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193),
      0x811c9dc5,
    );
  }

  /** The packets of the next step: those that arrive, then those that are sent, each in their order. */
  step({ at, event, out }: Step): TracePacket[] {
    const arrived = 'segments' in event ? event.segments : [];
    const packets: TracePacket[] = [];
    for (const segment of arrived) {
      const { peer, seq, ack_seq } = arriving(segment, this.#synAcks);
      const { address, port } = endpointOf(peer);
      const { flags, options = [], len = 0 } = segment;
      packets.push({
        at,
        direction: 'in',
        peer,
        packet: {
          from: address,
          to: segment.broadcast === true ? BROADCAST : SERVER.address,
          fromPort: port,
          toPort: SERVER.port,
          seq,
          ack: ack_seq,
          flags: bits(flags),
          window: WINDOW,
          ...(flags.includes('SYN') ? { mss: MSS } : {}),
          ...(options.includes('TS') ? { timestamp: { value: u32(at / 1000), echo: 0 } } : {}),
          len,
        },
      });
    }
    for (const { at: time, peer, flags, newIsn, seq, ack = 0, len = 0 } of out) {
      if (newIsn === true) this.#synAcks.set(peer, this.#random32());
      const { address, port } = endpointOf(peer);
      const base = seq.of === 'synack' ? (this.#synAcks.get(peer) ?? 0) : 0;
      packets.push({
        at: time,
        direction: 'out',
        peer,
        packet: {
          from: SERVER.address,
          to: address,
          fromPort: SERVER.port,
          toPort: port,
          seq: u32(base + seq.plus),
          ack,
          flags: bits(flags),
          window: flags.includes('RST') ? 0 : WINDOW,
          ...(flags.includes('SYN') ? { mss: MSS } : {}),
          len,
        },
      });
    }
    return packets;
  }

  /** The next number of a splitmix32 generator. */
  #random32(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }
}

const bits = (flags: readonly (keyof typeof FLAG_BITS)[]): number =>
  flags.reduce((all, flag) => all | FLAG_BITS[flag], 0);
