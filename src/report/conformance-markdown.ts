/** What a run of the conformance kit found, as Markdown for a pull request. */

import { staleInWords } from '../conformance/case-result.js';
import { isStale } from '../conformance/deviations.js';
import { type SuiteReport, succeeded, totalsOf } from '../conformance/suite.js';
import type { CaseResult } from '../generated/types.js';

const STATUSES = ['passed', 'failed', 'deviates', 'undecided', 'skipped'] as const;

/** How many cases are listed before the rest is only counted. */
const LISTED = 25;

/** A heading, a table of the cases by kind and status, one of those that are not as expected, and what was left unjudged. */
export function conformanceMarkdown(report: SuiteReport): string {
  const { kernel, subject, cases, broken, coverage, unjudged, notRun } = report;
  const kinds = ['golden', 'campaign'].map((kind) =>
    row(
      kind,
      cases.filter((one) => one.case.startsWith(`${kind}/`)),
    ),
  );
  const rules = coverage.exercised.length + coverage.never.length;
  const stale = report.deviations.filter(isStale).map((use) => `- ${text(staleInWords(use))}`);
  return [
    `### ${succeeded(report) ? '✅' : '❌'} ${text(subject.name)} ${text(subject.version)} against Linux ${kernel}`,
    '',
    `| cases | ${STATUSES.join(' | ')} |`,
    `|---|${STATUSES.map(() => '--:|').join('')}`,
    ...kinds,
    row('**all**', cases),
    '',
    `Seed ${report.seed}; ${coverage.exercised.length} of ${rules} rules exercised.`,
    ...(notRun > 0 ? ['', `${notRun} cases were not run.`] : []),
    ...(broken === undefined ? [] : ['', `**The subject broke**: ${text(broken)}`]),
    ...(stale.length > 0 ? ['', '**Known deviations that are none any more**', '', ...stale] : []),
    ...findings(cases),
    ...(unjudged.length > 0 ? ['', '**Left unjudged**', '', ...unjudged.map((what) => `- ${text(what)}`)] : []),
    '',
  ].join('\n');
}

function row(kind: string, cases: readonly CaseResult[]): string {
  const totals = totalsOf(cases);
  return `| ${kind} | ${STATUSES.map((status) => totals[status]).join(' | ')} |`;
}

/** A table of the cases that failed, deviate or are undecided. */
function findings(cases: readonly CaseResult[]): string[] {
  const found = cases.filter(({ status }) => status === 'failed' || status === 'deviates' || status === 'undecided');
  if (found.length === 0) return [];
  const shown = found.slice(0, LISTED).map(finding);
  const more = found.length > LISTED ? ['', `… and ${found.length - LISTED} more.`] : [];
  return ['', '| case | | rule | steps | what |', '|---|---|---|--:|---|', ...shown, ...more];
}

function finding({ case: name, status, failure, reason, link }: CaseResult): string {
  const rule = failure?.rules.at(-1) ?? failure?.broken[0]?.invariant;
  const seen =
    failure === undefined
      ? ''
      : `${failure.field}: ${json(failure.expected)} expected, ${json(failure.observed)} observed`;
  const what =
    status === 'failed' ? text(seen) : `${text(reason ?? '')}${link === undefined ? '' : ` ([link](${link}))`}`;
  const by = rule === undefined ? '' : `\`${rule}\``;
  return `| ${text(name)} | ${status} | ${by} | ${failure?.trace.steps.length ?? ''} | ${what} |`;
}

const json = (value: unknown): string => JSON.stringify(value) ?? 'nothing';

/** Text that cannot end a cell, begin a tag or become markup. */
function text(value: string): string {
  return value.replaceAll(/[\\`*_{}[\]<>|#]/g, (char) => `\\${char}`).replaceAll(/\s+/g, ' ');
}
