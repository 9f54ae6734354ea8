/** Traces of which less is seen. */

import type { Level, Step } from '../../src/generated/types.js';
import type { Trace } from '../../src/run/scenario.js';

/** Each level includes those before it. */
export const LEVELS: readonly Level[] = ['results', 'segments', 'counters', 'queues', 'sockets'];

/** The trace as somebody has it who sees no more than `level`. */
export function seenAt(level: Level, { header, steps }: Trace): Trace {
  const sees = (what: Level): boolean => LEVELS.indexOf(level) >= LEVELS.indexOf(what);
  const seen = (step: Step): Step => {
    const { at, until, counters, listener, sockets } = step.observed;
    return {
      ...step,
      out: sees('segments') ? step.out : [],
      observed: {
        at,
        ...(sees('queues') && listener !== undefined ? { listener } : {}),
        ...(sees('sockets') && sockets !== undefined ? { sockets } : {}),
        counters: sees('counters') ? counters : {},
        until,
      },
    };
  };
  return { header: { ...header, observes: { level } }, steps: steps.map(seen) };
}
