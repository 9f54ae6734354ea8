/**
 * Plays what nobody recorded (fixtures/model), judges the golden traces and writes what they show: fixtures/index.json,
 * spec/coverage.md and spec/differences.md. Fails when a trace does not conform, or when nothing shows a rule. With --check it
 * writes nothing and fails where a file is stale, too.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KernelSpec, RuleSpec } from '../src/generated/types.js';
import { KERNELS } from '../src/kernels.js';
import { readKernels } from './citations.js';
import { coverage, filesNaming, fixtureIndex, type Naming, uncovered } from './coverage.js';
import { differences } from './differences.js';
import { modelTraces } from './model-fixtures.js';
import { scenarios } from './scenarios.js';
import { judgeFixtures } from './shown.js';
import { judgePackets } from './shown-packets.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const rules = JSON.parse(readFileSync(`${root}spec/rules.json`, 'utf8')) as RuleSpec[];
const specs = readKernels(root);
const kernels = KERNELS.map(({ name }) => specs.find((spec) => spec.name === name) as KernelSpec);

const tcpRules = rules.filter(({ layer }) => layer === undefined);
const ids = new Set(rules.map(({ id }) => id));
const naming: Naming = { tests: namedBelow('test'), properties: namedBelow('properties') };
const checking = process.argv.includes('--check');
const problems: string[] = [];

for (const [i, variant] of KERNELS.entries()) {
  output(`fixtures/model/linux-${variant.name}.ndjson`, modelTraces(variant, kernels[i] as KernelSpec, scenarios));
}
const shown = await judgeFixtures(`${root}fixtures`);
const packets = await judgePackets(`${root}fixtures/softnet`);
output('fixtures/index.json', fixtureIndex(shown, tcpRules));
output('spec/coverage.md', coverage(rules, kernels, shown, packets, naming));
output('spec/differences.md', differences(kernels, rules, shown));

problems.push(...uncovered(rules, shown, naming), ...packets.problems);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${shown.length} traces show ${tcpRules.length} rules`);

function namedBelow(folder: string): Map<string, string[]> {
  return existsSync(root + folder) ? filesNaming(root, folder, ids) : new Map();
}

/** Writes a file, or only looks whether it is as it should be. */
function output(name: string, text: string): void {
  const path = root + name;
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  if (checking) {
    problems.push(`${name} is stale: npm run matrix`);
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
