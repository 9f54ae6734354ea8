import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  checkCitations,
  citedBy,
  compareLocks,
  inheritedBy,
  type Lock,
  lockFrom,
  readKernels,
} from '../../scripts/citations.js';
import { readFile, readModel } from '../../scripts/model-source.js';
import type { KernelSpec, RuleSpec } from '../../src/generated/types.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

const kernel = (name: string, release: string) =>
  ({ name, release, tree: { repository: 'a/b', commit: '1234567' }, constants: {} }) as unknown as KernelSpec;
const kernels = [kernel('1', '1.0'), kernel('2', '2.0')];

const rule: RuleSpec = {
  id: 'tcp_f/drop',
  sentence: 'It drops.',
  topic: 'drops',
  kernels: { '1': { path: 'net/f.c', function: 'tcp_f' }, '2': { path: 'net/f.c', function: 'tcp_f' } },
};
const locked = { lines: [1, 3] as const, sha256: '00' };
const tree = { repository: 'a/b', commit: '1234567' };
const lock: Lock = {
  '1.0': { tree, functions: { 'net/f.c#tcp_f': locked } },
  '2.0': { tree, functions: { 'net/f.c#tcp_f': locked } },
};
const good: Record<string, string> = {
  'src/linux-1/net/f.ts': `/** @kernel 1.0 net/f.c tcp_f */\nexport function tcp_f(host) { host.rule('tcp_f/drop'); }`,
  'src/linux-2/net/f.ts': `export { tcp_f } from '../../linux-1/net/f.js';`,
};

const sources = (files: Record<string, string>, rules: readonly RuleSpec[] = [rule]) => ({
  model: new Map(Object.entries(files).map(([name, text]) => [name, readFile(name, text)])),
  kernels,
  rules,
});
const problems = (files: Record<string, string>, rules?: readonly RuleSpec[], locks = lock) =>
  checkCitations(sources(files, rules), locks).join('\n');

describe('the models, the rules and the lock', () => {
  it('agree', () => {
    const all = {
      model: readModel(root, 'src'),
      kernels: readKernels(root),
      rules: JSON.parse(readFileSync(`${root}spec/rules.json`, 'utf8')) as RuleSpec[],
    };
    const committed = JSON.parse(readFileSync(`${root}spec/citations.lock.json`, 'utf8')) as Lock;
    expect(checkCitations(all, committed)).toEqual([]);
  });
});

