/**
 * Turns Stryker's report (reports/mutation.json) into spec/mutation.md. Fails when fewer than 90 % of the mutants are killed, when one survives without
 * a reason in spec/mutation-equivalent.json, and when a reason is there for what does not survive.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type EquivalentMutant, mutationReport, type StrykerReport } from './mutation-table.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (file: string): unknown => JSON.parse(readFileSync(`${root}${file}`, 'utf8'));

const { text, summary, problems } = mutationReport(
  read('reports/mutation.json') as StrykerReport,
  read('spec/mutation-equivalent.json') as readonly EquivalentMutant[],
);
writeFileSync(`${root}spec/mutation.md`, text);
console.log(summary);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
