import { describe, expect, it } from 'vitest';
import {
  type CaseResult,
  casesFor,
  type Deviation,
  mergeReports,
  modelSubject,
  runSuite,
  type SuiteReport,
  succeeded,
} from '../../src/conformance/index.js';
import { caseLine, parseReport, summaryLine } from '../../src/conformance/report-lines.js';
import type { Level } from '../../src/generated/types.js';
import { tcpRuleSpecs } from '../../src/host/rule.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { KINDS } from '../support/kernels.js';
import { changed, newestFirst, withoutCounter } from './subjects.js';

/** A few recordings of everything, and every campaign. */
const SAMPLE = ['golden/listen-*', 'golden/b3-*', 'golden/abort-*', 'golden/cookie-*', 'golden/accept-*', 'campaign/*'];

const withoutTimes = (report: SuiteReport): unknown => ({
  ...report,
  milliseconds: 0,
  cases: report.cases.map((one) => ({ ...one, milliseconds: 0 })),
});

const only = (report: SuiteReport): CaseResult => {
  expect(report.cases).toHaveLength(1);
  return report.cases[0] as CaseResult;
};

const LEVELS: readonly Level[] = ['results', 'segments', 'counters', 'queues', 'sockets'];

describe.each(KINDS)('the model of %s as a subject', (_, kernel) => {
  it.each(LEVELS)('conforms as far as the level "%s" shows it', async (level) => {
    const subject = modelSubject(kernel, { capabilities: { observes: { level } } });
    const report = await runSuite(subject, { kernel, run: SAMPLE, runs: 2 });
    expect(report.cases.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(report.totals.skipped).toBe(0);
    expect(report.totals.passed).toBeGreaterThan(report.cases.length * 0.95);
    expect(succeeded(report)).toBe(true);
    expect(report.unjudged.length).toBe(level === 'sockets' ? 0 : 1);
  });

  it('is put through every named recording and every campaign, under names that do not depend on it', () => {
    const cases = casesFor(kernel);
    expect(cases.filter(({ kind }) => kind === 'golden')).toHaveLength(270);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    const small = modelSubject(kernel, { capabilities: { features: [], sysctls: [], sockopts: [] } }).capabilities;
    expect(casesFor(kernel, small).map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
  });
});

describe('the wrong kernel', () => {
  it.each([
    ['2.6.32', linux_2_6_32, linux_4_15],
    ['4.15', linux_4_15, linux_2_6_32],
  ])('%s fails where the kernels differ, and the rules are named', async (_, subject, kernel) => {
    const report = await runSuite(modelSubject(subject), {
      kernel,
      run: ['golden/b3-*', 'campaign/overflow'],
      runs: 20,
    });
    expect(succeeded(report)).toBe(false);
    const failed = report.cases.filter(({ status }) => status === 'failed');
    expect(failed.map((one) => one.case)).toContain('campaign/overflow');
    const campaign = failed.find((one) => one.case === 'campaign/overflow');
    expect(campaign?.failure?.rules.length).toBeGreaterThan(0);
    expect(campaign?.failure?.field).toBe('observed.counters.TCPReqQFullDoCookies');
  });
});

describe('a faulty subject', () => {
  const faulty = {
    'accept-order': () => modelSubject(newestFirst),
    handshake: () => withoutCounter('PassiveOpens'),
  };

  it.each(Object.entries(faulty))('is found by campaign/%s with a few steps that fail again', async (id, make) => {
    const run = [`campaign/${id}`];
    const report = await runSuite(make(), { kernel: linux_4_15, run });
    const { status, failure } = only(report);
    expect(status).toBe('failed');
    expect(failure?.trace.steps.length).toBeLessThanOrEqual(7);
    expect(failure?.rules.length).toBeGreaterThan(0);
    const { seed, path } = failure?.campaign ?? { seed: 0, path: '' };
    expect(failure?.replay).toBe(
      `tcp-backlog conform --kernel 4.15 --run campaign/${id} --seed ${seed} --path ${path} -- COMMAND`,
    );
    const again = only(await runSuite(make(), { kernel: linux_4_15, run, seed, path }));
    expect({ ...again.failure, campaign: 0 }).toEqual({ ...failure, campaign: 0 });
  });

  it('leaves a trace that the judge rejects at the same place', async () => {
    const { failure } = only(
      await runSuite(modelSubject(newestFirst), { kernel: linux_4_15, run: ['campaign/accept-order'] }),
    );
    if (failure === undefined) throw new Error('nothing was found');
    expect(judgeTrace(failure.trace.header, failure.trace.steps)).toMatchObject({
      verdict: 'violates',
      line: failure.step + 1,
      field: failure.field,
    });
    expect(failure.broken.map(({ invariant }) => invariant)).toContain('accept-oldest-first');
  });

  it('fails in a recording at the step where it goes wrong, without those after it', async () => {
    const subject = changed(linux_4_15, {
      apply: (outcome, event) => ('syscall' in event && event.syscall === 'accept' ? { result: 'EAGAIN' } : outcome),
    });
    const report = await runSuite(subject, { kernel: linux_4_15, run: ['golden/*accept*'] });
    const failed = report.cases.filter(({ status }) => status === 'failed');
    expect(failed.length).toBeGreaterThan(5);
    for (const { failure } of failed) {
      expect(failure?.trace.steps).toHaveLength(failure?.step ?? 0);
      expect(failure?.observed).toBe('EAGAIN');
    }
  });

  it('ends the run at the first failure if that is asked for', async () => {
    const options = { kernel: linux_4_15, run: ['golden/*accept*'], bail: true };
    const report = await runSuite(modelSubject(newestFirst), options);
    expect(report.totals.failed).toBe(1);
    expect(report.cases.at(-1)?.status).toBe('failed');
    expect(report.notRun).toBeGreaterThan(0);
    expect(succeeded(report)).toBe(false);
  });
});

describe('a subject that breaks', () => {
  const breaking = () => {
    let events = 0;
    return changed(linux_4_15, {
      apply: (outcome) => {
        events += 1;
        if (events > 100) throw new Error('it died');
        return outcome;
      },
    });
  };

  it('ends the run with what was judged so far', async () => {
    const report = await runSuite(breaking(), { kernel: linux_4_15, run: ['golden/b3-*', 'campaign/*'], runs: 10 });
    expect(report.broken).toMatch(/^campaign\/[a-z-]+, step \d+, [a-z]+: it died$/);
    expect(report.totals.failed).toBe(0);
    expect(report.totals.passed).toBe(report.cases.length - 1);
    expect(report.cases.at(-1)).toMatchObject({ status: 'undecided', reason: report.broken });
    expect(report.notRun).toBeGreaterThan(5);
    expect(succeeded(report)).toBe(false);
  });
});

describe('what a subject does not support', () => {
  const capabilities = { features: [], sysctls: ['net.core.somaxconn'], sockopts: [] } as const;
  const subject = () => modelSubject(linux_4_15, { capabilities: { ...capabilities, sockopts: [] } });

  it('is skipped with the reason, and never passes', async () => {
    const report = await runSuite(subject(), { kernel: linux_4_15, run: SAMPLE, runs: 2 });
    const skipped = report.cases.filter(({ status }) => status === 'skipped');
    expect(skipped.length).toBeGreaterThan(20);
    for (const { reason, runs, steps } of skipped) {
      expect(reason).toMatch(/^needs /);
      expect([runs, steps]).toEqual([0, 0]);
    }
    expect(report.cases.find((one) => one.case === 'campaign/faults')?.reason).toMatch(/faults/);
    expect(report.totals.failed).toBe(0);
    expect(report.totals.passed).toBe(report.cases.length - skipped.length - report.totals.undecided);
    expect(report.unjudged.join('\n')).toMatch(/not supported: segments .*cookies/);
    expect(report.unjudged).toContain(
      `${skipped.length} of ${report.cases.length} cases, skipped for want of what they need`,
    );
    const { exercised, never } = report.coverage;
    expect(exercised.length + never.length).toBe(tcpRuleSpecs.filter(({ kernels }) => '4.15' in kernels).length);
    expect(never.find(({ rule }) => rule === 'cookie_v4_check/no-memory')?.reason).toMatch(/faults/);
  });

  it('is no success where nothing else was asked for', async () => {
    const report = await runSuite(subject(), { kernel: linux_4_15, run: ['campaign/faults'] });
    expect(only(report).status).toBe('skipped');
    expect(succeeded(report)).toBe(false);
  });
});

describe('what is asked for', () => {
  const kernel = linux_4_15;

  it('decides what is run', async () => {
    const options = { kernel, runs: 1, run: ['campaign/*', 'golden/b3-*'], skip: ['campaign/[a-z]*', 'campaign/*o*'] };
    const { cases } = await runSuite(modelSubject(kernel), options);
    expect(cases.map((one) => one.case)).toContain('campaign/faults');
    expect(cases.map((one) => one.case)).not.toContain('campaign/overflow');
    expect(cases.some((one) => one.case.startsWith('golden/b3-'))).toBe(true);
  });

  it('has to make sense', async () => {
    const subject = modelSubject(kernel);
    await expect(runSuite(subject, { kernel, run: ['nothing'] })).rejects.toThrow(RangeError);
    await expect(runSuite(subject, { kernel, run: ['campaign/*'], path: '0' })).rejects.toThrow('exactly one campaign');
    await expect(runSuite(subject, { kernel, run: ['golden/b3-last-ack-overflows'], path: '0' })).rejects.toThrow(
      'exactly one campaign',
    );
  });

  it('gives the same report again, but for the times', async () => {
    const options = { kernel, run: ['campaign/*'], runs: 3, seed: 7 };
    const twice = [
      await runSuite(modelSubject(newestFirst), options),
      await runSuite(modelSubject(newestFirst), options),
    ];
    expect(withoutTimes(twice[0] as SuiteReport)).toEqual(withoutTimes(twice[1] as SuiteReport));
  });

  it('tells of every scenario as it is tried', async () => {
    const seen: string[] = [];
    await runSuite(modelSubject(kernel), {
      kernel,
      run: ['campaign/handshake'],
      runs: 3,
      onProgress: ({ case: name, runs, of, shrinking }) => seen.push(`${name} ${runs}/${of} ${shrinking}`),
    });
    expect(seen).toEqual([1, 2, 3].map((n) => `campaign/handshake ${n}/3 false`));
  });
});

describe('known deviations', () => {
  const kernel = linux_4_15;
  const run = ['campaign/accept-order', 'golden/b3-*', 'golden/listen-*'];
  const reason = 'It is a stack of connections.';
  const link = 'https://example.org/1';
  const entry = (more: Partial<Deviation>): Deviation => ({ reason, link, ...more });

  it('do not fail, and the search goes on', async () => {
    const deviations = [entry({ case: 'campaign/accept-*' }), entry({ case: 'golden/*' })];
    const report = await runSuite(modelSubject(newestFirst), { kernel, run, deviations });
    const campaign = report.cases.find((one) => one.case === 'campaign/accept-order');
    expect(campaign).toMatchObject({ status: 'deviates', reason, link });
    expect(campaign?.known).toBeGreaterThan(1);
    expect(campaign?.runs).toBeGreaterThan(campaign?.known ?? 0);
    expect(report.totals.failed).toBe(0);
    expect(report.deviations[0]?.met).toBe(campaign?.known);
    expect(succeeded(report)).toBe(true);
  });

  it('are of one rule, and hide no other', async () => {
    const deviations = [entry({ rule: 'tcp_check_req/*' })];
    const report = await runSuite(withoutCounter('ListenOverflows'), {
      kernel,
      run: ['campaign/overflow'],
      deviations,
    });
    const other = [entry({ rule: 'sys_listen/*' })];
    const failing = await runSuite(withoutCounter('ListenOverflows'), {
      kernel,
      run: ['campaign/overflow'],
      deviations: other,
    });
    expect(report.deviations[0]?.met).toBeGreaterThan(0);
    expect(only(failing).status).toBe('failed');
  });

  it('fail the run once they are none any more, if all that they are about was run', async () => {
    const deviations = [entry({ case: 'campaign/accept-order' })];
    const stale = await runSuite(modelSubject(kernel), { kernel, run: ['campaign/accept-order'], deviations });
    expect(stale.totals.passed).toBe(1);
    expect(stale.deviations[0]).toMatchObject({ met: 0, cases: 1, finished: 1 });
    expect(succeeded(stale)).toBe(false);
    const few = await runSuite(modelSubject(kernel), { kernel, run: ['campaign/accept-order'], runs: 2, deviations });
    expect(succeeded(few)).toBe(true);
    const elsewhere = await runSuite(modelSubject(kernel), { kernel, run: ['golden/b3-*'], deviations });
    expect(succeeded(elsewhere)).toBe(true);
  });
});

describe('shards', () => {
  const kernel = linux_4_15;
  const deviations = [{ case: 'golden/*', reason: 'none', link: 'https://example.org' }];
  const options = { kernel, run: ['campaign/*', 'golden/b3-*'], runs: 3, deviations };
  const shard = (index: number, count: number) =>
    runSuite(modelSubject(newestFirst), { ...options, shard: { index, count } });

  it('together are the whole run, also after they were written and read', async () => {
    const whole = await runSuite(modelSubject(newestFirst), options);
    const parts = await Promise.all([shard(2, 2), shard(1, 2)]);
    expect(Math.abs((parts[0]?.cases.length ?? 0) - (parts[1]?.cases.length ?? 0))).toBeLessThanOrEqual(1);
    const read = parts.map((part) => parseReport([...part.cases.map(caseLine), summaryLine(part), ''].join('\n')));
    expect(withoutTimes(mergeReports(read))).toEqual(withoutTimes(whole));
    expect(whole.totals.failed).toBeGreaterThan(0);
  });

  it('are not merged with what does not belong to them', async () => {
    const one = await shard(1, 2);
    const other = await shard(2, 2);
    const refused = (reports: SuiteReport[], message: string) => expect(() => mergeReports(reports)).toThrow(message);
    refused([], 'no report');
    refused([one], 'missing: shard 2/2');
    refused([one, one], 'shard 1/2 is there twice');
    refused([one, { ...other, shard: { index: 2, count: 3 } }], 'does not belong');
    refused([one, { ...other, kernel: '2.6.32' }], 'different kernels');
    refused([one, { ...other, seed: 1 }], 'different seeds');
    refused([one, { ...other, subject: { ...other.subject, version: '2' } }], 'different subjects');
    refused([one, { ...other, deviations: [] }], 'different known deviations');
  });
});
