/** What a run of the conformance kit found, as an HTML page. */

import type { SuiteReport } from '../conformance/suite.js';
import type { CaseResult } from '../generated/types.js';
import { kernelNamed } from '../kernels.js';
import { timelineOf } from '../timeline/timeline-of.js';
import { caseInWords, summaryInWords } from './conformance-words.js';
import { type HtmlResult, htmlReport } from './html.js';

const TONES: Readonly<Record<CaseResult['status'], HtmlResult['tone']>> = {
  passed: 'good',
  failed: 'bad',
  deviates: 'unsure',
  undecided: 'unsure',
  skipped: 'none',
};

/** A page with every case, and with an explanation and a timeline of each that needs a look. */
export function conformanceHtml(report: SuiteReport): string {
  const { cases, kernel, subject } = report;
  return htmlReport({
    title: `${subject.name} ${subject.version} against Linux ${kernel}`,
    summary: summaryInWords(report),
    of: 'case',
    cases: cases.map((one) => ({ name: one.case, results: [resultOf(one, kernel)] })),
  });
}

function resultOf(one: CaseResult, kernel: string): HtmlResult {
  const { failure, status } = one;
  const variant = kernelNamed(kernel);
  const explanation = caseInWords(one, kernel);
  return {
    kernel,
    word: status,
    tone: TONES[status],
    ...(explanation.length === 0 ? {} : { explanation }),
    ...(failure === undefined || variant === undefined
      ? {}
      : { timeline: timelineOf(failure.trace, variant).timeline }),
  };
}
