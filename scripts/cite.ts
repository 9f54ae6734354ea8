/**
 * Checks that the models, spec/rules.json and spec/citations.lock.json agree. With --kernel RELEASE=FOLDER, a checkout of that
 * release, it also checks that the cited functions are still the ones that the lock was made from; with --write as well, it makes
 * the lock of that release anew.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { RuleSpec } from '../src/generated/types.js';
import {
  checkCitations,
  checkConstants,
  citedBy,
  compareLocks,
  inheritedBy,
  type Lock,
  lockFrom,
  readKernels,
  type Sources,
} from './citations.js';
import { readModel } from './model-source.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const lockFile = `${root}spec/citations.lock.json`;

const { values } = parseArgs({
  options: { kernel: { type: 'string', multiple: true, default: [] }, write: { type: 'boolean', default: false } },
});

const sources: Sources = {
  model: readModel(root, 'src'),
  kernels: readKernels(root),
  rules: JSON.parse(readFileSync(`${root}spec/rules.json`, 'utf8')) as RuleSpec[],
};
const lock = JSON.parse(readFileSync(lockFile, 'utf8')) as Lock;
const problems: string[] = [];

for (const option of values.kernel) {
  const [release, folder] = option.split('=');
  const kernel = sources.kernels.find((one) => one.release === release);
  if (kernel === undefined || folder === undefined) {
    console.error(`--kernel takes RELEASE=FOLDER; releases: ${sources.kernels.map((one) => one.release).join(', ')}`);
    process.exit(2);
  }
  const found = lockFrom(folder, kernel, citedBy(sources, kernel), inheritedBy(sources, kernel));
  if (found.moved > 0)
    console.log(`${release}: ${found.moved} inherited functions stand elsewhere or have another name`);
  problems.push(...found.problems, ...checkConstants(folder, kernel));
  if (values.write) lock[kernel.release] = { tree: kernel.tree, functions: found.functions };
  else problems.push(...compareLocks(kernel.release, lock[kernel.release]?.functions ?? {}, found.functions));
}
if (values.write) {
  const sorted = Object.fromEntries(Object.entries(lock).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(lockFile, `${JSON.stringify(sorted, null, 2).replaceAll(/\[\s+(\d+),\s+(\d+)\s+\]/g, '[$1, $2]')}\n`);
}

problems.push(...checkCitations(sources, lock));
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${sources.rules.length} rules and ${countOf(lock)} cited functions agree`);

function countOf(locks: Lock): number {
  return Object.values(locks).reduce((sum, { functions }) => sum + Object.keys(functions).length, 0);
}
