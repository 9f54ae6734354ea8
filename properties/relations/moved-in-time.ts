/** Relation: a scenario that begins later is the same scenario. */

import * as fc from 'fast-check';
import type { RuleId } from '../../src/host/rule.js';
import type { KernelVariant } from '../../src/host/variant.js';
import type { Scenario } from '../../src/run/scenario.js';
import type { PlayedStep } from '../../src/run/simulation.js';
import { EVERY_KERNEL } from '../kernels.js';
import { type Bench, property } from '../property.js';
import { expectSame, factsOf } from './compare.js';
import { anyPlayed, optionsOf, type Played } from './values.js';

interface Moved {
  readonly played: Played;
  /** By how many of the kernel's units it begins later, if nothing in it hangs on a longer period. */
  readonly units: number;
  /** By how many whole periods. */
  readonly periods: number;
}

/** Both begin with a wait, so that neither has anything at the very start, before which there was no second. */
const BEGIN = 2_000_000;

/**
 * After this time, µs, everything is as it was at every HZ: from 4.15 on buckets for delays of up to 258 s are 4096 jiffies wide, 2.6.32 moves timers of
 * up to 1048 s every 16384 jiffies to a finer vector, and the clock of cookies counts minutes.
 */
const PERIOD = 122_880_000_000;

/** Rules of cookies, whose clock counts minutes, and of the order of timers that follows the value of jiffies. */
const BOUND_TO_THE_CLOCK = /cookie|^cascade\//;

/** How many jiffies later is the same time for the timers: any number in 2.6.32, whole buckets of the widest timers from 4.15 on. */
const unitOf = (kernel: KernelVariant): number => (kernel.name === '2.6.32' ? 1 : 4096);

const later = (scenario: Played, by: number): Played => ({
  ...scenario,
  events: [{ wait: BEGIN + by }, ...scenario.events],
});

const isBound = (steps: readonly PlayedStep[]): boolean =>
  steps.some(({ rules }) => rules.some((rule: RuleId) => BOUND_TO_THE_CLOCK.test(rule)));

/** The scenario, and the same one later. */
function both({ played, units, periods }: Moved, bench: Bench): { by: number; runs: [PlayedStep[], PlayedStep[]] } {
  const play = (by: number): PlayedStep[] => bench.play(later(played, by), optionsOf(played)).steps.slice(1);
  const first = play(0);
  const some = units * unitOf(bench.kernel) * (1_000_000 / played.hz);
  const second = play(some);
  if (!isBound(first) && !isBound(second)) return { by: some, runs: [first, second] };
  return { by: periods * PERIOD, runs: [first, play(periods * PERIOD)] };
}

/** A step as it would be if it had begun earlier. */
function earlier(step: PlayedStep, by: number): PlayedStep {
  const { at, out, observed } = step;
  return {
    ...step,
    at: at - by,
    out: out.map((segment) => ({ ...segment, at: segment.at - by })),
    observed: { ...observed, at: observed.at - by, until: observed.until - by },
  };
}

const RULES: readonly RuleId[] = [
  'syn_ack_recalc/resend',
  'syn_ack_recalc/expire',
  'cookie_v4_check/valid',
  'tcp_send_delayed_ack/later',
  'inet_csk_accept/oldest-first',
];

export const movedInTime = property<Moved>({
  id: 'moved-in-time',
  sentence:
    'Moving a scenario in time changes nothing but the times: on 2.6.32 by whole jiffies, from 4.15 on by whole buckets of 4096 jiffies, and where cookies or the order of timers follow the clock, by a whole common period.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  runs: 500,
  arbitrary: ({ kernel }) =>
    fc.record({
      played: anyPlayed(kernel, RULES),
      units: fc.integer({ min: 1, max: 5000 }),
      periods: fc.integer({ min: 1, max: 3 }),
    }),
  check(value, bench) {
    const { by, runs } = both(value, bench);
    for (const [i, step] of runs[0].entries()) {
      const moved = earlier(runs[1][i] as PlayedStep, by);
      const facts = (one: PlayedStep) => ({ ...factsOf(one), at: one.at, until: one.observed.until, rules: one.rules });
      expectSame(facts(step), facts(moved), step.event, i + 1, `${by} us later`);
    }
  },
  scenarios(value, bench): readonly Scenario[] {
    return [later(value.played, 0), later(value.played, both(value, bench).by)];
  },
});
