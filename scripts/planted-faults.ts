/**
 * Looks for every planted fault with the conformance kit, and writes where it was found (test/conformance/planted-faults/found.json) and
 * spec/planted-faults.md; fails when one was not. With `--only <part of a fault's id>` it looks for those alone and writes nothing.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PLANTED_FAULTS } from '../test/conformance/planted-faults/index.js';
import { FaultyKernels } from './faulty-kernels.js';
import { hunt, noticedByGolden } from './hunt.js';
import { type FoundFault, faultTable, keyOf } from './planted-faults-table.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;

const folder = mkdtempSync(join(tmpdir(), 'planted-faults-'));
try {
  const kernels = new FaultyKernels(root, folder);
  const found: Record<string, FoundFault> = {};
  for (const fault of PLANTED_FAULTS.filter((one) => only === undefined || keyOf(one).includes(only))) {
    const variant = await kernels.variant(fault);
    const { found: campaign, unnamed } = await hunt(fault, variant);
    const golden = await noticedByGolden(fault, variant);
    console.log(`${keyOf(fault)}: ${JSON.stringify(campaign ?? 'not found')}, ${golden} recorded scenarios`);
    for (const name of unnamed) console.log(`  no rule named by ${name}`);
    if (campaign === undefined) process.exitCode = 1;
    else found[keyOf(fault)] = { ...campaign, golden };
  }
  if (only === undefined) {
    writeFileSync(`${root}test/conformance/planted-faults/found.json`, `${JSON.stringify(found, null, 2)}\n`);
    writeFileSync(`${root}spec/planted-faults.md`, faultTable(PLANTED_FAULTS, found));
  }
} finally {
  rmSync(folder, { recursive: true });
}
