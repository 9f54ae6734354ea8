/** An invariant as a property: it holds of every trace that a model plays. */

import * as fc from 'fast-check';
import type { RuleId } from '../../src/host/rule.js';
import type { KernelVariant } from '../../src/host/variant.js';
import type { Scenario } from '../../src/run/scenario.js';
import { scenario } from '../arbitraries/scenario.js';
import { PROFILES } from '../profiles/index.js';
import { expectThat, type Invariant, type Property, property } from '../property.js';
import { crowded } from './support/crowded.js';

/** Tries an invariant on {@link scenariosFor} its rules. `runs`: how many; default 200. */
export function invariantProperty(invariant: Invariant, runs = 200): Property {
  const { id, sentence, kernels, rules } = invariant;
  return property<Scenario>({
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

/** Crowded listeners, scenarios of every other kind, and for each of `rules` as many of the profiles that are meant to exercise it. */
export function scenariosFor(kernel: KernelVariant, rules: readonly RuleId[]): fc.Arbitrary<Scenario> {
  const profiles = PROFILES.filter(({ kernels }) => kernels.includes(kernel.name));
  const shares = rules
    .map((rule) => profiles.filter((profile) => profile.rules.includes(rule)))
    .filter((fitting) => fitting.length > 0)
    .map((fitting) => fc.oneof(...fitting.map((profile) => profile.scenario(kernel))));
  const weight = Math.max(1, Math.ceil(shares.length / 2));
  return fc.oneof({ weight, arbitrary: crowded() }, scenario(kernel), ...shares);
}
