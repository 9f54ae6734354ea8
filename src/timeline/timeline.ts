/** What a timeline is: the lengths of a listener's queues over time, and the moments at which something went another way. */

import type { RuleId } from '../host/rule.js';

/** What a listener's queues did, over time. */
export interface Timeline {
  /** The variant, as in `4.15`. */
  readonly kernel: string;
  readonly title: string;
  /** µs: the first moment. */
  readonly from: number;
  /** µs: the last moment. */
  readonly until: number;
  /** In order; each holds from its `at` (µs) until the next. */
  readonly samples: readonly QueueSample[];
  /** In order. */
  readonly marks: readonly Mark[];
}

/** How long the queues were at a moment, and how long they could become. */
export interface QueueSample {
  readonly at: number;
  /** Requests that wait for their handshake. */
  readonly synQueue: number;
  /** Of those, the ones whose timer has not run out yet. */
  readonly young: number;
  /** Connections that wait for `accept`. */
  readonly acceptQueue: number;
  /** How many requests the SYN queue holds when it counts as full; undefined: nobody listens. */
  readonly synLimit: number | undefined;
  /** How many connections the accept queue holds when it counts as full; undefined: nobody listens. */
  readonly acceptLimit: number | undefined;
}

/** What can be marked. */
export type MarkKind = 'syn-dropped' | 'ack-dropped' | 'cookie' | 'reset' | 'retransmission' | 'accepted' | 'expired';

/** Something that happened at a moment. */
export interface Mark {
  readonly at: number;
  readonly kind: MarkKind;
  /** How many at this moment. */
  readonly count: number;
  /** The rule that decided; of several, the first. */
  readonly rule: RuleId | undefined;
  /** The peer that it happened to; of several, the first. */
  readonly peer: number | undefined;
}
