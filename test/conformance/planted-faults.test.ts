/**
 * The kit finds every mistake that was made on purpose, and names the rule. For each, only the campaign is run of which it is known that it is the first to find it,
 * and only up to there; `npm run planted-faults` looks for it with all. A run tries every third mistake, and with FAULTS=all each.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FaultyKernels } from '../../scripts/faulty-kernels.js';
import { hunt } from '../../scripts/hunt.js';
import { type FoundFault, faultTable, keyOf } from '../../scripts/planted-faults-table.js';
import { PLANTED_FAULTS } from './planted-faults/index.js';

const ROOT = resolve(import.meta.dirname, '../..');

const found = JSON.parse(readFileSync(join(import.meta.dirname, 'planted-faults/found.json'), 'utf8')) as Readonly<
  Record<string, FoundFault>
>;

describe('planted faults', () => {
  it('are at least 44, and at least 18 of each kernel, no two with the same name', () => {
    const keys = PLANTED_FAULTS.map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThanOrEqual(44);
    for (const kernel of ['2.6.32', '4.15']) {
      expect(keys.filter((key) => key.startsWith(`${kernel}/`)).length).toBeGreaterThanOrEqual(18);
    }
  });

  it('are in the document as they were found', () => {
    const text = readFileSync(join(ROOT, 'spec/planted-faults.md'), 'utf8');
    expect(text).toBe(faultTable(PLANTED_FAULTS, found));
  });
});

const EVERY = process.env['FAULTS'] === 'all' ? 1 : 3;
const TRIED = PLANTED_FAULTS.filter((_, i) => i % EVERY === 0);

describe(`of ${PLANTED_FAULTS.length} faults, ${TRIED.length} are tried: the kit finds`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'planted-faults-'));
  const kernels = new FaultyKernels(ROOT, folder);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(TRIED.map((fault) => [keyOf(fault), fault] as const))('%s', async (key, fault) => {
    expect(Object.keys(found)).toContain(key);
    const { golden: _, ...expected } = found[key] as FoundFault;
    expect((await hunt(fault, await kernels.variant(fault), expected.case)).found).toEqual(expected);
  });
});
