/** The names of the rules, and the rules that TCP's traces show. */

import { ruleSpecs } from '../generated/rules.js';
import type { RuleSpec } from '../generated/types.js';

/** A rule's name: `<c function>/<case>`. One that `spec/rules.json` does not list does not compile. */
export type { RuleId } from '../generated/rules.js';

/** The rules of TCP: those that scenarios reach and traces show. The others are about packets in front of it. */
export const tcpRuleSpecs: readonly RuleSpec[] = ruleSpecs.filter(({ layer }) => layer === undefined);
