/** A few mutants of the models and of the judge, always the same ones, are noticed: what mutation testing shows of all, in short. */

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { GoldenIndex } from '../../scripts/golden-index.js';
import { survives } from '../../scripts/inversions.js';
import { type Mutant, mutantsOf, mutantsOfDecisions } from '../../scripts/mutants.js';
import { linkPackages, MutatedTree } from '../../scripts/mutated-tree.js';

const ROOT = resolve(import.meta.dirname, '../..');
const KERNELS = ['2.6.32', '4.15'];
/** How many mutants of each kernel, and of the judge. */
const EACH = 14;
/** Trials at the same time. */
const PROCESSES = 2;

/** Mutants of the models that nothing can notice. */
const equivalent = new Set(
  (JSON.parse(readFileSync(join(ROOT, 'spec/inversions-equivalent.json'), 'utf8')) as { mutant: string }[]).map(
    ({ mutant }) => mutant,
  ),
);

/** Of the mutants of all files below a folder, those whose names have the lowest hashes. */
function fixed(folder: string, mutants: (file: string, text: string) => Mutant[]): Mutant[] {
  const hash = ({ name }: Mutant): string => createHash('sha256').update(name).digest('hex');
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .flatMap((file) => mutants(file, readFileSync(join(ROOT, file), 'utf8')))
    .filter(({ name }) => !equivalent.has(name))
    .map((mutant) => [hash(mutant), mutant] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, EACH)
    .map(([, mutant]) => mutant);
}

const testsIn = (folder: string): string[] =>
  readdirSync(join(ROOT, 'test', folder))
    .filter((name) => name.endsWith('.test.ts') && name !== 'other-kernel.test.ts')
    .map((name) => `${folder}/${name}`);

describe('mutants', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fixed-mutants-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  linkPackages(ROOT, folder);
  const index = new GoldenIndex(join(ROOT, 'fixtures'), join(ROOT, 'fixtures/index.json'), folder);
  const sources = [...KERNELS.map((kernel) => `linux-${kernel}`), 'judge'];
  const folders = [...sources.map((source) => `test/${source}`), 'test/trace'];
  const trees = Array.from({ length: PROCESSES }, (_, i) => new MutatedTree(ROOT, join(folder, `tree-${i}`), folders));

  it.each([
    ...KERNELS.map((kernel) => [`linux-${kernel}`, mutantsOf, [kernel]] as const),
    ['judge', mutantsOfDecisions, KERNELS] as const,
  ])('of %s are noticed', async (source, mutants, kernels) => {
    const chosen = fixed(`src/${source}`, mutants);
    expect(chosen).toHaveLength(EACH);
    const surviving: string[] = [];
    let next = 0;
    const work = async (tree: MutatedTree): Promise<void> => {
      for (let mutant = chosen[next++]; mutant !== undefined; mutant = chosen[next++]) {
        const { rules } = mutant;
        const traces = kernels.flatMap((kernel) =>
          rules.size === 0 ? index.sample(kernel, 8) : index.showing(kernel, rules).slice(0, 8),
        );
        const job = { traces: traces.map((trace) => index.onFile(trace)), atLeast: 0, all: false };
        const trial = await tree.try(mutant, { tests: testsIn(source), ...job });
        if (survives({ kernel: source, mutant, trial })) surviving.push(mutant.name);
      }
    };
    await Promise.all(trees.map(work));
    expect(surviving).toEqual([]);
  });
});
