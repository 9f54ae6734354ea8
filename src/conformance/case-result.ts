/** What came of a case, in words: all that it takes to look into a failure. */

import { ruleSpecs } from '../generated/rules.js';
import type { CaseFailure, CaseResult, DeviationUse, WholeTrace } from '../generated/types.js';

/** How many of the rules of a step are told. The last ones are nearest to what is not allowed. */
const RULES_TOLD = 4;

/** The trace of a failure as it is saved in a file. */
export const traceLines = ({ header, steps }: WholeTrace): string =>
  [header, ...steps].map((line) => `${JSON.stringify(line)}\n`).join('');

/** What is not allowed, why, and how it was found; lines of text. `kernel`: the variant that judged. */
export function failureInWords(failure: CaseFailure, kernel: string): string[] {
  const { step, field, rules, broken, campaign, replay, trace } = failure;
  const place = step === 0 ? 'its settings' : `step ${step} of ${trace.steps.length}`;
  const lines =
    field === ''
      ? [`${place}: what follows cannot be`]
      : [`${place}: ${field}: expected ${inWords(failure.expected)}, observed ${inWords(failure.observed)}`];
  if (rules.length === 0) lines.push('no rule does anything here');
  for (const rule of rules.slice(-RULES_TOLD)) lines.push(`rule ${rule}: ${sentenceOf(rule, kernel)}`);
  for (const { invariant, sentence, message } of broken)
    lines.push(`invariant ${invariant}: ${sentence} Found: ${message}`);
  if (campaign !== undefined) {
    const { seed, path, runs, shrinks } = campaign;
    lines.push(
      `found after ${counted(runs, 'run')}, made smaller ${counted(shrinks, 'time')}; seed ${seed}, path ${path}`,
    );
  }
  return [...lines, `replay: ${replay}`];
}

/** What a rule says of a kernel. */
export function sentenceOf(rule: string, kernel: string): string {
  const spec = ruleSpecs.find(({ id }) => id === rule);
  return spec?.kernels[kernel]?.sentence ?? spec?.sentence ?? '';
}

/** The message of a case that failed: the facts, and the trace as it can be saved. */
export function failureMessage({ case: name, sentence, failure }: CaseResult, kernel: string): string {
  if (failure === undefined) return `${name}: ${sentence}`;
  const facts = failureInWords(failure, kernel).map((line) => `  ${line}`);
  return [`${name}: ${sentence}`, ...facts, traceLines(failure.trace).trimEnd()].join('\n');
}

/** A known deviation that is not one any more. */
export function staleInWords({ deviation, cases }: DeviationUse): string {
  const { case: name, rule, reason, link } = deviation;
  const about = [...(name === undefined ? [] : [`case ${name}`]), ...(rule === undefined ? [] : [`rule ${rule}`])];
  return `the known deviation of ${about.join(', ') || 'any case'} was not met in ${counted(cases, 'case')}: ${reason} (${link})`;
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
