/** Which rules of a kernel the scenarios exercised, and why not the others. */

import { ruleSpecs } from '../generated/rules.js';
import type { RuleCoverage, RuleSpec, UnexercisedRule } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import type { Case } from './cases.js';

/** Splits the rules of a kernel by whether they are among the `exercised`. `cases`: all of the kernel, as they are for the subject. */
export function coverageOf(
  kernel: KernelVariant,
  cases: readonly Case[],
  exercised: ReadonlySet<string>,
): RuleCoverage {
  const rules = ruleSpecs.filter(({ kernels }) => kernel.name in kernels);
  const never = rules.filter(({ id }) => !exercised.has(id)).map((rule) => unexercised(rule, cases));
  return { exercised: rules.map(({ id }) => id).filter((id) => exercised.has(id)), never };
}

/** A rule that was not exercised, with what the subject lacks for the campaigns that are meant to exercise it, if it lacks it for all of them. */
function unexercised({ id, reach }: RuleSpec, cases: readonly Case[]): UnexercisedRule {
  const meant = cases.filter((one) => one.kind === 'campaign' && one.profile.rules.some((rule) => rule === id));
  const lacking = meant.find((one) => one.lacking.length > 0)?.lacking;
  if (lacking !== undefined && meant.every((one) => one.lacking.length > 0)) {
    return { rule: id, reason: `needs ${lacking.join('; ')}` };
  }
  return reach === 'fault' ? { rule: id, reason: 'no scenario without faults reaches it' } : { rule: id };
}
