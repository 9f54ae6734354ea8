/**
 * Searches for the scenarios that show what changed between the kernels, and writes spec/diff: a table, and the scenarios as traces.
 * Takes about half a minute. That what it wrote still holds is a test of its own.
 */

import { writeFileSync } from 'node:fs';
import { generatedCandidates, goldenCandidates } from '../src/conformance/candidates.js';
import { diffKernels } from '../src/conformance/diff.js';
import { DIFF_RUNS, DIFF_SEED } from '../src/conformance/diff-defaults.js';
import { diffFile, diffTraces } from '../src/conformance/diff-file.js';
import { readReasons } from '../src/conformance/diff-reasons.js';
import { KERNELS } from '../src/kernels.js';
import { diffMarkdown, diffSummary } from '../src/report/diff-table.js';

const reasons = readReasons();
for (const [i, newer] of KERNELS.entries()) {
  const older = KERNELS[i - 1];
  if (older === undefined) continue;
  const kernels = [older, newer];
  const candidates = [...(await goldenCandidates(kernels)), ...generatedCandidates(kernels, DIFF_SEED, DIFF_RUNS)];
  const diff = diffKernels(older, newer, { candidates, reasons: reasons.differences });
  writeFileSync(diffFile(older.name, newer.name, 'md'), diffMarkdown(diff, reasons));
  writeFileSync(diffFile(older.name, newer.name, 'ndjson'), diffTraces(diff));
  console.log(diffSummary(diff));
}
