/** An invariant as a property: it holds of every trace that a model plays. */

import * as fc from 'fast-check';
import { recordedHz } from '../../src/host/kernel-spec.js';
import type { RuleId } from '../../src/host/rule.js';
import type { KernelVariant } from '../../src/host/variant.js';
import type { Scenario } from '../../src/run/scenario.js';
import { scenario } from '../arbitraries/scenario.js';
import { PROFILES } from '../profiles/index.js';
import { expectThat, type Invariant, type Property, property } from '../property.js';
import { crowded } from './support/crowded.js';

/** A scenario, and at how many jiffies per second it is to be played. */
export interface TimedScenario extends Scenario {
  readonly hz: number;
}

/** The jiffies per second that a kernel is tried with: those of its recordings, and 1000. */
export const frequencies = ({ name }: KernelVariant): readonly number[] => [...new Set([recordedHz(name), 1000])];

/** Tries an invariant on {@link scenariosFor} its rules. `runs`: how many; default 200. */
export function invariantProperty(invariant: Invariant, runs = 200): Property {
  const { id, sentence, kernels, rules } = invariant;
  return property<TimedScenario>({
    id,
    sentence,
    kernels,
    rules,
    runs,
    arbitrary: ({ kernel }) => scenariosFor(kernel, rules),
    check: (value, bench) => {
      const wrong = invariant.broken(bench.play(value), bench.kernel.name);
      expectThat(wrong === undefined, () => wrong ?? '');
    },
    scenarios: (value) => [value],
  });
}

/**
 * Crowded listeners, scenarios of every other kind, and for each of `rules` as many of the profiles that are meant to exercise it, at each of the
 * kernel's {@link frequencies}.
 */
export function scenariosFor(kernel: KernelVariant, rules: readonly RuleId[]): fc.Arbitrary<TimedScenario> {
  const profiles = PROFILES.filter(({ kernels }) => kernels.includes(kernel.name));
  const shares = rules
    .map((rule) => profiles.filter((profile) => profile.rules.includes(rule)))
    .filter((fitting) => fitting.length > 0)
    .map((fitting) => fc.oneof(...fitting.map((profile) => profile.scenario(kernel))));
  const weight = Math.max(1, Math.ceil(shares.length / 2));
  const any = fc.oneof({ weight, arbitrary: crowded() }, scenario(kernel), ...shares);
  const [hz, ...more] = frequencies(kernel) as [number, ...number[]];
  if (more.length === 0) return any.map((one) => ({ ...one, hz }));
  return fc.tuple(any, fc.constantFrom(hz, ...more)).map(([one, hz]) => ({ ...one, hz }));
}
