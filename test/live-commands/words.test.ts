/** What is said of the running kernel: pure functions from results to text. */

import { describe, expect, it } from 'vitest';
import { diffKernels } from '../../src/conformance/diff.js';
import { labelOf } from '../../src/conformance/differences.js';
import type { TraceReport } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { kernelNamed } from '../../src/kernels.js';
import type { LiveReport, LiveResult } from '../../src/live/campaign.js';
import type { ComparedScenario, Comparison, Likeness } from '../../src/live/comparison.js';
import {
  comparisonInWords,
  comparisonLines,
  comparisonMarkdown,
  comparisonRows,
  unexplained,
} from '../../src/report/live-comparison.js';
import { liveResultInWords, liveSummaryInWords } from '../../src/report/live-words.js';

const [older, newer] = ['2.6.32', '4.15'].map((name) => kernelNamed(name)) as [KernelVariant, KernelVariant];
const RULE = 'inet_listen/limit-cut-to-16-bits';
const candidate = {
  id: 'cut',
  scenario: {
    sysctl: { 'net.core.somaxconn': 65_536 },
    sockopt: {},
    events: [{ syscall: 'listen', backlog: 65_536 } as const],
  },
};
const diff = diffKernels(older, newer, {
  candidates: [candidate],
  shrink: false,
  wanted: (one) => labelOf(one) === RULE,
});

const rejects = (kernel: string): TraceReport => ({
  ...{ id: 'cut', kernel, verdict: 'violates', steps: 1, line: 2, rule: RULE },
  message: 'observed.listener.maxAcceptQueue: expected 1, observed 2',
});
const explains = (kernel: string): TraceReport => ({ id: 'cut', kernel, verdict: 'conforms', steps: 1 });

/** A comparison in which the scenario of the difference came to this, and a recorded one that everything explains. */
function comparisonOf(likeness: Likeness, reports: readonly TraceReport[], unable?: string): Comparison {
  const like = reports.filter(({ verdict }) => verdict === 'conforms').map(({ kernel }) => kernel);
  const scenario: ComparedScenario = {
    id: 'cut',
    kind: 'difference',
    reports,
    like,
    ...(unable === undefined ? {} : { unable }),
  };
  const golden: ComparedScenario = {
    ...{ id: 'recorded', kind: 'golden' },
    reports: [explains('2.6.32'), explains('4.15')],
    like: ['2.6.32', '4.15'],
  };
  return {
    kernels: ['2.6.32', '4.15'],
    running: { release: '4.15.0-213-generic', upstream: '4.15.18' },
    pairs: [{ diff, rows: [{ scenario, likeness }], untold: 3 }],
    scenarios: [scenario, golden],
    milliseconds: 1234,
  };
}

const SENTENCE =
  'The limit of the accept queue keeps the low 16 bits of the backlog, so that 65536 becomes 0 and -1 becomes 65535.';

