/**
 * Judges the golden traces and writes what they show: fixtures/index.json, spec/coverage.md and spec/differences.md. Fails when a
 * trace does not conform, or when nothing shows a rule. With --check it writes nothing and fails where a file is stale, too.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KernelSpec, RuleSpec } from '../src/generated/types.js';
import { KERNELS } from '../src/kernels.js';
import { readKernels } from './citations.js';
import { coverage, filesNaming, fixtureIndex, type Naming, uncovered } from './coverage.js';
import { differences } from './differences.js';
import { judgeFixtures } from './shown.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const rules = JSON.parse(readFileSync(`${root}spec/rules.json`, 'utf8')) as RuleSpec[];
const specs = readKernels(root);
const kernels = KERNELS.map(({ name }) => specs.find((spec) => spec.name === name) as KernelSpec);

const ids = new Set(rules.map(({ id }) => id));
const naming: Naming = { tests: namedBelow('test'), properties: namedBelow('properties') };
const shown = await judgeFixtures(`${root}fixtures`);

const files: Record<string, string> = {
  'fixtures/index.json': fixtureIndex(shown, rules),
  'spec/coverage.md': coverage(rules, kernels, shown, naming),
  'spec/differences.md': differences(kernels as [KernelSpec, KernelSpec], rules, shown),
};
const stale = Object.entries(files).filter(([name, text]) => !existsSync(root + name) || read(name) !== text);

const problems = uncovered(rules, shown, naming);
if (process.argv.includes('--check')) problems.push(...stale.map(([name]) => `${name} is stale: npm run matrix`));
else for (const [name, text] of stale) writeFileSync(root + name, text);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${shown.length} traces show ${rules.length} rules`);

function namedBelow(folder: string): Map<string, string[]> {
  return existsSync(root + folder) ? filesNaming(root, folder, ids) : new Map();
}

function read(name: string): string {
  return readFileSync(root + name, 'utf8');
}
