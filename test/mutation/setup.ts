/** Before mutation testing: puts a compact selection of the golden traces into one small file, so that no mutant has to wait for all of them. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { compactTraces } from './compact.js';

export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'mutation-'));
  const file = join(folder, 'traces.json');
  writeFileSync(file, JSON.stringify(compactTraces()));
  provide('compactTraces', file);
  return () => rmSync(folder, { recursive: true });
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** A file: a list of traces. */
    compactTraces: string;
  }
}