describe('a comparison', () => {
  it('has what each kernel says, what the running one does, and where its trace is', () => {
    const comparison = comparisonOf('newer', [rejects('2.6.32'), explains('4.15')]);
    expect(comparisonInWords(comparison, new Map([['cut', 'traces/cut.ndjson']]))).toEqual([
      '',
      'listen(2): Limit',
      `  ${RULE}`,
      `    2.6.32  ${SENTENCE}`,
      '    4.15    –',
      '    live    as 4.15 (traces/cut.ndjson)',
      '',
      '2.6.32 and 4.15: 1 differences: 1 as 4.15; 3 more that no trace tells',
      'recorded scenarios: 1: 1 as all',
      '2.6.32 explains 1 of 2 scenarios, and rejects 1',
      '4.15 explains 2 of 2 scenarios, and rejects 0',
      "This machine's Linux 4.15.0-213-generic (4.15.18): 1 as 4.15, 1 as all, in 1.2 s",
    ]);
    expect(unexplained(comparison)).toEqual([]);
  });

  it('tells what neither kernel allows', () => {
    const comparison = comparisonOf('neither', [rejects('2.6.32'), rejects('4.15')]);
    const [row] = comparisonRows(comparison.pairs[0] as Comparison['pairs'][number]);
    expect(row).toMatchObject({ does: 'as neither', like: [], kernel: '2.6.32', label: RULE, scenario: 'cut' });
    expect(row?.because).toEqual([
      `2.6.32: step 1: observed.listener.maxAcceptQueue: expected 1, observed 2 (${RULE})`,
      `4.15: step 1: observed.listener.maxAcceptQueue: expected 1, observed 2 (${RULE})`,
    ]);
    expect(unexplained(comparison).map(({ id }) => id)).toEqual(['cut']);
    expect(comparisonMarkdown(comparison)).toContain(
      `| listen(2): Limit | 2.6.32 \`${RULE}\` | ${SENTENCE} | – | as neither: 2.6.32: step 1: `,
    );
  });

  it('tells why it cannot tell', () => {
    const comparison = comparisonOf('cannot tell', [], 'needs faults');
    expect(comparisonInWords(comparison, new Map()).slice(5, 7)).toEqual([
      '    live    cannot tell (cut)',
      '              needs faults',
    ]);
    expect(unexplained(comparison)).toEqual([]);
    const lines = comparisonLines(comparison, new Map()).map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines[0]).toMatchObject({ between: ['2.6.32', '4.15'], does: 'cannot tell', because: ['needs faults'] });
    expect(lines[1]).toMatchObject({ golden: 'recorded', does: 'as all' });
    expect(lines[2]).toMatchObject({ summary: { scenarios: { 'cannot tell': 1, 'as all': 1 } } });
  });
});

describe('a campaign', () => {
  const result = (scenario: string, more: Partial<LiveResult>): LiveResult => ({
    ...{ scenario, sentence: 'It is so.', verdict: 'conforms', steps: 3 },
    ...more,
  });
  const results = [
    result('campaign/mixed/0', {}),
    result('campaign/mixed/1', { verdict: 'violates', again: false }),
    result('campaign/mixed/2', { verdict: 'undecided', reason: 'step 2: too many ways' }),
    result('golden/a', { verdict: 'broken', steps: 0, reason: 'it hangs' }),
    ...['30.5', '127'].map((s) =>
      result('golden/b', { verdict: 'skipped', steps: 0, reason: `needs waits of ${s} s in all, at most 20 s` }),
    ),
  ];
  const report: LiveReport = {
    kernel: '4.15',
    running: { release: '4.15.18' },
    subject: {
      ...{ name: 'Linux', version: '4.15.18', features: [], sysctls: [], sockopts: [] },
      observes: { level: 'sockets' },
      clock: { kind: 'virtual' },
    },
    seed: 7,
    totals: { conforms: 1, violates: 1, undecided: 1, broken: 1, skipped: 2 },
    coverage: { exercised: ['a'], never: [{ rule: 'b' }] },
    unjudged: ['the rest'],
    milliseconds: 2000,
    results,
  };

  it('is summed up with what was skipped and why', () => {
    expect(liveSummaryInWords(report)).toEqual([
      'Linux 4.15.18 against 4.15: 3 scenarios: 1 conform, 1 violate, 1 undecided, 1 not recorded, 2 skipped',
      '  9 steps, seed 7, 2.0 s',
      '  1 of those that violate did not when they were played once more',
      '  rules exercised: 1 of 2',
      '  skipped:',
      '    2: needs waits of more than 20 s in all',
      '  left unjudged:',
      '    the rest',
    ]);
  });

  it('tells of a scenario only where somebody has to look', () => {
    expect(results.map((one) => liveResultInWords(one, '4.15')[0])).toEqual([
      undefined,
      'campaign/mixed/1 fails: It is so.',
      'campaign/mixed/2 is undecided: step 2: too many ways',
      'golden/a could not be recorded: it hangs',
      undefined,
      undefined,
    ]);
    expect(liveResultInWords(results[1] as LiveResult, '4.15')).toContain(
      '  it did not fail when it was played once more',
    );
  });
});
