/**
 * Makes every decision that leads to a rule wrong, one at a time, and gives later kernels back each function that they replaced; looks whether a unit test or a golden trace notices: writes
 * spec/inversions.md, and fails when something survives without a reason in spec/inversions-equivalent.json. With
 * `--only <part of a mutant's name>` it tries those alone and writes nothing; `--index <file>` in place of fixtures/index.json.
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EVERY_KERNEL } from '../properties/kernels.js';
import type { RuleSpec } from '../src/generated/types.js';
import { filesNaming } from './coverage.js';
import { GoldenIndex } from './golden-index.js';
import { type Attempt, inversions, type Reason, survives } from './inversions.js';
import { type Mutant, mutantsOf, mutantsOfRelease } from './mutants.js';
import { linkPackages, MutatedTree } from './mutated-tree.js';

const KERNELS = EVERY_KERNEL;
/** Trials at the same time. */
const PROCESSES = 2;
/** Traces that are judged of each mutant until one notices. */
const TRACES = { atLeast: 8, showing: 40, others: 20, ofRelease: 300 };

const root = fileURLToPath(new URL('../', import.meta.url));
const { only, index: indexFile } = parseArgs({
  options: { only: { type: 'string' }, index: { type: 'string' } },
}).values;
const rules = JSON.parse(readFileSync(`${root}spec/rules.json`, 'utf8')) as RuleSpec[];
const reasons = JSON.parse(readFileSync(`${root}spec/inversions-equivalent.json`, 'utf8')) as Reason[];

const folder = mkdtempSync(join(tmpdir(), 'invert-rules-'));
try {
  linkPackages(root, folder);
  const index = new GoldenIndex(`${root}fixtures`, indexFile ?? `${root}fixtures/index.json`, folder);
  const testFolders = KERNELS.map((kernel) => `test/linux-${kernel}`).filter((folder) => existsSync(root + folder));
  const trees = Array.from(
    { length: PROCESSES },
    (_, i) => new MutatedTree(root, join(folder, `tree-${i}`), testFolders),
  );
  const attempts: Attempt[] = [];
  for (const kernel of KERNELS) {
    const mutants = mutantsOfKernel(kernel).filter(({ name }) => only === undefined || name.includes(only));
    attempts.push(...(await tryAll(kernel, mutants, trees, index)));
  }
  report(attempts);
} finally {
  rmSync(folder, { recursive: true });
}

function mutantsOfKernel(kernel: string): Mutant[] {
  const source = `src/linux-${kernel}`;
  return readdirSync(root + source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(source, name.replaceAll('\\', '/')))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(root + file, 'utf8');
      return [...mutantsOf(file, text), ...(file === `${source}/release.ts` ? mutantsOfRelease(file, text) : [])];
    });
}

async function tryAll(kernel: string, mutants: readonly Mutant[], trees: MutatedTree[], index: GoldenIndex) {
  const naming = filesNaming(root, 'test', new Set(mutants.flatMap(({ rules }) => [...rules])));
  const folder = `${root}test/linux-${kernel}`;
  const tests = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `linux-${kernel}/${name}`)
    .sort();
  await expectTestsToPass(trees[0] as MutatedTree, tests);

  const attempts: Attempt[] = new Array(mutants.length);
  let next = 0;
  const work = async (tree: MutatedTree): Promise<void> => {
    for (let i = next++; i < mutants.length; i = next++) {
      const mutant = mutants[i] as Mutant;
      const named = tests.filter((name) => [...mutant.rules].some((rule) => naming.get(rule)?.includes(name)));
      const showing = index.showing(kernel, mutant.rules).slice(0, TRACES.showing);
      const others = index.sample(kernel, mutant.file.endsWith('/release.ts') ? TRACES.ofRelease : TRACES.others);
      const trial = await tree.try(mutant, {
        tests: [...named, ...tests.filter((name) => !named.includes(name))],
        traces: [...showing, ...others].map((trace) => index.onFile(trace)),
        atLeast: Math.min(showing.length, TRACES.atLeast),
        all: false,
      });
      attempts[i] = { kernel, mutant, trial };
      if (survives(attempts[i] as Attempt)) console.error(`survives: ${mutant.name} [${[...mutant.rules].join(' ')}]`);
      else if (only !== undefined) console.error(`noticed: ${mutant.name}: ${JSON.stringify(trial)}`);
    }
  };
  await Promise.all(trees.map(work));
  await expectTracesToConform(
    trees[0] as MutatedTree,
    new Set(attempts.flatMap(({ trial }) => trial.failedTraces)),
    index,
  );
  return attempts;
}

/** What speaks against a mutant must not speak against the model. */
async function expectTracesToConform(tree: MutatedTree, ids: ReadonlySet<string>, index: GoldenIndex): Promise<void> {
  const traces = [...ids].map((id) => index.named(id));
  const { failedTraces, hungAt } = await tree.try(undefined, { tests: [], traces, atLeast: 0, all: true });
  for (const id of failedTraces) console.error(`does not conform without any mutant: ${id}`);
  if (failedTraces.length > 0 || hungAt !== undefined) throw new Error(hungAt ?? 'the traces do not conform');
}

async function expectTestsToPass(tree: MutatedTree, tests: readonly string[]): Promise<void> {
  const { failedTests, hungAt } = await tree.try(undefined, { tests, traces: [], atLeast: 0, all: true });
  for (const name of failedTests) console.error(`fails without any mutant: ${name}`);
  if (failedTests.length > 0 || hungAt !== undefined) throw new Error(hungAt ?? 'the unit tests do not pass');
}

function report(attempts: readonly Attempt[]): void {
  const { text, summary, problems } = inversions(attempts, reasons, rules);
  console.log(summary);
  if (only !== undefined) return;
  writeFileSync(`${root}spec/inversions.md`, text);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}
