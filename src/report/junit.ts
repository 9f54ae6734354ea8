/** What a run of the conformance kit found, as JUnit XML. The names do not change from run to run. */

import { failureInWords, failureMessage, staleInWords } from '../conformance/case-result.js';
import { isStale } from '../conformance/deviations.js';
import type { SuiteReport } from '../conformance/suite.js';
import type { CaseResult } from '../generated/types.js';
import { escaped } from './xml.js';

/**
 * A document with one suite, named after the kernel. A case is in the class `golden` or `campaign`; two more in the class `kit` say
 * whether the subject held out and whether every known deviation is still one. What is undecided is skipped with a message.
 */
export function junit(report: SuiteReport): string {
  const { kernel, cases, broken, totals, notRun } = report;
  const stale = report.deviations.filter(isStale).map(staleInWords);
  const heldOut =
    broken !== undefined
      ? message('error', broken)
      : notRun > 0
        ? message('skipped', `${notRun} cases were not run`)
        : '';
  const deviations = stale.length > 0 ? message('failure', stale.join('\n')) : '';
  const all = [
    ...cases.map((result) => testcase(result, kernel)),
    element('kit', 'the subject holds out', 0, heldOut),
    element('kit', 'known deviations', 0, deviations),
  ];
  const counts =
    `tests="${all.length}" failures="${totals.failed + (stale.length > 0 ? 1 : 0)}" errors="${broken === undefined ? 0 : 1}" ` +
    `skipped="${totals.skipped + totals.undecided + (broken === undefined && notRun > 0 ? 1 : 0)}" time="${inSeconds(report.milliseconds)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escaped(kernel)}" ${counts}>`,
    ...all,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testcase(result: CaseResult, kernel: string): string {
  const [group = '', ...rest] = result.case.split('/');
  return element(group, rest.join('/'), result.milliseconds, outcome(result, kernel));
}

function outcome(result: CaseResult, kernel: string): string {
  const { status, reason = '', link = '' } = result;
  switch (status) {
    case 'passed':
      return '';
    case 'failed':
      return message('failure', failureMessage(result, kernel), factOf(result, kernel));
    case 'deviates':
      return `      <system-out>${escaped(`deviates as is known: ${reason} (${link})`)}</system-out>`;
    case 'undecided':
      return message('skipped', `undecided: ${reason}`);
    case 'skipped':
      return message('skipped', reason);
  }
}

function element(classname: string, name: string, milliseconds: number, content: string): string {
  const start = `    <testcase classname="${escaped(classname)}" name="${escaped(name)}" time="${inSeconds(milliseconds)}"`;
  return content === '' ? `${start}/>` : `${start}>\n${content}\n    </testcase>`;
}

/** What is not allowed, in one line. */
function factOf({ failure }: CaseResult, kernel: string): string {
  return failure === undefined ? '' : (failureInWords(failure, kernel)[0] ?? '');
}

/** `brief`: the message; a failure has the whole text, too. */
function message(tag: 'failure' | 'error' | 'skipped', text: string, brief = text.split('\n')[0] ?? ''): string {
  const head = `      <${tag} message="${escaped(brief)}"`;
  return tag === 'skipped' ? `${head}/>` : `${head}>${escaped(text)}</${tag}>`;
}

const inSeconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);