describe('checkCitations', () => {
  it('accepts what agrees; a function that is handed on is cited where the older kernel has it', () => {
    expect(problems(good)).toBe('');
  });

  it('lets the lock have, and lack, what a kernel takes over without handing it on', () => {
    const table = {
      ...good,
      'src/linux-1/a.ts': '/** @kernel 1.0 net/g.c tcp_g */ export function tcp_g() {}',
      'src/linux-2/release.ts': `import { tcp_g } from '../linux-1/a.js'; export const release = { tcp_g };`,
    };
    const functions = { 'net/f.c#tcp_f': locked, 'net/g.c#tcp_g': locked };
    const both: Lock = { '1.0': { tree, functions }, '2.0': { tree, functions } };
    expect([...inheritedBy(sources(table), kernels[1] as KernelSpec).keys()]).toContain('net/g.c#tcp_g');
    expect(problems(table, [rule], both)).toBe('');
    expect(problems(table, [rule], { ...both, '2.0': lock['2.0'] as Lock[string] })).toBe('');
    expect(problems(good, [rule], { ...lock, '2.0': { tree, functions } })).toBe(
      'spec/citations.lock.json: nothing cites 2.0 net/g.c#tcp_g',
    );
  });

  it('wants a citation for every exported function with a kernel name', () => {
    const uncited = {
      ...good,
      'src/linux-1/a.ts': 'export function tcp_g() {} function tcp_h() {} export const ours = () => 0;',
    };
    expect(problems(uncited)).toBe(
      'src/linux-1/a.ts:1: tcp_g has a kernel function\'s name, but no "@kernel 1.0 <path> <function>"',
    );
  });

  it('wants the function to be called like the one it models', () => {
    const misnamed = { ...good, 'src/linux-1/a.ts': '/** @kernel 1.0 net/f.c tcp_f */ export function tcp_g() {}' };
    expect(problems(misnamed)).toContain('tcp_g cites tcp_f');
  });

  it('reports a citation that the lock lacks, and one that nothing makes', () => {
    const more = { ...good, 'src/linux-1/a.ts': '/** @kernel 1.0 net/g.c tcp_g */ export function tcp_g() {}' };
    expect(problems(more)).toBe('src/linux-1/a.ts:1: 1.0 net/g.c#tcp_g is not in spec/citations.lock.json');
    const stale = { ...lock, '1.0': { tree, functions: { 'net/f.c#tcp_f': locked, 'net/g.c#tcp_g': locked } } };
    expect(problems(good, [rule], stale)).toBe('spec/citations.lock.json: nothing cites 1.0 net/g.c#tcp_g');
  });

  it('reports a release that no kernel has, and a tree that is not the pinned one', () => {
    const unknown = { ...good, 'src/linux-1/a.ts': '/** @kernel 3.0 net/f.c tcp_f */ export function ours() {}' };
    expect(problems(unknown)).toContain('ours cites the unknown release 3.0');
    const moved = { ...lock, '2.0': { tree: { ...tree, commit: '7654321' }, functions: { 'net/f.c#tcp_f': locked } } };
    expect(problems(good, [rule], moved)).toBe('spec/citations.lock.json names another tree of 2.0 than spec/kernels');
  });

  it('reports a rule that no code names, and a rule that the list lacks', () => {
    const extra = { ...rule, id: 'tcp_f/other' };
    expect(problems(good, [rule, extra])).toBe(
      'spec/rules.json: tcp_f/other is used nowhere in 1\nspec/rules.json: tcp_f/other is used nowhere in 2',
    );
    expect(problems(good, [], { ...lock, '2.0': { tree, functions: { 'net/f.c#tcp_f': locked } } })).toBe(
      'src/linux-1/net/f.ts:2: tcp_f/drop is not in spec/rules.json',
    );
  });

  it('wants a rule of a kernel to be listed for it', () => {
    const { '1': _, ...second } = rule.kernels;
    expect(problems(good, [{ ...rule, kernels: second }])).toBe(
      'src/linux-1/net/f.ts:2: tcp_f/drop: spec/rules.json does not say where 1 has it',
    );
  });

  it('wants a rule to be named in the function that its name begins with', () => {
    const elsewhere = { ...good, 'src/linux-1/a.ts': `function tcp_g(host) { host.rule('tcp_f/drop'); }` };
    expect(problems(elsewhere)).toBe('src/linux-1/a.ts:1: tcp_f/drop is named in tcp_g');
    const inOurs = { ...good, 'src/linux-1/a.ts': `function ours(host) { host.rule('tcp_f/drop'); }` };
    expect(problems(inOurs)).toBe('');
  });

  it('wants a rule to cite the function that its name begins with', () => {
    const kernelsOf = { ...rule.kernels, '1': { path: 'net/f.c', function: 'tcp_g' } };
    expect(problems(good, [{ ...rule, kernels: kernelsOf }])).toContain('spec/rules.json: tcp_f/drop cites tcp_g in 1');
  });
});

describe('the lock and a checkout', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cite-'));
    mkdirSync(join(folder, 'net'));
    writeFileSync(join(folder, 'net/f.c'), 'int x;\nint tcp_f(void)\n{\n\treturn \xe9;\n}\n', 'latin1');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const first = kernels[0] as KernelSpec;
  const made = () => lockFrom(folder, first, citedBy(sources(good), first));

  it('agree when the lock was made from it', () => {
    const { functions, problems: none } = made();
    expect(none).toEqual([]);
    expect(functions['net/f.c#tcp_f']?.lines).toEqual([2, 5]);
    expect(compareLocks('1.0', functions, made().functions)).toEqual([]);
  });

  it('counts what is only inherited and does not stand there', () => {
    const cited = citedBy(sources(good), first);
    const inherited = new Map([
      ['net/f.c#tcp_f', 'a'],
      ['net/f.c#tcp_g', 'b'],
    ]);
    expect(lockFrom(folder, first, cited, inherited)).toMatchObject({ problems: [], moved: 1 });
    expect(lockFrom(folder, first, new Map(), inherited).functions).toEqual(made().functions);
  });

  it('differ when the function changed, moved or is gone', () => {
    const { functions } = made();
    writeFileSync(join(folder, 'net/f.c'), 'int tcp_f(void)\n{\n\treturn \xe9;\n}\n', 'latin1');
    expect(compareLocks('1.0', functions, made().functions)).toEqual([
      '1.0 net/f.c#tcp_f: stands in lines 1-4, the lock says 2-5',
    ]);
    writeFileSync(join(folder, 'net/f.c'), 'int tcp_f(void)\n{\n\treturn \xe8;\n}\n', 'latin1');
    expect(compareLocks('1.0', functions, made().functions)).toEqual([
      '1.0 net/f.c#tcp_f: the text differs from what the lock was made from',
    ]);
    writeFileSync(join(folder, 'net/f.c'), '');
    expect(made().problems).toEqual(['src/linux-1/net/f.ts:2: 1.0 has no tcp_f in net/f.c']);
  });
});
