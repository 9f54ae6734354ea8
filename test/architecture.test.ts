import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** What each part may import: itself and what stands before it. */
const ORDER = [
  'generated',
  'host',
  'trace',
  'linux-2.6.32',
  'linux-4.15',
  'kernels.ts',
  'run',
  'judge',
  'conformance',
  'report',
  'index.ts',
  'cli',
];

const part = (file: string): string => relative(SRC, file).split('/')[0] as string;

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(SRC, name));

describe('the structure of src', () => {
  it('knows every part', () => {
    for (const file of files) expect(ORDER).toContain(part(file));
  });

  it.each(files.map((file) => [relative(SRC, file), file]))('%s imports only what stands before it', (_, file) => {
    const own = ORDER.indexOf(part(file));
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s+'(\.[^']+)'/g)) {
      const target = part(resolve(dirname(file), specifier as string).replace(/\.js$/, '.ts'));
      expect(ORDER.indexOf(target), `${specifier}`).toBeLessThanOrEqual(own);
    }
  });
});
