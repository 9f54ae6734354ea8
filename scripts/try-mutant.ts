/**
 * Tries one mutant, in a process of its own: runs unit tests until one fails, then judges traces until one does not conform. Started by
 * invert-rules.ts in a copy of the repository; takes a job on standard input, and says on standard output what it is doing and has found.
 */

import { readFileSync, writeSync } from 'node:fs';
import { format } from 'node:util';
import type { Step, TraceHeader } from '../src/generated/types.js';

/** What is to be done. */
export interface Job {
  /** Where vitest's library is, for its `expect`. */
  readonly vitest: string;
  /** Files of unit tests, as URLs, with their names. */
  readonly tests: readonly { readonly url: string; readonly name: string }[];
  /** Files that hold one trace each. */
  readonly traces: readonly { readonly path: string; readonly id: string }[];
  /** Of the traces, how many are judged even when a test has failed. */
  readonly atLeast: number;
  /** Goes on after the first failure, and tells all. */
  readonly all: boolean;
}

/** A line of the output. */
export type Said =
  /** What is being done now. */
  | { readonly now: string }
  | { readonly failedTest: string; readonly message: string }
  | { readonly failedTrace: string; readonly message: string }
  | { readonly done: true };

type Body = (...args: unknown[]) => unknown;
type Each = (rows: readonly unknown[]) => (title: string, body: Body) => void;

const say = (what: Said): void => {
  writeSync(1, `${JSON.stringify(what)}\n`);
};

const job = JSON.parse(readFileSync(0, 'utf8')) as Job;
const { expect } = (await import(job.vitest)) as { expect: unknown };
const suites: string[] = [];
let tests: { name: string; run: () => unknown }[] = [];

/** The least of vitest that the unit tests need. */
const describe = Object.assign(
  (title: string, body: Body): void => {
    suites.push(title);
    body();
    suites.pop();
  },
  { each: each((title, run) => describe(title, run)) },
);
const it = Object.assign(
  (title: string, run: Body): void => {
    tests.push({ name: [...suites, title].join(' > '), run });
  },
  { each: each((title, run) => it(title, run)) },
);
(globalThis as { harness?: object }).harness = { describe, it, expect };

const failedTest = await runTests();
await judgeTraces(failedTest && !job.all ? job.atLeast : job.traces.length);
say({ done: true });
process.exit();

function each(add: (title: string, run: () => unknown) => void): Each {
  return (rows) => (title, body) => {
    for (const row of rows) {
      const args: unknown[] = Array.isArray(row) ? row : [row];
      const holes = title.match(/%[sdifjoO]/g)?.length ?? 0;
      add(format(title, ...args.slice(0, holes)), () => body(...args));
    }
  };
}

async function runTests(): Promise<boolean> {
  let failed = false;
  const fail = (name: string, error: unknown): void => {
    failed = true;
    say({ failedTest: name, message: inWords(error) });
  };
  for (const { url, name } of job.tests) {
    say({ now: name });
    tests = [];
    try {
      await import(url);
    } catch (error) {
      fail(name, error);
    }
    for (const test of tests) {
      try {
        await test.run();
      } catch (error) {
        fail(`${name} > ${test.name}`, error);
      }
      if (failed && !job.all) return true;
    }
    if (failed && !job.all) return true;
  }
  return failed;
}

async function judgeTraces(limit: number): Promise<void> {
  for (const { path, id } of job.traces.slice(0, limit)) {
    say({ now: id });
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const [header, ...steps] = lines.map((line) => JSON.parse(line) as unknown);
    try {
      const { judgeTrace } = await import('../src/judge/judge-trace.js');
      const verdict = judgeTrace(header as TraceHeader, steps as Step[]);
      if (verdict.verdict === 'conforms') continue;
      say({ failedTrace: id, message: verdict.verdict });
    } catch (error) {
      say({ failedTrace: id, message: inWords(error) });
    }
    if (!job.all) return;
  }
}

function inWords(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split('\n')[0]}` : String(error);
}
