/** Where in the kernels' trees the cited functions are. */

import { readFileSync } from 'node:fs';
import type { Citations } from '../report/explanation.js';

interface Release {
  readonly functions: Readonly<Record<string, { readonly lines: readonly [number, number] }>>;
}

/** Reads spec/citations.lock.json, beside `dist` and `src` alike. */
export function readCitations(): Citations {
  const url = new URL('../../spec/citations.lock.json', import.meta.url);
  const releases = JSON.parse(readFileSync(url, 'utf8')) as Readonly<Record<string, Release>>;
  return (release, path, name) => releases[release]?.functions[`${path}#${name}`]?.lines;
}
