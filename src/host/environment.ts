/** What surrounds a kernel: chance, the wire, and the syscalls' faults. The runner and the judge each bring their own. */

import type { Host } from './host.js';
import type { OutSegment } from './segment.js';
import type { SynTable, TableEntry } from './syn-table.js';

/** What is being chosen; it names the choice in explanations. */
export type ChoiceKind =
  | 'fraction of a jiffy'
  | 'phase of jiffies'
  | 'minute of the cookie clock'
  | 'wrap of jiffies'
  | 'bucket of a request'
  | 'length of the SYN queue'
  | 'timer before or after an event'
  | 'timer in the middle of a read'
  | 'challenge ACK budget';

/** The outside of a {@link Host}. Implementations are marked SHARED: a cloned host keeps the environment of the original. */
export interface Environment {
  /** One of the `n` ways in which the kernel may go on here, 0 to n - 1. Never called with n < 2. */
  choose(n: number, kind: ChoiceKind): number;
  /** 32 random bits: an initial sequence number, a hash seed. */
  random32(): number;
  /** A segment leaves the machine. */
  transmit(host: Host, segment: OutSegment): void;
  /** The hash table of a listener's SYN queue with `size` buckets (2.6.32). */
  synTable<E extends TableEntry>(host: Host, size: number): SynTable<E>;
}
