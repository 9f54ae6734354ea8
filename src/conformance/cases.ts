/** What a subject is put through: recorded scenarios, and campaigns of generated ones. */

import { limitsOf, type ScenarioLimits, UNLIMITED, unmet } from '../../properties/arbitraries/limits.js';
import { defaultOf } from '../../properties/arbitraries/sysctls.js';
import { PROFILES } from '../../properties/profiles/index.js';
import { type Profile, unmetByProfile } from '../../properties/profiles/profile.js';
import type { Capabilities } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import type { Scenario } from '../run/scenario.js';
import { goldenScenarios } from './golden.js';

/** What every case has. */
interface CaseBase {
  /** `golden/` and the id of a recording, or `campaign/` and the id of a profile. Does not depend on the subject. */
  readonly name: string;
  /** What it is, in one sentence. */
  readonly sentence: string;
  /** What it needs and the subject lacks, in words; none: it can be run. */
  readonly lacking: readonly string[];
}

/** One recorded scenario. */
export interface GoldenCase extends CaseBase {
  readonly kind: 'golden';
  readonly scenario: Scenario;
}

/** Many generated scenarios of one kind. */
export interface CampaignCase extends CaseBase {
  readonly kind: 'campaign';
  readonly profile: Profile;
  /** What the scenarios are kept within. */
  readonly limits: ScenarioLimits;
}

/** See {@link GoldenCase} and {@link CampaignCase}. */
export type Case = GoldenCase | CampaignCase;

/**
 * All cases of a kernel, in a fixed order: the recordings, then the campaigns.
 * @param capabilities of the subject; by default those of one that can be put through everything
 */
export function casesFor(kernel: KernelVariant, capabilities?: Capabilities): readonly Case[] {
  const limits = capabilities === undefined ? UNLIMITED : limitsOf(capabilities);
  const golden = goldenScenarios(kernel).map(({ id, release, scenario }): Case => {
    const sentence = `It does what Linux ${release} may do in the recorded scenario ${id}.`;
    const lacking = unmet(withoutDefaults(scenario, kernel, limits), kernel, limits);
    return { kind: 'golden', name: `golden/${id}`, sentence, lacking, scenario };
  });
  const campaigns = PROFILES.filter(({ kernels }) => kernels.includes(kernel.name)).map((profile): Case => {
    const lacking = unmetByProfile(profile, limits);
    return { kind: 'campaign', name: `campaign/${profile.id}`, sentence: profile.sentence, lacking, profile, limits };
  });
  return [...golden, ...campaigns];
}

/** Without the settings that a subject does not know and that are the kernel's defaults, which it keeps. */
export function withoutDefaults(scenario: Scenario, kernel: KernelVariant, { sysctls }: ScenarioLimits): Scenario {
  if (sysctls === 'all') return scenario;
  const needed = Object.entries(scenario.sysctl).filter(
    ([sysctl, value]) => sysctls.has(sysctl) || defaultOf(kernel, sysctl) !== value,
  );
  return { ...scenario, sysctl: Object.fromEntries(needed) };
}
