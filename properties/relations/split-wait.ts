/** Relation: nothing hangs on how often one looks at the clock. */

import * as fc from 'fast-check';
import type { TraceEvent } from '../../src/generated/types.js';
import type { RuleId } from '../../src/host/rule.js';
import type { PlayedStep } from '../../src/run/simulation.js';
import { EVERY_KERNEL } from '../kernels.js';
import { property } from '../property.js';
import { expectSame, factsOf } from './compare.js';
import { anyPlayed, optionsOf, type Played } from './values.js';

interface Split {
  readonly played: Played;
  /** Where waits are cut, in thousandths: the first one at the first, and so on, over again. */
  readonly cuts: readonly number[];
}

/** Each event of the scenario as the events that it becomes. */
function parts({ played, cuts }: Split): TraceEvent[][] {
  let waits = 0;
  return played.events.map((event) => {
    if (!('wait' in event)) return [event];
    const cut = cuts[waits++ % cuts.length] as number;
    const first = Math.floor((event.wait * cut) / 1000);
    return [{ wait: first }, { wait: event.wait - first }];
  });
}

const split = (value: Split): Played => ({ ...value.played, events: parts(value).flat() });

/** Two steps as one: what was sent and counted in both, and the last reading. */
function joined(first: PlayedStep, second: PlayedStep): PlayedStep {
  const counters: Record<string, number> = { ...first.observed.counters };
  for (const [name, moved] of Object.entries(second.observed.counters ?? {}))
    counters[name] = (counters[name] ?? 0) + moved;
  return {
    ...second,
    at: first.at,
    out: [...first.out, ...second.out],
    observed: { ...second.observed, counters },
    rules: [...first.rules, ...second.rules],
  };
}

/** With the counters by name, since the order in which two steps listed theirs means nothing. */
function facts(step: PlayedStep) {
  const { counters, ...others } = factsOf(step);
  const sorted = Object.entries(counters as object).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...others, counters: Object.fromEntries(sorted), rules: step.rules };
}

const RULES: readonly RuleId[] = ['syn_ack_recalc/resend', 'syn_ack_recalc/expire', 'tcp_send_delayed_ack/later'];

export const splitWait = property<Split>({
  id: 'split-wait',
  sentence: 'A wait and two waits that take as long together are the same.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  runs: 500,
  arbitrary: ({ kernel }) =>
    fc.record({
      played: anyPlayed(kernel, RULES),
      cuts: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 5 }),
    }),
  check(value, bench) {
    const { played } = value;
    const whole = bench.play(played, optionsOf(played)).steps;
    const pieces = bench.play(split(value), optionsOf(played)).steps.values();
    for (const [i, group] of parts(value).entries()) {
      const step = whole[i] as PlayedStep;
      const together = group.map(() => pieces.next().value as PlayedStep).reduce(joined);
      expectSame(facts(step), facts(together), step.event, i, 'with each wait split');
    }
  },
  scenarios: (value) => [value.played, split(value)],
});
