/** Which rules of a kernel the scenarios exercised, and why not the others. */

import { limitsOf } from '../../properties/arbitraries/limits.js';
import { PROFILES } from '../../properties/profiles/index.js';
import { type ProfileNeeds, unmetByProfile } from '../../properties/profiles/profile.js';
import type { Capabilities, RuleCoverage, RuleSpec, UnexercisedRule } from '../generated/types.js';
import { tcpRuleSpecs } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';

const COOKIES: ProfileNeeds = { features: ['cookies'] };
const DEFER_ACCEPT: ProfileNeeds = { sockopts: ['TCP_DEFER_ACCEPT'] };
const FAST_OPEN: ProfileNeeds = { features: ['data'], sysctls: ['net.ipv4.tcp_fastopen'] };

/** What no scenario does without that exercises a rule of the topic. Other topics can be met in many ways. */
const NEEDS: Readonly<Record<string, ProfileNeeds>> = {
  'close-shutdown': { features: ['shutdown'] },
  'cookie-accept-queue-full': COOKIES,
  'cookie-bad': COOKIES,
  'cookie-failures': { features: ['cookies', 'faults'] },
  'cookie-good': COOKIES,
  'cookie-handshake': COOKIES,
  'fastopen-accept': FAST_OPEN,
  'fastopen-ack': FAST_OPEN,
  'fastopen-cookie': FAST_OPEN,
  'fastopen-duplicate-syn': FAST_OPEN,
  'fastopen-expiry': FAST_OPEN,
  'fastopen-no-child': { ...FAST_OPEN, features: ['data', 'faults'] },
  'fastopen-queue': FAST_OPEN,
  'fastopen-reset': FAST_OPEN,
  'fastopen-slot': FAST_OPEN,
  'fastopen-syn': FAST_OPEN,
  'fastopen-timeout': FAST_OPEN,
  'option-defer-accept': DEFER_ACCEPT,
  'option-syncnt': { sockopts: ['TCP_SYNCNT'] },
  'queue-defer-accept': DEFER_ACCEPT,
  'request-defer-accept': DEFER_ACCEPT,
  'reset-broadcast': { features: ['broadcast'] },
  'syn-broadcast': { features: ['broadcast'] },
  'syn-cookie': COOKIES,
};

/** Rules that hang on for how long the machine has been up, which no scenario decides. */
const BY_UPTIME = /\/jiffies-near-zero$/;

/** Splits the rules of a kernel by whether they are among the `exercised`. The others have a reason where it is certain. */
export function coverageOf(
  kernel: KernelVariant,
  capabilities: Capabilities,
  exercised: ReadonlySet<string>,
): RuleCoverage {
  const rules = tcpRuleSpecs.filter(({ kernels }) => kernel.name in kernels);
  const never = rules.filter(({ id }) => !exercised.has(id)).map((rule) => unexercised(rule, capabilities));
  return { exercised: rules.map(({ id }) => id).filter((id) => exercised.has(id)), never };
}

/** A rule that was not exercised: because the subject cannot be put through what it takes, because the kit has nothing that does, or for no certain reason. */
function unexercised({ id, topic, reach }: RuleSpec, capabilities: Capabilities): UnexercisedRule {
  const isFault = reach === 'fault';
  const isReached = PROFILES.some(({ rules }) => rules.some((rule) => rule === id));
  if (!isReached && (isFault || BY_UPTIME.test(id))) {
    return { rule: id, reason: 'no scenario reaches it' };
  }
  const needs = NEEDS[topic] ?? (isFault ? { features: ['faults'] } : {});
  const lacking = unmetByProfile({ needs }, limitsOf(capabilities));
  return lacking.length > 0 ? { rule: id, reason: `needs ${lacking.join('; ')}` } : { rule: id };
}
