/** The golden traces that come with the package. */

import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { packagePath } from '../package-root.js';

const FIXTURES = packagePath('fixtures');

/** The files with golden traces, by kernel, in a fixed order, as names that are good in the current folder. */
export function goldenFiles(): string[] {
  return readdirSync(FIXTURES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((folder) => readdirSync(join(FIXTURES, folder.name)).map((name) => join(FIXTURES, folder.name, name)))
    .filter((name) => /\.ndjson(\.gz)?$/.test(name))
    .sort()
    .map(shortest);
}

/** A name inside the current folder is told from there. */
function shortest(file: string): string {
  const inside = relative(process.cwd(), file);
  return inside.startsWith('..') ? file : inside;
}
