/** What a run of the conformance kit found, for people at a terminal. */

import { failureInWords, staleInWords } from '../conformance/case-result.js';
import { isStale } from '../conformance/deviations.js';
import { type SuiteReport, succeeded } from '../conformance/suite.js';
import type { CaseFailure, CaseResult, Step, SuiteTotals } from '../generated/types.js';
import { eventInWords, resultInWords, seconds, sentInWords } from './words.js';

/** How many steps of a scenario are shown: the last ones, for it is the last that is not allowed. */
const STEPS_SHOWN = 12;
/** How many rules are named that nothing exercised. */
const RULES_SHOWN = 8;

/** A case that needs somebody to look at it: a line, and what is to be known below. Empty for one that passed or was skipped. */
export function caseInWords(result: CaseResult, kernel: string): string[] {
  const { case: name, status, sentence, reason, link, failure, runs, known } = result;
  switch (status) {
    case 'failed':
      return [`${name} fails: ${sentence}`, ...(failure === undefined ? [] : explained(failure, kernel))];
    case 'deviates': {
      const often = runs > 1 ? `, ${known} of ${runs} runs` : '';
      return [`${name} deviates as is known${often}: ${reason ?? ''} (${link ?? ''})`];
    }
    case 'undecided':
      return [`${name} is undecided: ${reason ?? ''}`];
    default:
      return [];
  }
}

/** The end of a run: how many cases came to what, what is wrong beside them, and what was left unjudged. */
export function summaryInWords(report: SuiteReport): string[] {
  const { kernel, subject, seed, shard, totals, notRun, coverage, unjudged, broken, cases } = report;
  const { exercised, never } = coverage;
  const runs = cases.reduce((sum, one) => sum + one.runs, 0);
  const steps = cases.reduce((sum, one) => sum + one.steps, 0);
  const unsure = cases.reduce((sum, one) => sum + (one.status === 'passed' ? one.undecided : 0), 0);
  const part = shard === undefined ? '' : `, shard ${shard.index}/${shard.count}`;
  return [
    `${subject.name} ${subject.version} against ${kernel}: ${totalsInWords(totals)}${part}`,
    `  ${counted(runs, 'scenario')} with ${counted(steps, 'step')}, seed ${seed}, ${(report.milliseconds / 1000).toFixed(1)} s`,
    ...(unsure > 0 ? [`  undecided in cases that passed: ${unsure} scenarios`] : []),
    ...(notRun > 0 ? [`  not run: ${notRun} cases`] : []),
    ...(broken === undefined ? [] : [`  the subject broke: ${broken}`]),
    ...report.deviations.filter(isStale).map((use) => `  ${staleInWords(use)}`),
    `  rules exercised: ${exercised.length} of ${exercised.length + never.length}`,
    ...unexercised(never),
    ...(unjudged.length > 0 ? ['  left unjudged:', ...unjudged.map((what) => `    ${what}`)] : []),
    ...(totals.passed + totals.deviates + totals.failed === 0 ? ['  nothing was judged'] : []),
    succeeded(report) ? '  as the specification has it, as far as it was judged' : '  not as the specification has it',
  ];
}

/** `270 passed, 2 failed, …`: all but what there is none of. */
export function totalsInWords(totals: SuiteTotals): string {
  const { passed, failed, deviates, undecided, skipped } = totals;
  const all: [number, string][] = [
    [failed, 'failed'],
    [deviates, deviates === 1 ? 'deviates' : 'deviate'],
    [undecided, 'undecided'],
    [skipped, 'skipped'],
  ];
  return [`${passed} passed`, ...all.flatMap(([n, what]) => (n > 0 ? [`${n} ${what}`] : []))].join(', ');
}

/** A failure: the scenario, and then what is not allowed. */
export function explained(failure: CaseFailure, kernel: string): string[] {
  const { header, steps } = failure.trace;
  const settings = [...Object.entries(header.sysctl), ...Object.entries(header.sockopt)];
  const shown = steps.slice(-STEPS_SHOWN);
  const left = steps.length - shown.length;
  return [
    ...(settings.length > 0 ? [`  ${settings.map(([name, value]) => `${name}=${value}`).join(' ')}`] : []),
    ...(left > 0 ? [`  … ${left} steps before`] : []),
    ...shown.flatMap((step, i) => stepInWords(step, left + i + 1)),
    ...failureInWords(failure, kernel).map((line) => `  ${line}`),
  ];
}

function stepInWords(step: Step, number: number): string[] {
  const result = resultInWords(step);
  const sent = sentInWords(step.out).map((line) => `       sent ${line}`);
  const what = `${eventInWords(step.event)}${result === undefined ? '' : `: ${result}`}`;
  return [`  ${String(number).padStart(3)}  at ${seconds(step.at)}  ${what}`, ...sent];
}

/** The rules that nothing exercised, by reason. */
function unexercised(never: SuiteReport['coverage']['never']): string[] {
  const byReason = new Map<string, string[]>();
  for (const { rule, reason } of never) {
    const why = reason === undefined ? 'not reached in this run' : `never, ${reason}`;
    byReason.set(why, [...(byReason.get(why) ?? []), rule]);
  }
  return [...byReason].map(([why, rules]) => {
    const more = rules.length > RULES_SHOWN ? `, … (${rules.length} in all)` : '';
    return `    ${why}: ${rules.slice(0, RULES_SHOWN).join(', ')}${more}`;
  });
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
