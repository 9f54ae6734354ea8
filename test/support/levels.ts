/** Traces of which less is seen. */

import type { Level, Step } from '../../src/generated/types.js';
import type { Trace } from '../../src/run/scenario.js';
import { sees } from '../../src/trace/level.js';

/** The trace as somebody has it who sees no more than `level`. */
export function seenAt(level: Level, { header, steps }: Trace): Trace {
  const shows = (what: Level): boolean => sees({ observes: { level } }, what);
  const seen = (step: Step): Step => {
    const { at, until, counters, listener, sockets } = step.observed;
    return {
      ...step,
      out: shows('segments') ? step.out : [],
      observed: {
        at,
        ...(shows('queues') && listener !== undefined ? { listener } : {}),
        ...(shows('sockets') && sockets !== undefined ? { sockets } : {}),
        counters: shows('counters') ? counters : {},
        until,
      },
    };
  };
  return { header: { ...header, observes: { level } }, steps: steps.map(seen) };
}
