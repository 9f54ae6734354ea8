import { describe, expect, it } from 'vitest';
import { EVERY_KERNEL } from '../../properties/kernels.js';
import { Identifier, identifySubject } from '../../src/conformance/identify.js';
import { type ModelSubjectOptions, modelSubject } from '../../src/conformance/model-subject.js';
import { SubjectError } from '../../src/conformance/subject.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { KERNELS, kernelNamed } from '../../src/index.js';
import { identificationInWords } from '../../src/report/identification.js';
import { KINDS } from '../support/kernels.js';
import { goldenTraces } from '../support/recordings.js';

const kernel = (name: string): KernelVariant => kernelNamed(name) as KernelVariant;
const OPTIONS = { seed: 1, runs: 1 };

/** 4.15, but for a SYN that finds the accept queue full: it is dropped without being counted, as 2.6.32 drops it. */
const hybrid: KernelVariant = {
  ...kernel('4.15'),
  receive: (host, segment) => {
    const listener = kernel('4.15').listener(host);
    const isFull = listener?.state === 'LISTEN' && listener.acceptQueue > listener.maxAcceptQueue;
    if (!isFull || !segment.syn || segment.ack || segment.rst) return kernel('4.15').receive(host, segment);
    const { ListenDrops = 0, ListenOverflows = 0 } = host.counters;
    kernel('4.15').receive(host, segment);
    if (host.counters.ListenOverflows !== ListenOverflows)
      Object.assign(host.counters, { ListenDrops, ListenOverflows });
  },
};

describe('the model of a kernel, as a subject', () => {
  const levels = ['segments', 'counters', 'queues', 'sockets'] as const;
  it.each([
    ...KINDS.flatMap(([name]) => levels.map((level) => [name, level] as const)),
    ...KERNELS.map(({ name }) => [name, 'sockets'] as const).filter(([name]) => KINDS.every(([kind]) => kind !== name)),
  ])('%s behaves like itself alone when its %s are seen', { timeout: 120_000 }, async (name, level) => {
    const options: ModelSubjectOptions = { capabilities: { observes: { level } } };
    const result = await identifySubject(modelSubject(kernel(name), options), OPTIONS);
    expect(result.kernels).toEqual([name]);
    expect(result.verdict).toBe('one');
    expect(result.findings.find((one) => one.kernel !== name)?.evidence?.report.rule).toBeDefined();
    expect(result.traces).toBeGreaterThan(60);
  });

  it.each(['2.6.32', '4.15'])(
    '%s that only completes handshakes cannot be told apart',
    { timeout: 60_000 },
    async (name) => {
      const few = { observes: { level: 'results' }, features: [], sysctls: [], sockopts: [], peers: 1 } as const;
      const subject = modelSubject(kernel(name), { capabilities: { ...few, sockopts: [] } });
      const result = await identifySubject(subject, OPTIONS);
      expect(result).toMatchObject({ verdict: 'several', kernels: EVERY_KERNEL });
      expect(result.skipped).toBeGreaterThan(80);
      expect(identificationInWords(result).at(-1)).toContain('cannot be told apart by what it shows');
    },
  );
});

it('a mixture of two kernels behaves like none; the nearest is told, and what it does otherwise', {
  timeout: 120_000,
}, async () => {
  const result = await identifySubject(modelSubject(hybrid), OPTIONS);
  expect(result).toMatchObject({ verdict: 'none', kernels: [], nearest: '4.15' });
  const evidence = result.findings.find((one) => one.kernel === '4.15')?.evidence;
  expect(evidence?.report.rule).toMatch(/accept-queue-full$/);
  expect(evidence?.report.message).toMatch(/observed\.counters\.Listen\w+: expected \d+, observed 0/);
});

it('what a subject throws is told as its failure', async () => {
  const subject = modelSubject(kernel('4.15'));
  const broken = { ...subject, apply: () => Promise.reject(new Error('out of order')) };
  await expect(identifySubject(broken, OPTIONS)).rejects.toThrow(SubjectError);
});

describe('recordings', () => {
  it.each([
    ['linux-2.6.32', '2.6.32'],
    ['linux-2.6.32.69', '2.6.32'],
    ['linux-4.15', '4.15'],
    ['linux-5.10', '5.10'],
    ['linux-6.1', '6.1'],
    ['linux-6.12', '6.12'],
    ['linux-7.2', '7.2'],
  ])('those in %s are of %s', { timeout: 120_000 }, (folder, name) => {
    const identifier = new Identifier();
    const findings = goldenTraces(folder, 'named').flatMap(({ header, steps }) => identifier.trace(header, steps));
    expect(findings.filter(({ explainedBy }) => !explainedBy.includes(name)).map(({ id }) => id)).toEqual([]);
    expect(identifier.result()).toMatchObject({ verdict: 'one', kernels: [name], unexplained: 0 });
  });

  it('of two kernels together are of no single one, though each is of its own', () => {
    const identifier = new Identifier();
    const mixed = [goldenTraces('linux-2.6.32', 'named'), goldenTraces('linux-4.15', 'named')].flatMap((all) =>
      all.slice(60, 90),
    );
    const findings = mixed.flatMap(({ header, steps }) => identifier.trace(header, steps));
    expect(
      findings.map(({ explainedBy }, i) => explainedBy.includes(mixed[i]?.header.kernel.variant ?? '')),
    ).not.toContain(false);
    expect(identifier.result()).toMatchObject({ verdict: 'none', kernels: [], unexplained: 0, traces: 60 });
    expect(identificationInWords(identifier.result()).at(-1)).toContain('each scenario is explained by one');
  });

  it('of which one was tampered with are of none, and the place is told', () => {
    const identifier = new Identifier();
    const [trace] = goldenTraces('linux-4.15', 'named').filter(({ steps }) => steps.length > 3);
    if (trace === undefined) throw new Error('no trace');
    const steps = trace.steps.with(1, { ...(trace.steps[1] as (typeof trace.steps)[number]), result: 'EIO' });
    identifier.trace(trace.header, steps);
    const result = identifier.result();
    expect(result).toMatchObject({ verdict: 'none', unexplained: 1, traces: 1 });
    for (const { evidence } of result.findings) expect(evidence?.report.line).toBeLessThanOrEqual(3);
  });
});
