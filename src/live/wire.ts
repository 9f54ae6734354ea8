/** The TUN device and what watches it: segments go in, and those that come out have the kernel's own times. */

import type { SegmentFromSubject } from '../generated/types.js';
import { decodePacket } from '../trace/packet.js';
import { Capture } from './capture.js';
import type { Clock } from './clock.js';
import { errnoName, type Libc, must } from './libc.js';
import type { Peers } from './peers.js';
import { Tun } from './tun.js';

/** A segment that the kernel sent, and when, µs since the reset. */
export type Sent = SegmentFromSubject & { readonly at: number };

const POLLIN = 1;
const POLLERR = 8;
const POLLHUP = 16;
const STDIN = 0;

/** So many packets are written between two looks: what watches the device has room for some thousands. */
const BATCH = 256;

/** The wire of one scenario. */
export class Wire {
  readonly #tun: Tun;
  readonly #libc: Libc;
  readonly #capture: Capture;
  readonly #peers: Peers;
  readonly #clock: Clock;
  /** Packets that left, with the wall clock's time, and have not been read from the device yet. */
  #left: { readonly head: Buffer; readonly at: number }[] = [];
  /** What was sent, in order, and not taken yet. */
  #sent: Sent[] = [];
  /** When the first of the packets arrived that arrived since {@link arrive} began. */
  #arrived: number | undefined;

  constructor(libc: Libc, clock: Clock, peers: Peers) {
    this.#libc = libc;
    this.#tun = new Tun(libc);
    this.#capture = new Capture(libc, this.#tun.index);
    this.#clock = clock;
    this.#peers = peers;
  }

  /** Packets arrive back to back. @returns when the first did */
  arrive(packets: readonly Uint8Array[]): number {
    this.look();
    this.#arrived = undefined;
    const begin = this.#clock.now();
    packets.forEach((packet, i) => {
      this.#tun.write(packet);
      if (i % BATCH === BATCH - 1) this.look();
    });
    this.look();
    return Math.max(this.#arrived ?? begin, begin);
  }

  /** Reads what is there. */
  look(): void {
    const packets: Buffer[] = [];
    for (let packet = this.#tun.read(); packet !== undefined; packet = this.#tun.read())
      packets.push(Buffer.from(packet));
    // A packet is captured before it can be read, so each that was read has a time, unless the packet socket had no room.
    const ahead = this.#clock.ahead();
    for (let one = this.#capture.next(); one !== undefined; one = this.#capture.next()) {
      const at = this.#clock.at(one.stamp, ahead);
      if (one.left) this.#left.push({ head: one.head, at });
      else this.#arrived ??= at;
    }
    for (const packet of packets) this.#read(packet);
  }

  /**
   * Waits until `end`, µs since the reset, and reads what is sent meanwhile, so that nothing is lost for want of room.
   * @throws Error when whoever asks for things at standard input is gone
   */
  wait(end: number): void {
    const fds = Buffer.alloc(16);
    fds.writeInt32LE(this.#tun.fd, 0);
    fds.writeInt16LE(POLLIN, 4);
    fds.writeInt32LE(STDIN, 8);
    const timeout = new BigInt64Array(2);
    for (let now = this.#clock.now(); now < end; now = this.#clock.now()) {
      timeout[0] = BigInt(Math.floor((end - now) / 1e6));
      timeout[1] = BigInt(((end - now) % 1e6) * 1000);
      const ready = this.#libc.ppoll(fds, 2, timeout, null);
      if (ready < 0 && errnoName(ready) !== 'EINTR') must(ready, 'poll');
      if (ready <= 0) continue;
      if ((fds.readInt16LE(14) & (POLLHUP | POLLERR)) !== 0) throw new Error('standard input was closed');
      this.look();
    }
  }

  /** Takes what was sent up to `until`, µs since the reset, of what was read. Times before `since` become `since`. */
  take(since: number, until: number): Sent[] {
    const end = this.#sent.findIndex(({ at }) => at > until);
    return this.#sent
      .splice(0, end === -1 ? this.#sent.length : end)
      .map((one) => ({ ...one, at: Math.max(one.at, since) }));
  }

  /** The device ceases to exist. */
  close(): void {
    this.#capture.close();
    this.#tun.close();
  }

  #read(packet: Buffer): void {
    const index = this.#left.findIndex(({ head }) => head.equals(packet.subarray(0, head.length)));
    const now = this.#clock.now();
    const time = Math.min(this.#left[index]?.at ?? now, now);
    this.#left.splice(0, index + 1);
    const decoded = decodePacket(packet);
    const segment = decoded === undefined ? undefined : this.#peers.sent(decoded);
    if (segment === undefined) return;
    // The wall clock is read only so exactly: what came later is not earlier.
    this.#sent.push({ at: Math.max(time, this.#sent.at(-1)?.at ?? 0), ...segment });
  }
}
