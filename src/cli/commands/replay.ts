/** `replay`: judges traces. */

import { relative } from 'node:path';
import type { TraceReport } from '../../generated/types.js';
import { RecordJudge } from '../../judge/judge-trace.js';
import { readTraces } from '../../trace/read.js';
import { EXIT } from '../exit.js';
import { goldenFiles } from '../fixtures.js';
import { kernelOption } from '../options.js';
import { note, print } from '../output.js';

/** What the command line says. */
export interface ReplayOptions {
  readonly kernel?: string;
  readonly json?: boolean;
}

type Tally = Record<TraceReport['verdict'], number>;

/** Judges the traces of `files`, or the golden ones. */
export async function replay(files: readonly string[], options: ReplayOptions): Promise<number> {
  const kernel = kernelOption(options.kernel);
  const total: Tally = { conforms: 0, violates: 0, undecided: 0, invalid: 0 };
  for (const file of files.length > 0 ? files : goldenFiles()) {
    const name = files.length > 0 ? file : relative(process.cwd(), file);
    const tally: Tally = { conforms: 0, violates: 0, undecided: 0, invalid: 0 };
    const judge = new RecordJudge(kernel);
    let steps = 0;
    const tell = async (reports: readonly TraceReport[]): Promise<void> => {
      for (const report of reports) {
        tally[report.verdict] += 1;
        steps += report.steps;
        if (options.json === true) await print(JSON.stringify(report));
        if (report.verdict === 'conforms') continue;
        const place = report.line === undefined || report.line === 0 ? name : `${name}:${report.line}`;
        const what = report.verdict === 'invalid' ? '' : `${report.id} ${report.verdict}: `;
        const rule = report.rule === undefined ? '' : ` [${report.rule}]`;
        note(`${place}: ${what}${report.message}${rule}`);
        if (report.verdict !== 'invalid' && name !== '-') note(`  tcp-backlog explain ${place}`);
      }
    };
    for await (const record of readTraces(file)) await tell(judge.take(record));
    await tell(judge.end());
    for (const verdict of Object.keys(total) as (keyof Tally)[]) total[verdict] += tally[verdict];
    if (options.json !== true) await print(`${name}: ${inWords(tally)} (${steps} steps)`);
  }
  await print(options.json === true ? JSON.stringify({ summary: total }) : inWords(total));
  if (total.invalid > 0) return EXIT.invalid;
  return total.violates + total.undecided > 0 ? EXIT.violation : EXIT.ok;
}

const inWords = (tally: Tally): string =>
  Object.entries(tally)
    .map(([verdict, count]) => `${count} ${count === 1 ? SINGULAR[verdict as keyof Tally] : PLURAL[verdict as keyof Tally]}`)
    .join(', ');

const SINGULAR: Tally2 = { conforms: 'conforms', violates: 'violates', undecided: 'undecided', invalid: 'invalid' };
const PLURAL: Tally2 = { conforms: 'conform', violates: 'violate', undecided: 'undecided', invalid: 'invalid' };
type Tally2 = Readonly<Record<TraceReport['verdict'], string>>;
