/** What a trace lets be seen and how exactly, by its header. What is not seen is not judged. */

import type { Level, Tolerance, TraceHeader } from '../generated/types.js';
import { TCP_EXT_ROW, TCP_ROW } from '../host/counters.js';
import { sees } from '../trace/level.js';
import { TOLERANCES } from './tolerance.js';

/** What is seen. */
export interface View {
  /** How late a timer's segment may be seen. */
  readonly tolerance: Tolerance;
  /** µs after the begin of its tick within which a timer may run. 0 where the clock is the kernel's own, or virtual. */
  readonly late: number;
  /** Within how many of the next steps a segment may appear that was missed in its own. */
  readonly lookahead: number;
  /** The segments that are sent. */
  readonly segments: boolean;
  /** The counters that are seen, by the file that is read for them. */
  readonly counterRows: readonly ReadonlySet<string>[];
  readonly seesAllCounters: boolean;
  /** Whether a counter is seen, also if no kernel here has one of that name. */
  seesCounter(name: string): boolean;
  /** The listener's state and its accept queue. */
  readonly listener: boolean;
  /** The rows of sockets. */
  readonly sockets: boolean;
  /** How often a request has timed out decides what becomes of an ACK: the listener defers `accept`. */
  readonly timeoutsTell: boolean;
}

/** The {@link View.lookahead} where segments may be late. */
const LOOKAHEAD = 16;

/** The view that a trace with this header gives. */
export function viewOf({ origin, observes, tolerance, sockopt }: TraceHeader): View {
  const shown = { observes: observes ?? { level: 'sockets' } } as const;
  const shows = (what: Level): boolean => sees(shown, what);
  const named = observes?.counters === undefined ? undefined : new Set(observes.counters);
  const seesCounter = (name: string): boolean => shows('counters') && (named === undefined || named.has(name));
  const rows = [TCP_ROW, TCP_EXT_ROW].map((row) => new Set<string>(row.filter(seesCounter)));
  return {
    tolerance: tolerance ?? TOLERANCES[origin],
    late: tolerance?.timer ?? 0,
    lookahead: tolerance === undefined ? 1 : LOOKAHEAD,
    segments: shows('segments'),
    counterRows: rows.filter(({ size }) => size > 0),
    seesAllCounters: shows('counters') && named === undefined,
    seesCounter,
    listener: shows('queues'),
    sockets: shows('sockets'),
    timeoutsTell: (sockopt.TCP_DEFER_ACCEPT ?? 0) > 0,
  };
}
