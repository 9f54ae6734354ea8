/** Copies of the repository in which one file at a time is wrong, and the processes that try them out. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { writeCompiled, writeCompiledFolder } from './compiled.js';
import type { Job, Said } from './try-mutant.js';

/** What came of a trial. */
export interface Trial {
  readonly failedTests: readonly string[];
  readonly failedTraces: readonly string[];
  /** What it was at when it hung or broke down. */
  readonly hungAt: string | undefined;
}

/** How long a test file or a trace may take, ms. Nothing right takes a tenth of it. */
const PATIENCE = 20_000;

/** A compiled copy of the sources and the models' unit tests. One trial at a time. */
export class MutatedTree {
  private readonly root: string;
  private readonly folder: string;

  /** Makes a copy of `root` in the new folder `folder`, beside which there are the `node_modules`. */
  constructor(root: string, folder: string, testFolders: readonly string[]) {
    this.root = root;
    this.folder = folder;
    for (const part of ['src', 'test/support', ...testFolders]) {
      writeCompiledFolder(folder, root, part);
    }
    writeCompiled(folder, 'scripts/try-mutant.ts', readFileSync(join(root, 'scripts/try-mutant.ts'), 'utf8'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    mkdirSync(join(folder, 'node_modules/vitest'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/vitest/package.json'), '{"type":"module","main":"index.js"}');
    writeFileSync(
      join(folder, 'node_modules/vitest/index.js'),
      'export const { describe, it, expect } = globalThis.harness;',
    );
  }

  /** Tries the tree with `text` as the file `file`, or as it is. */
  async try(
    mutant: { readonly file: string; readonly text: string } | undefined,
    job: Omit<Job, 'vitest' | 'tests'> & { readonly tests: readonly string[] },
  ): Promise<Trial> {
    if (mutant !== undefined) writeCompiled(this.folder, mutant.file, mutant.text);
    try {
      const tests = job.tests.map((name) => ({
        url: pathToFileURL(join(this.folder, 'test', name.replace(/\.ts$/, '.js'))).href,
        name: name.replace(/\.test\.ts$/, ''),
      }));
      const vitest = pathToFileURL(join(this.root, 'node_modules/vitest/dist/index.js')).href;
      return await this.run({ ...job, vitest, tests });
    } finally {
      if (mutant !== undefined) {
        writeCompiled(this.folder, mutant.file, readFileSync(join(this.root, mutant.file), 'utf8'));
      }
    }
  }

  private async run(job: Job): Promise<Trial> {
    const worker = spawn(process.execPath, ['--max-old-space-size=1500', join(this.folder, 'scripts/try-mutant.js')], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    worker.stdin.on('error', () => {});
    worker.stdin.end(JSON.stringify(job));
    let now = 'the start';
    let done = false;
    let timer = kill(worker);
    const failedTests: string[] = [];
    const failedTraces: string[] = [];
    for await (const line of createInterface(worker.stdout)) {
      clearTimeout(timer);
      timer = kill(worker);
      const said = JSON.parse(line) as Said;
      if ('now' in said) now = said.now;
      else if ('failedTest' in said) failedTests.push(said.failedTest);
      else if ('failedTrace' in said) failedTraces.push(said.failedTrace);
      else done = true;
    }
    clearTimeout(timer);
    return { failedTests, failedTraces, hungAt: done ? undefined : now };
  }
}

function kill(worker: ChildProcess): NodeJS.Timeout {
  return setTimeout(() => worker.kill('SIGKILL'), PATIENCE);
}

/** Makes the packages of `root` available to the trees in `folder`. */
export function linkPackages(root: string, folder: string): void {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}
