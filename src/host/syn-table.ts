/** The hash table behind a listener's SYN queue, as far as the kernel code above it can tell (2.6.32). */

import type { Instant } from './clock.js';

/** What the table needs to know of a request. */
export interface TableEntry {
  readonly peer: number;
  /** When its timer runs out. */
  expires: Instant;
  /** How often the timer ran out; a request is young while this is 0. */
  retrans: number;
}

/** Counts the entries of a table. */
export interface TableCounts {
  qlen: number;
  /** Of those, the ones that are young. */
  qlen_young: number;
}

/**
 * A table of `size` buckets with chains, the newest entry first. A peer keeps its bucket as long as the table lives.
 * The runner's table has real buckets; the judge's knows only what the trace has shown of them.
 */
export interface SynTable<E extends TableEntry = TableEntry> {
  readonly size: number;
  /** Says who counts the entries: a table that learns late what became of a request puts the counts right. */
  countedBy(counts: TableCounts): void;
  /** The entry of `peer`, if it has one. */
  find(peer: number): E | undefined;
  /** Puts `entry` at the head of its bucket's chain. */
  insert(entry: E): void;
  /** Takes `entry` out of its chain. */
  unlink(entry: E): void;
  /**
   * The entries whose timer has run out at `now` (`time_after_eq(now, expires)`) in `count` buckets from `first` on, wrapping
   * around, in the order in which a walk over the chains meets them. The caller handles each before it asks for the next: it
   * unlinks the entry, or changes its `expires` and `retrans`. `answers` tells whether that would send a SYN-ACK.
   */
  expired(first: number, count: number, now: Instant, answers: (entry: E) => boolean): Iterable<E>;
  /** All entries in ascending bucket order, for the rows of /proc/net/tcp. */
  entries(): Iterable<E>;
  /**
   * `decide` of the queue's length and of its young requests. Where it isn't yet known whether an unseen timer has removed or aged
   * a request, the answer is one of those that the possible lengths give. `decide` has to be monotonic in both.
   */
  decide<T extends number | boolean>(qlen: number, young: number, decide: (qlen: number, young: number) => T): T;
}
