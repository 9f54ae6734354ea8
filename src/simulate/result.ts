/** What came of a workload, as plain data. */

import type { Errno, Sysctls } from '../generated/types.js';
import type { CounterName } from '../host/counters.js';
import type { RuleId } from '../host/rule.js';
import type { Sign } from './signs.js';

/** What came of each client in the end; every one has exactly one fate. */
export interface Fates {
  /** Its connection was accepted. */
  readonly accepted: number;
  /** It is connected and waits in the accept queue. */
  readonly waiting: number;
  /** `connect` failed with ECONNREFUSED. */
  readonly refused: number;
  /** It was connected, as far as it knew, and then got ECONNRESET before it was accepted. */
  readonly reset: number;
  /** `connect` failed with ETIMEDOUT. */
  readonly connectTimedOut: number;
  /** It was connected, as far as it knew, and then ETIMEDOUT, since nobody acknowledged what it wrote. */
  readonly writeTimedOut: number;
  /** It lost patience before it was accepted. */
  readonly gaveUp: number;
  /** It is connected as far as it knows, but the server has no connection for it. */
  readonly hanging: number;
  /** Its `connect` has not returned yet. */
  readonly connecting: number;
}

/** `connect` calls that succeeded after the same number of SYNs. */
export interface Connects {
  readonly syns: number;
  /** µs: when the last of the SYNs was sent, counted from the first. */
  readonly after: number;
  readonly clients: number;
}

/** Times of many clients, µs. */
export interface Latency {
  readonly clients: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** What a queue did. */
export interface QueueUse {
  /** The length with which the queue counts as full; undefined: nobody ever listened. */
  readonly limit: number | undefined;
  readonly deepest: number;
  /** µs during which it was full. */
  readonly full: number;
}

/** How often a rule decided something to a client's disadvantage, and when it began. */
export interface Trouble {
  readonly sign: Sign;
  readonly rule: RuleId;
  /** The rule in a sentence. */
  readonly sentence: string;
  /** µs: the first time. A timer's is told when the machine was looked at next, at most the way to a client later. */
  readonly first: number;
  readonly times: number;
}

/** What came of a workload on one kernel. */
export interface WorkloadResult {
  readonly kernel: string;
  readonly backlog: number;
  /** Of the sysctls asked for, those that the kernel refused, with the errno. */
  readonly refusedSysctls: Readonly<Record<string, string>>;
  /** The sysctls that decide about the queues, as they were, by full name. */
  readonly sysctl: Sysctls;
  /** What `listen` gave. */
  readonly listen: 0 | Errno;
  /** µs: when the run ended. */
  readonly until: number;
  readonly clients: number;
  readonly fates: Fates;
  readonly connects: readonly Connects[];
  /** From the first SYN until `connect` succeeded; undefined where none did. */
  readonly connectLatency: Latency | undefined;
  /** From the first SYN until the server accepted; undefined where it accepted none. */
  readonly acceptLatency: Latency | undefined;
  /** SYNs from made-up addresses, and how many of them were answered. */
  readonly flood: { readonly syns: number; readonly answered: number };
  readonly synQueue: QueueUse & { readonly deepestYoung: number };
  readonly acceptQueue: QueueUse;
  /** Everything that moved, by the names that nstat shows. */
  readonly counters: Readonly<Partial<Record<CounterName, number>>>;
  /** In order of their first time. */
  readonly troubles: readonly Trouble[];
  /** The first lines of the kernel log, with their time in µs. */
  readonly log: readonly { readonly at: number; readonly line: string }[];
  /** How many lines the kernel log has in all. */
  readonly logLines: number;
}

/** Whether a client lost something: its SYN had to be sent again, or it was turned away, or hangs. */
export function losses({ clients, connects, fates }: WorkloadResult): number {
  const atOnce = connects.find(({ syns }) => syns === 1)?.clients ?? 0;
  const { reset, writeTimedOut, hanging, gaveUp } = fates;
  return Math.min(clients, clients - atOnce + reset + writeTimedOut + hanging + gaveUp);
}
