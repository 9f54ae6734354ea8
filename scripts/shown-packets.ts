/** Judges the measurements of the packet backlog and tells how many of them show each rule. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SoftnetJudge } from '../src/judge/softnet.js';
import { kernelNamed } from '../src/kernels.js';
import { readSoftnet } from '../src/trace/softnet.js';

/** By kernel and rule, how many measurements show it; and what does not conform. */
export interface ShownPackets {
  readonly measurements: ReadonlyMap<string, number>;
  readonly rules: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly problems: readonly string[];
}

/** Judges every file of `folder`; each is named after the variant that models its kernel: `linux-4.15.ndjson.gz`. */
export async function judgePackets(folder: string): Promise<ShownPackets> {
  const measurements = new Map<string, number>();
  const rules = new Map<string, Map<string, number>>();
  const problems: string[] = [];
  for (const file of readdirSync(folder).sort()) {
    const kernel = /^linux-(.*)\.ndjson\.gz$/.exec(file)?.[1] ?? '';
    const variant = kernelNamed(kernel);
    if (variant === undefined) throw new Error(`${file}: no such variant`);
    const times = new Map<string, number>();
    let judge: SoftnetJudge | undefined;
    let count = 0;
    for await (const records of readSoftnet(join(folder, file))) {
      for (const record of records) {
        if (record.kind === 'invalid') throw new Error(`${file}:${record.line}: ${record.message}`);
        if (record.kind === 'header') {
          judge = new SoftnetJudge(variant, record.value.kernel.hz);
        } else if (judge !== undefined) {
          count++;
          const wrong = judge.judge(record.value);
          if (wrong !== undefined) problems.push(`${file}:${record.line}: ${wrong.field} violates`);
          for (const rule of new Set(judge.fired)) times.set(rule, (times.get(rule) ?? 0) + 1);
        }
      }
    }
    measurements.set(kernel, count);
    rules.set(kernel, times);
  }
  return { measurements, rules, problems };
}
