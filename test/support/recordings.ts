/** The golden traces, for tests. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Step, TraceHeader } from '../../src/generated/types.js';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures');

/** A golden trace and where it stands. */
export interface GoldenTrace {
  readonly file: string;
  readonly line: number;
  readonly header: TraceHeader;
  readonly steps: Step[];
}

/** The golden traces in a folder of `fixtures`, for example `linux-4.15`; with `name`, those of one file. */
export function goldenTraces(folder: string, name?: 'named' | 'random'): GoldenTrace[] {
  const traces: GoldenTrace[] = [];
  for (const file of readdirSync(join(FIXTURES, folder)).sort()) {
    if (!/\.ndjson(\.gz)?$/.test(file) || (name !== undefined && !file.startsWith(name))) continue;
    const bytes = readFileSync(join(FIXTURES, folder, file));
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    text.split('\n').forEach((content, i) => {
      if (content === '') return;
      const value = JSON.parse(content) as TraceHeader | Step;
      if ('trace' in value) traces.push({ file: `${folder}/${file}`, line: i + 1, header: value, steps: [] });
      else traces.at(-1)?.steps.push(value);
    });
  }
  return traces;
}
