/** The environment of a run: chance from a seed, and a wire that keeps what was sent. Part of the machine's state, so it is cloned with it. */

import type { Environment } from '../host/environment.js';
import type { Host } from '../host/host.js';
import type { OutSegment } from '../host/segment.js';
import type { SynTable, TableEntry } from '../host/syn-table.js';
import { HashedSynTable } from './hashed-syn-table.js';

/** A segment with the time at which it left, µs. */
export interface Sent extends OutSegment {
  readonly at: number;
}

/** The same seed gives the same run. */
export class SeededEnvironment implements Environment {
  /** What was sent since somebody last emptied this list. */
  sent: Sent[] = [];
  /** The time, µs; whoever drives the machine sets it. */
  time = 0;
  private state: number;

  /** `seed`: any integer. */
  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  choose(n: number): number {
    return Math.floor((this.random32() / 2 ** 32) * n);
  }

  /** The next number of a splitmix32 generator. */
  random32(): number {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let z = this.state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  }

  transmit(_host: Host, segment: OutSegment): void {
    // Spelled out: a spread would take four times as long, and every segment passes here.
    const { peer, syn, ack, rst, fin, psh, seq, ack_seq, len, rule } = segment;
    this.sent.push({ at: this.time, peer, syn, ack, rst, fin, psh, seq, ack_seq, len, rule });
  }

  synTable<E extends TableEntry>(host: Host, size: number): SynTable<E> {
    return new HashedSynTable<E>(host, size, this.random32());
  }
}
