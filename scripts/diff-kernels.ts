/**
 * Searches for the scenarios that show what changed from each kernel to the next, and writes spec/diff: for each pair a table, and the scenarios as
 * traces. Takes about a minute a pair; two names, the older first, are for that pair alone. That what it wrote still holds is a test of its own.
 */

import { writeFileSync } from 'node:fs';
import { NEIGHBOURS } from '../properties/kernels.js';
import { generatedCandidates, goldenCandidates } from '../src/conformance/candidates.js';
import { diffKernels } from '../src/conformance/diff.js';
import { DIFF_RUNS, DIFF_SEED } from '../src/conformance/diff-defaults.js';
import { diffFile, diffTraces } from '../src/conformance/diff-file.js';
import { readReasons } from '../src/conformance/diff-reasons.js';
import { diffMarkdown, diffSummary } from '../src/report/diff-table.js';

const asked = process.argv.slice(2);
const pairs = NEIGHBOURS.filter(
  ([older, newer]) => asked.length === 0 || asked.join() === `${older.name},${newer.name}`,
);
if (pairs.length === 0) throw new RangeError(`${asked.join(' and ')} do not follow each other`);

const reasons = readReasons();
for (const [older, newer] of pairs) {
  const kernels = [older, newer];
  const candidates = [...(await goldenCandidates(kernels)), ...generatedCandidates(kernels, DIFF_SEED, DIFF_RUNS)];
  const diff = diffKernels(older, newer, { candidates, reasons: reasons.differences });
  writeFileSync(diffFile(older.name, newer.name, 'md'), diffMarkdown(diff, reasons));
  writeFileSync(diffFile(older.name, newer.name, 'ndjson'), diffTraces(diff));
  console.log(`${older.name} and ${newer.name}: ${diffSummary(diff)}`);
}
