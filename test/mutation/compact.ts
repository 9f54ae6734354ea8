/** A compact selection of the golden traces, for what has to run thousands of times: each rule that they show is shown by several. */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type GoldenTrace, goldenTraces } from '../support/recordings.js';

const FIXTURES = resolve(import.meta.dirname, '../../fixtures');
const FOLDERS = ['linux-2.6.32', 'linux-2.6.32.69', 'linux-4.15', 'model'];
/** How many traces of a folder show a rule, where there are as many. */
const SHOWN_BY = 3;
/** Where the kernel refuses a sysctl, what an earlier trace wrote may still be in force: such a trace cannot be judged alone. */
const REFUSED = 'do_proc_dointvec_minmax_conv/out-of-range';

interface Index {
  readonly rules: readonly string[];
  readonly files: readonly {
    readonly file: string;
    readonly traces: readonly { readonly line: number; readonly rules: readonly number[] }[];
  }[];
}

/** The selection; of each folder, short traces before long ones. */
export function compactTraces(): GoldenTrace[] {
  const { rules: names, files } = JSON.parse(readFileSync(join(FIXTURES, 'index.json'), 'utf8')) as Index;
  const shown = new Map<string, readonly number[]>();
  for (const { file, traces } of files) for (const { line, rules } of traces) shown.set(`${file}:${line}`, rules);
  const refused = names.indexOf(REFUSED);
  return FOLDERS.flatMap((folder) => {
    const counts = new Map<number, number>();
    return goldenTraces(folder)
      .map((trace) => ({ trace, length: JSON.stringify(trace.steps).length }))
      .sort((a, b) => a.length - b.length)
      .map(({ trace }) => trace)
      .filter(({ file, line }) => {
        const rules = shown.get(`${file}:${line}`) ?? [];
        if (rules.includes(refused) || rules.every((rule) => (counts.get(rule) ?? 0) >= SHOWN_BY)) return false;
        for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + 1);
        return true;
      });
  });
}
