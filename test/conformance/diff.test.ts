import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { NEIGHBOURS } from '../../properties/kernels.js';
import { rejectionBy } from '../../src/conformance/contrast.js';
import { diffKernels, type KernelDiff } from '../../src/conformance/diff.js';
import { diffFile, diffTraces, shippedScenarios } from '../../src/conformance/diff-file.js';
import { readReasons, reasonFor } from '../../src/conformance/diff-reasons.js';
import { type Difference, differencesBetween, labelOf } from '../../src/conformance/differences.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { judgeTrace, kernelNamed, type Scenario } from '../../src/index.js';
import { differingConstants, diffMarkdown, diffRows } from '../../src/report/diff-table.js';

const [older, newer] = ['2.6.32', '4.15'].map((name) => kernelNamed(name) as KernelVariant) as [
  KernelVariant,
  KernelVariant,
];
const reasons = readReasons();
/** Of each pair, how many differences a trace shows at least. */
const LEAST: Readonly<Record<string, number>> = { '2.6.32': 129, '4.15': 27, '5.10': 7, '6.1': 6, '6.12': 9 };

const pairs = NEIGHBOURS.map(([older, newer]) => [older.name, newer.name, older, newer] as const);

describe.each(pairs)('the comparison of %s and %s that ships', (_, __, older, newer) => {
  const text = (extension: 'md' | 'ndjson'): string =>
    readFileSync(diffFile(older.name, newer.name, extension), 'utf8');
  let diff: KernelDiff;
  beforeAll(async () => {
    const candidates = await shippedScenarios(older, newer);
    diff = diffKernels(older, newer, { candidates, reasons: reasons.differences, shrink: false });
  }, 60_000);

  it('is what its own scenarios show: npm run diff-kernels', () => {
    expect(diffTraces(diff)).toBe(text('ndjson'));
    expect(diffMarkdown(diff, reasons)).toBe(text('md'));
  });

  it('has traces that conform to their own kernel', () => {
    for (const { sides } of diff.scenarios) {
      for (const { kernel, trace } of sides) {
        expect([trace.header.id, judgeTrace(trace.header, trace.steps, kernel).verdict]).toEqual([
          trace.header.id,
          'conforms',
        ]);
      }
    }
  });

  it('has, for each difference that is shown by a trace, one that the other kernel cannot have made', () => {
    const shown = diff.found.filter(({ showing }) => showing?.evidence === 'trace');
    expect(shown.length).toBeGreaterThanOrEqual(LEAST[older.name] ?? 1);
    for (const { difference, showing } of shown) {
      const scenario = diff.scenarios.find(({ candidate }) => candidate.id === showing?.scenario);
      const sides = difference.kernel === older.name ? scenario?.sides : scenario?.sides.toReversed();
      const [own, other] = sides ?? [];
      if (own === undefined || other === undefined || difference.kind === 'sysctl') continue;
      const rejected = rejectionBy(other.kernel, own.trace, scenario?.candidate.releases?.[other.kernel.name]);
      expect([labelOf(difference), rejected?.step]).toEqual([labelOf(difference), showing?.step]);
      if (difference.kind === 'rule') expect(own.rules[showing?.fired ?? -1]).toContain(difference.rule);
      else expect(own.trace.steps[(showing?.fired ?? 0) - 1]?.observed.counters).toHaveProperty(difference.counter);
    }
  });

  it('has, for a rule that makes no difference, a trace that the other kernel may have made as far as it goes', () => {
    const same = diff.found.filter((one) => one.same !== undefined);
    if (older.name === '2.6.32') expect(same.length).toBeGreaterThan(0);
    for (const { difference, same: seen } of same) {
      const scenario = diff.scenarios.find(({ candidate }) => candidate.id === seen?.scenario);
      const own = scenario?.sides.find(({ kernel }) => kernel.name === difference.kernel);
      expect(own?.rejected?.step ?? Number.POSITIVE_INFINITY).toBeGreaterThan(seen?.fired ?? 0);
      expect(own?.rules[seen?.fired ?? -1]).toContain(labelOf(difference));
    }
  });

  it('shows or explains every difference', () => {
    expect(diffRows(diff).filter(({ reason }) => reason?.startsWith('No scenario'))).toEqual([]);
    const shown = new Set(
      diff.found.filter(({ showing }) => showing !== undefined).map((one) => labelOf(one.difference)),
    );
    const all = new Set(differencesBetween(older.name, newer.name).map((one) => `${one.kernel} ${labelOf(one)}`));
    const names = [older.name, newer.name];
    for (const { kernel, other, difference, see } of reasons.differences) {
      if (!names.includes(kernel) || !names.includes(other)) continue;
      expect(all).toContain(`${kernel} ${difference}`);
      if (see !== undefined) expect(shown).toContain(see);
    }
  });

  it('counts the same differences as differences.md', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../spec/differences.md'), 'utf8');
    const said = new RegExp(
      String.raw`(\d+) rules? of ${older.name} went,\s+(\d+) of ${newer.name} came, and (\d+) say something else`,
    );
    const [, went, came, altered] = said.exec(page)?.map(Number) ?? [];
    expect(altered).toBeDefined();
    const rules = diff.found.filter(({ difference }) => difference.kind === 'rule');
    const of = (kernel: string) => rules.filter(({ difference }) => difference.kernel === kernel).length;
    expect(of(older.name)).toBe((went ?? 0) + (altered ?? 0));
    expect(of(newer.name)).toBe((came ?? 0) + (altered ?? 0));
  });
});

