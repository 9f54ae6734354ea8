/** The rules in which two kernels differ: what one of them lacks, and what says something else in each. */

import type { RuleSpec } from '../../src/generated/types.js';
import { type RuleId, tcpRuleSpecs } from '../../src/host/rule.js';

const sentenceIn = ({ sentence, kernels }: RuleSpec, kernel: string): string => kernels[kernel]?.sentence ?? sentence;

const caseOf = ({ id }: RuleSpec): string => id.slice(id.indexOf('/'));

/** The ids of the rules that are not the same in both kernels. A rule that only moved to a function of another name is the same. */
export function changedRules(one: string, other: string): ReadonlySet<RuleId> {
  const changed = tcpRuleSpecs.filter((rule) => {
    const { kernels, topic } = rule;
    if (one in kernels && other in kernels) return sentenceIn(rule, one) !== sentenceIn(rule, other);
    const [has, lacks] = one in kernels ? [one, other] : [other, one];
    if (!(has in kernels)) return false;
    return !tcpRuleSpecs.some(
      (twin) =>
        twin.topic === topic &&
        caseOf(twin) === caseOf(rule) &&
        lacks in twin.kernels &&
        !(has in twin.kernels) &&
        sentenceIn(twin, lacks) === sentenceIn(rule, has),
    );
  });
  return new Set(changed.map(({ id }) => id as RuleId));
}
