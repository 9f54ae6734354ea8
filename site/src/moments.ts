/** What timelines say of a moment: how the queues are, what has happened so far, and at which moments anything happens. */

import type { RuleId } from '../../src/host/rule.js';
import type { Mark, MarkKind, QueueSample, Timeline } from '../../src/timeline/timeline.js';

/** Marks by which somebody loses something. */
const LOSSES: ReadonlySet<MarkKind> = new Set<MarkKind>(['syn-dropped', 'ack-dropped', 'reset', 'expired']);

/** Rules by which nobody does: a server that is done with a connection may close it with a reset. */
const NO_LOSSES: ReadonlySet<RuleId> = new Set<RuleId>(['tcp_disconnect/reset']);

const isLoss = ({ kind, rule }: Mark): boolean => LOSSES.has(kind) && (rule === undefined || !NO_LOSSES.has(rule));

/** What happens at one moment. */
export interface Stop {
  /** µs. */
  readonly at: number;
  readonly events: readonly { readonly kernel: string; readonly mark: Mark }[];
  /** Somebody loses something. */
  readonly isLoss: boolean;
  /** The rows of the picture in which it is marked: the number of the timeline, and the kind. */
  readonly rows: ReadonlySet<string>;
}

/** The moments of all timelines at which anything happens, in order. */
export function stopsOf(timelines: readonly Timeline[]): readonly Stop[] {
  const moments = new Map<number, { kernel: string; mark: Mark; row: string }[]>();
  for (const [i, { kernel, marks }] of timelines.entries()) {
    for (const mark of marks) {
      const event = { kernel, mark, row: `${i}/${mark.kind}` };
      const events = moments.get(mark.at);
      if (events === undefined) moments.set(mark.at, [event]);
      else events.push(event);
    }
  }
  return [...moments]
    .map(([at, events]) => {
      return {
        at,
        events,
        isLoss: events.some(({ mark }) => isLoss(mark)),
        rows: new Set(events.map(({ row }) => row)),
      };
    })
    .sort((a, b) => a.at - b.at);
}

/** The index of the last of `items` that is not after `at`; -1: all are. */
export function lastAt(items: readonly { readonly at: number }[], at: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as { at: number }).at <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The queues at a moment; undefined: the timeline has not begun. */
export const sampleAt = ({ samples }: Timeline, at: number): QueueSample | undefined => samples[lastAt(samples, at)];

/** How often each kind has happened up to a moment. */
export function countsAt({ marks }: Timeline, at: number): ReadonlyMap<MarkKind, number> {
  const counts = new Map<MarkKind, number>();
  for (const { at: when, kind, count } of marks) {
    if (when > at) break;
    counts.set(kind, (counts.get(kind) ?? 0) + count);
  }
  return counts;
}
