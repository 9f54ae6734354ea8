/** Rules as the page tells them: the sentence that holds for a kernel, and its citation. */

import { ruleSpecs } from '../../../src/generated/rules.js';
import type { RuleSpec } from '../../../src/generated/types.js';
import { citedRelease } from '../../../src/host/kernel-spec.js';
import { KIND_WORDS } from '../../../src/report/timeline-words.js';
import type { KindWords, Told, ToldRules } from '../protocol.js';

const SPECS: ReadonlyMap<string, RuleSpec> = new Map(ruleSpecs.map((rule) => [rule.id, rule]));

/** The rules of these names, by kernel. */
export function toldRules(rules: Iterable<readonly [kernel: string, rule: string]>): ToldRules {
  const told: Record<string, Record<string, Told>> = {};
  for (const [kernel, rule] of rules) {
    const spec = SPECS.get(rule);
    const citation = spec?.kernels[kernel];
    if (spec === undefined || citation === undefined) continue;
    const { sentence = spec.sentence, path, function: name } = citation;
    told[kernel] ??= {};
    told[kernel][rule] ??= { sentence, path, function: name, release: citedRelease(kernel) };
  }
  return told;
}

/** The words for marks, for a page that does not know the rules. */
export const kinds: KindWords = KIND_WORDS;
