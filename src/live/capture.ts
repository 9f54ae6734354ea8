/**
 * What passes the TUN device, with the time at which the kernel saw it: exact however late this program looks. A packet socket whose ring the kernel
 * fills (packet(7), PACKET_RX_RING, TPACKET_V2).
 */

import { type Libc, type Mapping, must } from './libc.js';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const ETH_P_ALL = 3;
const SOL_PACKET = 263;
const PACKET_RX_RING = 5;
const PACKET_VERSION = 10;
const TPACKET_V2 = 1;
const PACKET_OUTGOING = 4;
const TP_STATUS_KERNEL = 0;
const TP_STATUS_USER = 1;

/** Bytes that the ring has for a packet: what does not fit is cut off, and all headers do. */
const FRAME = 256;
/** Packets that the ring has room for: more than a scenario ever moves between two looks. */
const FRAMES = 8192;
const BLOCK = 65_536;

/** Where a frame has what. */
const STATUS = 0;
const CAPTURED = 8;
const START = 12;
const SECONDS = 16;
const NANOSECONDS = 20;
/** In the address that follows the head. */
const PACKET_TYPE = 32 + 10;

/** A packet that passed. */
export interface Captured {
  /** It left; otherwise it arrived. */
  readonly left: boolean;
  /** Its first bytes, with all headers. */
  readonly head: Buffer;
  /** When, by the wall clock, in ns. */
  readonly stamp: bigint;
}

/** A packet socket on a device of the main thread's network namespace. */
export class Capture {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #mapping: Mapping;
  readonly #words: Uint32Array;
  readonly #bytes: Buffer;
  /** The frame that the kernel fills next. */
  #frame = 0;

  /** @param index number of the device */
  constructor(libc: Libc, index: number) {
    this.#libc = libc;
    this.#fd = must(libc.socket(AF_PACKET, SOCK_RAW, 0), 'a packet socket');
    must(libc.setsockopt(this.#fd, SOL_PACKET, PACKET_VERSION, new Int32Array([TPACKET_V2]), 4), 'PACKET_VERSION');
    const length = FRAME * FRAMES;
    const ring = new Uint32Array([BLOCK, length / BLOCK, FRAME, FRAMES]);
    must(libc.setsockopt(this.#fd, SOL_PACKET, PACKET_RX_RING, ring, ring.byteLength), 'PACKET_RX_RING');
    this.#mapping = libc.map(this.#fd, length);
    this.#words = new Uint32Array(this.#mapping.memory);
    this.#bytes = Buffer.from(this.#mapping.memory);
    const address = Buffer.alloc(20);
    address.writeUInt16LE(AF_PACKET, 0);
    address.writeUInt16BE(ETH_P_ALL, 2);
    address.writeInt32LE(index, 4);
    must(libc.bind(this.#fd, address, address.length), 'binding a packet socket');
  }

  /** The next packet that passed; undefined: there is none yet. */
  next(): Captured | undefined {
    const start = this.#frame * FRAME;
    // The kernel writes the status last, and does not touch the frame again before it is given back.
    if ((Atomics.load(this.#words, (start + STATUS) / 4) & TP_STATUS_USER) === 0) return undefined;
    const frame = this.#bytes.subarray(start, start + FRAME);
    const begin = frame.readUInt16LE(START);
    const captured = {
      left: frame[PACKET_TYPE] === PACKET_OUTGOING,
      head: Buffer.from(frame.subarray(begin, begin + frame.readUInt32LE(CAPTURED))),
      stamp: BigInt(frame.readUInt32LE(SECONDS)) * 1_000_000_000n + BigInt(frame.readUInt32LE(NANOSECONDS)),
    };
    Atomics.store(this.#words, (start + STATUS) / 4, TP_STATUS_KERNEL);
    this.#frame = (this.#frame + 1) % FRAMES;
    return captured;
  }

  close(): void {
    this.#mapping.unmap();
    this.#libc.close(this.#fd);
  }
}
