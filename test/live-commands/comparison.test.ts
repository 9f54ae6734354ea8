/** Comparisons: a model in the place of the running kernel has to be found again, in every row. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { live } from '../../src/cli/commands/live.js';
import { Output } from '../../src/cli/output.js';
import type { ComparisonRow } from '../../src/report/live-comparison.js';
import { Folder, Paper } from '../cli/transcript.js';
import { standIn } from './standin.js';

const folder = new Folder();

interface Line extends Partial<ComparisonRow> {
  readonly golden?: string;
  readonly file?: string;
  readonly summary?: { readonly scenarios: Readonly<Record<string, number>> };
}

/** Compares 2.6.32 and 4.15 with the model of one of them. */
async function compared(kernel: string) {
  const [out, err] = [new Paper(), new Paper()];
  const save = join(folder.path, kernel);
  const markdown = join(folder.path, `${kernel}.md`);
  const options = { kernel: '4.15', jobs: 2, compare: ['4.15', '2.6.32'], json: true, save, markdown };
  const status = await live(options, new Output(out, err), () => standIn(kernel));
  const lines = out.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return { status, lines, err: err.text, markdown: readFileSync(markdown, 'utf8') };
}

describe.each(['2.6.32', '4.15'])(
  'live --compare, with the model of %s in the place of the running kernel',
  (kernel) => {
    it('finds it in every difference and in every recorded scenario', async () => {
      const { status, lines, err, markdown } = await compared(kernel);
      expect({ status, err }).toEqual({ status: 0, err: '' });
      const rows = lines.filter(({ heading }) => heading !== undefined);
      expect(rows.length).toBeGreaterThan(80);
      for (const row of rows) {
        expect([`as ${kernel}`, 'as both'], row.label).toContain(row.does);
        expect(row.like).toContain(kernel);
        expect(Object.keys(row.sentences ?? {})).toEqual(['2.6.32', '4.15']);
        expect(row.file !== undefined && existsSync(row.file)).toBe(true);
      }
      // Where a rule makes no difference, both explain it.
      expect(rows.filter(({ does }) => does === `as ${kernel}`).length).toBeGreaterThan(0.8 * rows.length);
      const golden = lines.filter(({ golden }) => golden !== undefined);
      expect(golden).toHaveLength(270);
      expect(golden.every(({ like }) => like?.includes(kernel))).toBe(true);
      expect(Object.keys(lines.at(-1)?.summary?.scenarios ?? {}).sort()).toEqual(['as all', `as ${kernel}`].sort());
      expect(markdown).toContain('| question | rule | 2.6.32 | 4.15 | live | scenario |\n');
      expect(markdown.match(new RegExp(`\\| as ${kernel} \\|`, 'g'))?.length).toBeGreaterThan(60);
    });
  },
);
