/** What a profile is: a named kind of scenario. */

import type * as fc from 'fast-check';
import type { Feature } from '../../src/generated/types.js';
import type { RuleId } from '../../src/host/rule.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { KERNELS } from '../../src/kernels.js';
import type { Scenario } from '../../src/run/scenario.js';
import { FEATURES, type ScenarioLimits, UNLIMITED } from '../arbitraries/limits.js';
import { type ScenarioConstraints, scenario } from '../arbitraries/scenario.js';

/** What a profile is pointless without. */
export interface ProfileNeeds {
  readonly features?: readonly Feature[];
  readonly sysctls?: readonly string[];
  readonly sockopts?: readonly string[];
}

/** A named kind of scenario, made to exercise certain rules. */
export interface Profile {
  /** In kebab-case; the name of its file. */
  readonly id: string;
  /** What its scenarios do, in one sentence. */
  readonly sentence: string;
  /** The variants that it is for. */
  readonly kernels: readonly string[];
  /** The rules that it is meant to exercise: of those that a kernel has, each fires in a campaign of the default length with the default seed. */
  readonly rules: readonly RuleId[];
  /** How many scenarios a campaign tries. */
  readonly runs: number;
  /** What a subject must be capable of, or the scenarios would show nothing of what they are for. */
  readonly needs: ProfileNeeds;
  /** The scenarios. Under limits (default: none) a subject that has them can be put through each. */
  scenario(kernel: KernelVariant, limits?: ScenarioLimits): fc.Arbitrary<Scenario>;
}

/** What a profile needs and the limits lack, in words; none: it is worth trying. */
export function unmetByProfile({ needs }: Pick<Profile, 'needs'>, limits: ScenarioLimits): string[] {
  const { features = [], sysctls = [], sockopts = [] } = needs;
  const unknown = (names: readonly string[], known: ReadonlySet<string> | 'all'): string[] =>
    known === 'all' ? [] : names.filter((name) => !known.has(name));
  return [
    ...features.filter((one) => !limits.features.has(one)).map((one) => `${one}: ${FEATURES[one]}`),
    ...unknown(sysctls, limits.sysctls).map((name) => `the sysctl ${name}`),
    ...unknown(sockopts, limits.sockopts).map((name) => `the socket option ${name}`),
  ];
}

/** What has to be said of a profile. */
export interface ProfileSpec extends Pick<Profile, 'id' | 'sentence' | 'rules' | 'runs'> {
  /** Default: all. */
  readonly kernels?: readonly string[];
  /** Default: nothing. */
  readonly needs?: ProfileNeeds;
  /** What the scenarios are made of. */
  constraints(kernel: KernelVariant): Omit<ScenarioConstraints, 'limits'>;
}

/** Makes a profile. */
export function profile(spec: ProfileSpec): Profile {
  const { id, sentence, rules, runs, kernels = KERNELS.map(({ name }) => name), needs = {} } = spec;
  return {
    id,
    sentence,
    kernels,
    rules,
    runs,
    needs,
    scenario: (kernel, limits = UNLIMITED) => scenario(kernel, { ...spec.constraints(kernel), limits }),
  };
}
