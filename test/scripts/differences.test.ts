import { describe, expect, it } from 'vitest';
import { differences } from '../../scripts/differences.js';
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
    packetSysctls: {},
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
  origin: 'recorded',
  problem: undefined,
  rules: new Set(rules),
  rejectedBy,
});

const rules = [
  rule('f/old', 'syn-queue-full', ['1'], 'A full queue drops.'),
  rule('g/new', 'syn-queue-full', ['2'], 'A full queue answers.'),
  rule('f/both', 'syn-queue-full', ['1', '2']),
  rule('h/same', 'listen-as-ever', ['1', '2']),
];

describe('differences', () => {
  it('gives both rules of a topic, and the scenarios that show both', () => {
    const shown = [trace('a', '1', ['f/old'], ['2']), trace('a', '2', ['g/new'], ['1']), trace('b', '1', ['f/old'])];
    const page = differences([kernel('1'), kernel('2')], rules, shown);
    expect(page).toContain(
      '#### A SYN\n\n##### Queue full\n\n' +
        '- **1:** A full queue drops. (`f/old`, net/f.c; 2 traces: `a`, `b`)\n' +
        '- **2:** A full queue answers. (`g/new`, net/f.c; 1 trace: `a`)\n' +
        '- **Side by side:** in 1 scenario: `a`.',
    );
    expect(page).toContain('#### listen(2)\n\n- As ever: `h/same`\n\n#### A SYN\n\n- Queue full: `f/both`');
    expect(page).toContain('1 of the 2 recordings of 1.0 are rejected by the model of 2');
  });

  it('leaves out of the count what was played on a model', () => {
    const played = { ...trace('a', '1', [], ['2']), origin: 'model' as const };
    expect(differences([kernel('1'), kernel('2')], rules, [played])).toContain('0 of the 0 recordings of 1.0');
  });

  it('says where a kernel has no rule for it', () => {
    const page = differences([kernel('1'), kernel('2')], [rule('g/new', 'cookie-age', ['2'])], []);
    expect(page).toContain('##### Age\n\n- **1:** has no such rule.\n- **2:** It drops. (`g/new`, net/f.c; no trace)');
  });

  it('gives what a rule of both says in each, where they differ in it', () => {
    const one = rule('f/both', 'cookie-age', ['1', '2']);
    const altered = {
      ...one,
      kernels: { ...one.kernels, '2': { path: 'net/f.c', function: 'f', sentence: 'It waits.' } },
    };
    const shown = [trace('a', '1', ['f/both']), trace('a', '2', ['f/both'])];
    expect(differences([kernel('1'), kernel('2')], [altered], shown)).toContain(
      '##### Age\n\n- **1:** It drops. (`f/both`, net/f.c; 1 trace: `a`)\n- **2:** It waits. (`f/both`, net/f.c; 1 trace: `a`)\n' +
        '- **Side by side:** in 1 scenario: `a`.',
    );
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

  it('has a section for each kernel but the oldest, which a table leads to', () => {
    const shown = [trace('a', '2', ['f/both'], ['1']), trace('a', '3', ['f/both'], [])];
    const page = differences([kernel('1'), kernel('2'), kernel('3')], rules, shown);
    expect(page.match(/^## .*$/gm)).toEqual(['## 1 to 2', '## 2 to 3']);
    expect(page).toContain('| [1 to 2](#1-to-2) | 1 | 1 | 1 | 0 | 0 of 0 | 1 of 1 |');
    expect(page).toContain('| [2 to 3](#2-to-3) | 2 | 3 | 0 | 0 | 0 of 1 | 0 of 1 |');
  });

  it('does not name what stayed where that is nearly everything', () => {
    const page = differences([kernel('1'), kernel('2')], rules.slice(2), []);
    expect(page).toContain('Something changed in 0 topics');
    expect(page).toContain('### What stayed\n\nThe other 2 rules.');
    expect(page).not.toMatch(/### (Behaviour|Constants|Sysctls)/);
  });

  it('compares the packet backlogs of two kernels that both have one', () => {
    const packet = (id: string, kernels: string[]) => ({
      ...rule(id, 'packet-queue', kernels),
      layer: 'packet' as const,
    });
    const both = [packet('p/old', ['1']), packet('p/new', ['2'])];
    const page = differences([kernel('1'), kernel('2'), kernel('3')], both, []);
    expect(page).toContain('in the packet backlog, 1 topic changed');
    const [, second = ''] = page.split('\n## 2 to 3\n');
    expect(second).toContain('Something changed in 0 topics');
    expect(second).not.toContain('packet');
  });
});