it('what is said of constants is about each that differs between neighbours, and each reason about neighbours', () => {
  const differing = NEIGHBOURS.flatMap(([a, b]) => differingConstants(a.name, b.name));
  expect(Object.keys(reasons.constants).sort()).toEqual([...new Set(differing)].sort());
  const known = NEIGHBOURS.flatMap(([a, b]) => [`${a.name} ${b.name}`, `${b.name} ${a.name}`]);
  for (const { kernel, other } of reasons.differences) expect(known).toContain(`${kernel} ${other}`);
});

it('a reason holds for two kernels that are not neighbours where the change lies between them, in its direction', () => {
  const one = { kernel: '4.15', other: '2.6.32', difference: 'TCPTimeouts', reason: 'Since then.' };
  const counter = (kernel: string): Difference => ({ kind: 'counter', kernel, counter: 'TCPTimeouts' });
  const asked = (kernel: string, other: string) => reasonFor(counter(kernel), other, [one]);
  expect([asked('4.15', '2.6.32'), asked('7.2', '2.6.32')]).toEqual([one, one]);
  expect([asked('2.6.32', '4.15'), asked('7.2', '4.15'), asked('4.15', '7.2')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

describe('diffKernels', () => {
  const syn = (peer: number) => ({ segments: [{ peer, flags: ['SYN' as const], seq: 77_000 + peer }] });
  const long: Scenario = {
    sysctl: { 'net.ipv4.tcp_synack_retries': 3, 'net.ipv4.tcp_syncookies': 0 },
    sockopt: {},
    events: [
      { syscall: 'listen', backlog: 5 },
      syn(9),
      { wait: 30_000 },
      syn(4),
      { wait: 10_000 },
      syn(4),
      { wait: 70_000 },
    ],
  };
  const found = (scenario: Scenario, rule: string) =>
    diffKernels(older, newer, {
      candidates: [{ id: 'given', scenario }],
      wanted: (one) => labelOf(one) === rule,
    });

  it('finds the step in which a duplicate SYN is told apart, and drops everything else', () => {
    const {
      found: [first],
      scenarios,
    } = found(long, 'tcp_check_req/duplicate-syn');
    expect(first?.showing).toMatchObject({ step: 3, fired: 3, evidence: 'trace', together: [] });
    expect(scenarios.map(({ candidate }) => candidate)).toEqual([
      {
        id: 'diff-tcp_check_req.duplicate-syn-2.6.32',
        scenario: {
          sysctl: {},
          sockopt: {},
          events: [
            { syscall: 'listen', backlog: 1 },
            ...[1, 2].map(() => ({ segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] })),
          ],
        },
      },
    ]);
  });

  it('does not take what fires before the kernels part for the reason', () => {
    const stray: Scenario = {
      ...long,
      events: [
        { syscall: 'listen', backlog: 5 },
        { segments: [{ peer: 1, flags: ['ACK'], seq: 5, ack: { of: 'nothing', plus: 7 } }] },
        syn(4),
        syn(4),
      ],
    };
    const [first] = found(stray, 'tcp_v4_do_rcv/reset-from-listener').found;
    expect(first?.showing).toBeUndefined();
    expect(first?.same?.rules).toContain('tcp_v4_send_reset/for-an-ack');
  });

  it('says that nothing was found where nothing shows it', () => {
    const result = found(long, 'tcp_v4_conn_request/cookie');
    expect(result.found).toHaveLength(1);
    expect(result.found[0]?.showing).toBeUndefined();
    expect(result.scenarios).toEqual([]);
  });
});
