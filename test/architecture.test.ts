import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** What each part may import: itself and what stands before it. */
const ORDER = [
  'src/generated',
  'src/package-root.ts',
  'src/host',
  'src/trace',
  'src/linux-2.6.32',
  'src/linux-4.15',
  'src/linux-5.10',
  'src/linux-6.1',
  'src/linux-6.12',
  'src/linux-7.2',
  'src/kernels.ts',
  'src/run',
  'src/simulate',
  'src/judge',
  'src/timeline',
  'properties',
  'src/conformance',
  'src/live',
  'src/report',
  'src/export',
  'src/index.ts',
  'src/cli',
];

const part = (file: string): string => {
  const [top, next] = relative(ROOT, file).split('/') as [string, string];
  return top === 'src' ? `${top}/${next}` : top;
};

const files = ['src', 'properties'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(ROOT, folder, name)),
);

describe('the structure of the sources', () => {
  it('knows every part', () => {
    for (const file of files) expect(ORDER).toContain(part(file));
  });

  it.each(files.map((file) => [relative(ROOT, file), file]))('%s imports only what stands before it', (_, file) => {
    const own = ORDER.indexOf(part(file));
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s+'(\.[^']+)'/g)) {
      const target = part(resolve(dirname(file), specifier as string).replace(/\.js$/, '.ts'));
      const place = ORDER.indexOf(target);
      expect(place, `${specifier}`).toBeGreaterThanOrEqual(0);
      expect(place, `${specifier}`).toBeLessThanOrEqual(own);
    }
  });
});
