/** Which kernel it was, in words: a line for each kernel, the evidence against it, and what it comes to. */

import type { Identification, KernelFinding, TraceFinding } from '../conformance/identify.js';
import type { TraceReport } from '../generated/types.js';

/** The whole answer. */
export function identificationInWords(result: Identification): string[] {
  const { findings, traces, skipped } = result;
  const width = Math.max(...findings.map(({ kernel }) => kernel.length));
  const lines = findings.flatMap((finding) => [
    `${finding.kernel.padEnd(width)}  ${tallyInWords(finding)}`,
    ...evidenceInWords(finding).map((line) => `  ${line}`),
  ]);
  const unable = skipped === 0 ? '' : `; it is not able to go through ${skipped} more`;
  return [...lines, `${traces} ${traces === 1 ? 'scenario' : 'scenarios'}${unable}`, verdictInWords(result)];
}

/** What it comes to, in one sentence. */
export function verdictInWords({ verdict, kernels, nearest, findings, traces, unexplained }: Identification): string {
  switch (verdict) {
    case 'one':
      return `It behaves like ${kernels[0]}.`;
    case 'several':
      return `It behaves like ${inWords(kernels)}: they cannot be told apart by what it shows.`;
    case 'none': {
      if (nearest === undefined) return 'Nothing was judged.';
      const best = findings.find(({ kernel }) => kernel === nearest);
      if (best !== undefined && best.rejected === 0)
        return `It may behave like ${nearest}; not everything could be decided.`;
      if (unexplained === 0)
        return `No kernel explains all of it, though each scenario is explained by one; the nearest is ${nearest}.`;
      return `It behaves like none of them (${unexplained} of ${traces} have no explanation); the nearest is ${nearest}.`;
    }
  }
}

/** As in `4.15, 5.10 and 6.1`. */
const inWords = (names: readonly string[]): string => names.join(', ').replace(/, (?!.*, )/, ' and ');

/** One trace of a file. */
export function traceInWords({ id, explainedBy, reports }: TraceFinding): string {
  if (explainedBy.length > 0) return `${id}: ${explainedBy.join(', ')}`;
  return `${id}: none (${reports.map((report) => `${report.kernel}: ${reportInWords(report)}`).join('; ')})`;
}

function tallyInWords({ explained, rejected, undecided, steps }: KernelFinding): string {
  const open = undecided === 0 ? '' : `, ${undecided} undecided`;
  return `explains ${explained}, rejects ${rejected}${open} (${steps} steps explained)`;
}

function evidenceInWords({ evidence }: KernelFinding): string[] {
  return evidence === undefined ? [] : [`${evidence.trace}, ${reportInWords(evidence.report)}`];
}

/** Where a kernel could not have done it, and what it would have done. */
function reportInWords({ line, message, rule, verdict }: TraceReport): string {
  const place = line === undefined ? '' : `line ${line}: `;
  return `${place}${message ?? verdict}${rule === undefined ? '' : ` (${rule})`}`;
}
