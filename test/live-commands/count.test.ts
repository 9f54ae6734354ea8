import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { unsupported } from '../support/live.js';

it('says how many tests of the running kernel there are, and whether they ran', () => {
  const folder = resolve(import.meta.dirname, '..');
  const texts = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  const count = texts.reduce((sum, text) => sum + [...text.matchAll(/^ *liveIt\(/gm)].length, 0);
  expect(count).toBeGreaterThan(5);
  const what = unsupported === undefined ? 'run' : `are skipped: ${unsupported}`;
  process.stdout.write(`live tests: ${count} ${what}\n`);
});
