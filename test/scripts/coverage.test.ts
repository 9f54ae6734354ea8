import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coverage, filesNaming, fixtureIndex, type Naming, tracesShowing, uncovered } from '../../scripts/coverage.js';
import type { ShownTrace } from '../../scripts/shown.js';
import type { KernelSpec, RuleSpec } from '../../src/generated/types.js';

const rule = (id: string, kernels: string[], more: Partial<RuleSpec> = {}): RuleSpec => ({
  id,
  sentence: 'It drops.',
  topic: 'syn-drops',
  kernels: Object.fromEntries(kernels.map((name) => [name, { path: 'net/f.c', function: 'f' }])),
  ...more,
});
const trace = (id: string, kernel: string, rules: string[], line = 1): ShownTrace => ({
  file: `linux-${kernel}/named.ndjson.gz`,
  line,
  id,
  kernel,
  release: `${kernel}.0`,
  origin: 'recorded',
  problem: undefined,
  rules: new Set(rules),
  rejectedBy: [],
});
const kernels = [{ name: '1' }, { name: '2' }] as KernelSpec[];
const nothing: Naming = { tests: new Map(), properties: new Map() };

describe('uncovered', () => {
  it('wants a trace of every kernel that has the rule', () => {
    expect(uncovered([rule('f/drop', ['1', '2'])], [trace('a', '1', ['f/drop'])], nothing)).toEqual([
      'f/drop: no trace of 2 shows it',
    ]);
  });

  it('takes a test for a rule that only a fault reaches, but for no other', () => {
    const tests = new Map([['f/drop', ['f.test.ts']]]);
    expect(uncovered([rule('f/drop', ['1'], { reach: 'fault' })], [], { ...nothing, tests })).toEqual([]);
    expect(uncovered([rule('f/drop', ['1'], { reach: 'fault' })], [], nothing)).toEqual([
      'f/drop: no test names it and no trace of 1 shows it',
    ]);
    expect(uncovered([rule('f/drop', ['1'])], [], { ...nothing, tests })).toEqual(['f/drop: no trace of 1 shows it']);
  });

  it('wants a test of every kernel for a rule about packets, and no trace', () => {
    const about = [rule('f/drop', ['1', '2'], { layer: 'packet' })];
    const tests = new Map([['f/drop', ['linux-1/f.test.ts']]]);
    expect(uncovered(about, [], { ...nothing, tests })).toEqual(['f/drop: no test of 2 names it']);
  });

  it('reports a rule that traces of a kernel show though the list does not have it there', () => {
    const shown = [trace('a', '1', ['f/drop']), trace('b', '2', ['f/drop'])];
    expect(uncovered([rule('f/drop', ['1'])], shown, nothing)).toEqual([
      '1 trace with f/drop in 2, which spec/rules.json lacks: `b`',
    ]);
  });

  it('reports a trace that does not conform', () => {
    const bad = { ...trace('a', '1', []), problem: 'linux-1/named.ndjson.gz:7: a violates' };
    expect(uncovered([], [bad], nothing)).toEqual(['linux-1/named.ndjson.gz:7: a violates']);
  });
});

describe('tracesShowing', () => {
  it('puts named traces before generated ones and those with few rules first', () => {
    const shown = [
      trace('rnd-mixed-0', '1', ['f/drop']),
      trace('long', '1', ['f/drop', 'g/send']),
      trace('short', '1', ['f/drop']),
      trace('other', '2', ['f/drop']),
    ];
    expect(tracesShowing(shown, 'f/drop', '1').map(({ id }) => id)).toEqual(['short', 'long', 'rnd-mixed-0']);
  });
});

describe('filesNaming', () => {
  it('finds the files that name a rule, not those that name a longer one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'naming-'));
    mkdirSync(join(folder, 'test/net'), { recursive: true });
    writeFileSync(join(folder, 'test/net/f.test.ts'), `it('f/drop: drops', () => {});`);
    writeFileSync(join(folder, 'test/g.test.ts'), `expectRule('f/drop-all');`);
    try {
      expect(filesNaming(folder, 'test', new Set(['f/drop', 'f/other']))).toEqual(
        new Map([['f/drop', ['net/f.test.ts']]]),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('fixtureIndex', () => {
  it('gives the rules of each trace as positions in the list, and which neighbours reject it', () => {
    const rules = [rule('f/a', ['1']), rule('f/b', ['1'])];
    const rejected = { ...trace('y', '1', [], 9), rejectedBy: ['2'] };
    const text = fixtureIndex([trace('x', '1', ['f/b', 'f/a']), rejected], rules);
    expect(JSON.parse(text)).toMatchObject({
      rules: ['f/a', 'f/b'],
      files: [
        {
          file: 'linux-1/named.ndjson.gz',
          kernel: '1',
          release: '1.0',
          traces: [
            { line: 1, id: 'x', rules: [0, 1] },
            { line: 9, id: 'y', rules: [], rejectedBy: ['2'] },
          ],
        },
      ],
    });
  });
});

describe('coverage', () => {
  it('has a row for each rule with its traces, tests and properties', () => {
    const rules = [rule('f/a', ['1', '2']), rule('f/b', ['2'], { reach: 'fault' })];
    const naming: Naming = {
      tests: new Map([['f/b', ['net/f.test.ts']]]),
      properties: new Map([['f/a', ['invariants/holds.ts']]]),
    };
    const shown = [trace('x', '1', ['f/a']), trace('x', '2', []), trace('rnd-1', '1', ['f/a'])];
    const packets = {
      measurements: new Map([['1', 5]]),
      rules: new Map([['1', new Map([['f/c', 3]])]]),
      problems: [],
    };
    const page = coverage([...rules, rule('f/c', ['1'], { layer: 'packet' })], kernels, shown, packets, naming);
    expect(page).toContain('| rule | of the 5 of 1 | tests | properties |');
    expect(page).toContain('| `f/c` | 3 |  |  |');
    expect(page).toContain('| `f/a` | 2 | 0 | `x`, `rnd-1` |  | `invariants/holds` |');
    expect(page).toContain('| `f/b` (fault) | – | 0 |  | `net/f` |  |');
    expect(page).toContain('| 1 | 1 | 1 | 0 | 2 |');
  });
});
