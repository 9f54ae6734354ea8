/** Where in the kernels' trees the cited functions are. */

import { readFileSync } from 'node:fs';
import { packagePath } from '../package-root.js';
import type { Citations } from '../report/explanation.js';

interface Release {
  readonly functions: Readonly<Record<string, { readonly lines: readonly [number, number] }>>;
}

/** Reads spec/citations.lock.json. */
export function readCitations(): Citations {
  const releases = JSON.parse(readFileSync(packagePath('spec/citations.lock.json'), 'utf8')) as Readonly<
    Record<string, Release>
  >;
  return (release, path, name) => releases[release]?.functions[`${path}#${name}`]?.lines;
}
