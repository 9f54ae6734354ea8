import { describe, expect, it } from 'vitest';
import { differences, titleOf, topicsOf } from '../../scripts/differences.js';
import type { ShownTrace } from '../../scripts/shown.js';
import type { KernelSpec, RuleSpec } from '../../src/generated/types.js';

const rule = (id: string, topic: string, kernels: string[], sentence = 'It drops.'): RuleSpec => ({
  id,
  sentence,
  topic,
  kernels: Object.fromEntries(kernels.map((name) => [name, { path: 'net/f.c', function: id.split('/')[0] as string }])),
});
const kernel = (name: string, more: Partial<KernelSpec> = {}) =>
  ({
    name,
    release: `${name}.0`,
    constants: {},
    sysctls: {},
    counters: { Tcp: [], TcpExt: [] },
    timers: { description: `Timers of ${name}.` },
    ...more,
  }) as KernelSpec;
const trace = (id: string, of: string, rules: string[], rejectedBy: string[] = []): ShownTrace => ({
  file: `linux-${of}/named.ndjson.gz`,
  line: 1,
  id,
  kernel: of,
  release: `${of}.0`,
  problem: undefined,
  rules: new Set(rules),
  rejectedBy,
});

const rules = [
  rule('f/old', 'queue-full', ['1'], 'A full queue drops.'),
  rule('g/new', 'queue-full', ['2'], 'A full queue answers.'),
  rule('f/both', 'queue-full', ['1', '2']),
  rule('h/same', 'nothing-new', ['1', '2']),
];

describe('topicsOf', () => {
  it('tells what went, what came and what stayed', () => {
    expect(topicsOf(rules, '1', '2')).toEqual([
      { topic: 'nothing-new', before: [], after: [], altered: [], kept: [rules[3]] },
      { topic: 'queue-full', before: [rules[0]], after: [rules[1]], altered: [], kept: [rules[2]] },
    ]);
  });

  it('tells a rule that says something else in each kernel from one that stayed', () => {
    const one = rule('f/both', 'age', ['1', '2']);
    const altered = {
      ...one,
      kernels: { ...one.kernels, '2': { path: 'net/f.c', function: 'f', sentence: 'It waits.' } },
    };
    expect(topicsOf([altered], '1', '2')).toMatchObject([{ altered: [altered], kept: [] }]);
    expect(differences([kernel('1'), kernel('2')], [altered], [])).toContain(
      '### Age\n\n- **1:** It drops. (`f/both`, net/f.c `f`; no trace)\n- **2:** It waits. (`f/both`, net/f.c `f`; no trace)',
    );
  });
});

describe('differences', () => {
  it('gives both rules of a topic, and the scenarios that show both', () => {
    const shown = [trace('a', '1', ['f/old'], ['2']), trace('a', '2', ['g/new'], ['1']), trace('b', '1', ['f/old'])];
    const page = differences([kernel('1'), kernel('2')], rules, shown);
    expect(page).toContain(
      '### Queue full\n\n' +
        '- **1:** A full queue drops. (`f/old`, net/f.c `f`; 2 traces: `a`, `b`)\n' +
        '- **2:** A full queue answers. (`g/new`, net/f.c `g`; 1 trace: `a`)\n' +
        '- **Both:** `f/both`.\n' +
        '- **Side by side:** in 1 scenario: `a`.',
    );
    expect(page).toContain('- Nothing new: `h/same`');
    expect(page).toContain('of 2 traces of 1.0, the model of 2 rejects 1');
  });

  it('says where a kernel has no rule for it', () => {
    const page = differences([kernel('1'), kernel('2')], [rule('g/new', 'cookies', ['2'])], []);
    expect(page).toContain('- **1:** has no such rule.\n- **2:** It drops. (`g/new`, net/f.c `g`; no trace)');
  });

  it('lists the constants, sysctls and counters that differ, and only those', () => {
    const older = kernel('1', {
      constants: { A: { value: 3, unit: 's', path: 'a.h' }, B: { value: 1, unit: 's', path: 'a.h' } },
      sysctls: { 'net.a': { default: 128, path: 'a.c' }, 'net.b': { default: 1, path: 'a.c' } },
      counters: { Tcp: ['InErrs'], TcpExt: ['ListenDrops'] },
    });
    const newer = kernel('2', {
      constants: { A: { value: 1, unit: 's', path: 'a.h' }, B: { value: 1, unit: 's', path: 'b.h' } },
      sysctls: { 'net.a': { default: 128, min: 0, max: 65535, path: 'a.c' }, 'net.b': { default: 1, path: 'a.c' } },
      counters: { Tcp: ['InErrs'], TcpExt: ['ListenDrops', 'TCPReqQFullDrop'] },
    });
    const page = differences([older, newer], [], []);
    expect(page).toContain('| `A` | 3 s | 1 s |');
    expect(page).not.toContain('`B`');
    expect(page).toContain('| `net.a` | default 128, accepts any int | default 128, accepts 0 to 65535 |');
    expect(page).not.toContain('`net.b`');
    expect(page).toContain('1 alone has none; 2 alone has\n`TCPReqQFullDrop`.');
  });
});

describe('titleOf', () => {
  it('writes a topic as a heading', () => {
    expect(titleOf('syn-queue-full')).toBe('SYN queue full');
    expect(titleOf('retransmit-syn-ack')).toBe('Retransmit SYN-ACK');
  });
});
