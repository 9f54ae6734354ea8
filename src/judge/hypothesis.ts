/** One way in which the trace so far may have come about: a machine, and what the recorder has seen of it. */

import type { CounterName } from '../host/counters.js';
import type { Host } from '../host/host.js';
import type { OutSegment, SkBuff } from '../host/segment.js';
import type { SequenceNumber } from '../host/sequence.js';
import type { Sights } from './sights.js';

/** A segment that left after the recorder last looked at the device. */
export interface Unseen {
  readonly segment: OutSegment;
  /** µs; not before this. */
  readonly after: number;
  /** µs; by then the recorder would have seen it, if it had looked. */
  readonly until: number;
}

/** Cloned as a whole, the machine included. */
export class Hypothesis {
  host!: Host;
  /** The sequence number of the last SYN-ACK seen, or sent where none are seen, by peer. */
  readonly synAcks = new Map<number, SequenceNumber>();
  /** The peers that were given a second initial number: what the first one's connection sends lies anywhere from the second one. */
  readonly renumbered = new Set<number>();
  /** The segments of the arrival that is being handled. */
  burst: readonly SkBuff[] = [];
  /** Sent, but not seen yet; in order. */
  unseen: Unseen[] = [];
  /** The counters as they were when last read. */
  readonly read: Partial<Record<CounterName, number>> = {};
  /** What was to be seen within the step that was played last; undefined: nobody asked for it. */
  sights: Sights | undefined;
  /** State of {@link random32}. */
  private drawn = 0;

  /** Numbers that do not repeat and lie far apart. */
  random32(): number {
    this.drawn += 1;
    return Math.imul(this.drawn, 0x9e3779b1) >>> 0;
  }
}
