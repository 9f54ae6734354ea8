/** `replay`: judges traces, and measurements of the packet backlog. */

import type { TraceReport } from '../../generated/types.js';
import { RecordJudge } from '../../judge/judge-trace.js';
import { SoftnetRecordJudge } from '../../judge/softnet.js';
import { readTraceBatches } from '../../trace/read.js';
import { openRecording, readSoftnet } from '../../trace/softnet.js';
import { EXIT } from '../exit.js';
import { goldenFiles } from '../fixtures.js';
import { kernelOption, shellWord } from '../options.js';
import type { Output } from '../output.js';
import { writeReport } from '../report-file.js';
import { ReplayHtml } from './replay-html.js';

/** What the command line says. */
export interface ReplayOptions {
  readonly kernel?: string;
  readonly json?: boolean;
  /** Where a report goes. */
  readonly html?: string;
}

type Verdict = TraceReport['verdict'];

/** How many traces had each verdict. */
type Tally = Record<Verdict, number>;

/** Judges the traces of `files`, or the golden ones. */
export async function replay(files: readonly string[], options: ReplayOptions, output: Output): Promise<number> {
  const judging = new Judging(options, output);
  const names = files.length > 0 ? files : goldenFiles();
  if (options.html !== undefined) writeReport(options.html, '');
  for (const file of names) await judging.judge(file);
  const { total } = judging;
  if (options.html !== undefined) writeReport(options.html, judging.page());
  if (options.json === true) await output.print(JSON.stringify({ summary: total }));
  else if (names.length > 1) await output.print(judging.inWords(total));
  if (total.invalid > 0) return EXIT.invalid;
  return total.violates + total.undecided > 0 ? EXIT.violation : EXIT.ok;
}

/** Judges one file after the other. */
class Judging {
  readonly total: Tally = { conforms: 0, violates: 0, undecided: 0, invalid: 0 };
  readonly #options: ReplayOptions;
  readonly #output: Output;
  #html: ReplayHtml | undefined;
  /** What came of each file. */
  readonly #files: string[] = [];

  constructor(options: ReplayOptions, output: Output) {
    this.#options = options;
    this.#output = output;
    const kernel = kernelOption(options.kernel);
    if (options.html !== undefined) this.#html = new ReplayHtml(kernel);
  }

  /** What was judged so far, as HTML. */
  page(): string {
    return this.#html?.page([...this.#files, `in all: ${wordsOf(this.total)}`]) ?? '';
  }

  async judge(file: string): Promise<void> {
    const tally: Tally = { conforms: 0, violates: 0, undecided: 0, invalid: 0 };
    const kernel = kernelOption(this.#options.kernel);
    let traces = 0;
    let steps = 0;
    const tell = async (reports: readonly TraceReport[]): Promise<void> => {
      for (const report of reports) {
        traces += 1;
        steps += report.steps;
        tally[report.verdict] += 1;
        this.total[report.verdict] += 1;
        this.#html?.add(file, report);
        await this.#tell(file, report, isSoftnet);
      }
    };
    const { isSoftnet, source } = await openRecording(file);
    if (isSoftnet) {
      const judge = new SoftnetRecordJudge(kernel);
      for await (const records of readSoftnet(source)) {
        await tell(records.flatMap((record) => judge.take(record) ?? []));
        this.#output.progress(() => `${file}: ${traces} measurements`);
      }
    } else {
      const judge = new RecordJudge(kernel);
      for await (const records of readTraceBatches(source)) {
        for (const record of records) {
          const reports = judge.take(record);
          if (reports.length > 0) await tell(reports);
          this.#html?.take(record);
        }
        this.#output.progress(() => `${file}: ${traces} traces, ${steps} steps`);
      }
      await tell(judge.end());
    }
    if (traces === 0) await tell([{ id: '', kernel: '', verdict: 'invalid', steps: 0, message: 'no trace in it' }]);
    this.#files.push(`${file}: ${wordsOf(tally)} (${steps} steps)`);
    if (this.#options.json !== true) {
      await this.#output.print(`${file}: ${this.inWords(tally)} (${steps} steps)`);
    }
  }

  async #tell(file: string, report: TraceReport, isSoftnet: boolean): Promise<void> {
    const { id, verdict, line, message, rule } = report;
    const output = this.#output;
    if (this.#options.json === true) await output.print(JSON.stringify(report));
    if (verdict === 'conforms') return;
    const place = line === undefined ? file : `${file}:${line}`;
    if (verdict === 'invalid') {
      output.note(`${place}: ${message}`);
      return;
    }
    const by = rule === undefined ? '' : ` (${rule})`;
    output.note(`${place}: ${id} ${output.paintNote(verdict, VERB[verdict])}: ${message}${by}`);
    if (file === '-' || isSoftnet) return;
    const { kernel } = this.#options;
    const judgedBy = kernel === undefined ? '' : ` --kernel ${kernel}`;
    output.note(`  tcp-backlog explain${judgedBy} ${shellWord(place)}`);
  }

  /** `270 conform, 0 violate, …`, in colours where that helps. */
  inWords(tally: Tally): string {
    return (Object.keys(tally) as Verdict[])
      .map((verdict) => {
        const text = wordOf(tally, verdict);
        return tally[verdict] > 0 ? this.#output.paint(verdict, text) : text;
      })
      .join(', ');
  }
}

const wordsOf = (tally: Tally): string =>
  (Object.keys(tally) as Verdict[]).map((verdict) => wordOf(tally, verdict)).join(', ');

const wordOf = (tally: Tally, verdict: Verdict): string =>
  `${tally[verdict]} ${(tally[verdict] === 1 ? SINGULAR : PLURAL)[verdict]}`;

type Words = Readonly<Record<Verdict, string>>;

const VERB: Words = { conforms: 'conforms', violates: 'violates', undecided: 'is undecided', invalid: 'is invalid' };
const SINGULAR: Words = { conforms: 'conforms', violates: 'violates', undecided: 'undecided', invalid: 'invalid' };
const PLURAL: Words = { conforms: 'conform', violates: 'violate', undecided: 'undecided', invalid: 'invalid' };
