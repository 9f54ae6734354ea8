/** `conform`: tests a program that speaks the conformance protocol, or puts reports of such tests together. */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { traceLines } from '../../conformance/case-result.js';
import { parseDeviations } from '../../conformance/deviations.js';
import { mergeReports } from '../../conformance/merge.js';
import { type ProcessSubject, startProcess } from '../../conformance/process-subject.js';
import { caseLine, parseReport, summaryLine } from '../../conformance/report-lines.js';
import { SubjectError } from '../../conformance/subject.js';
import { runSuite, type SuiteOptions, type SuiteReport, succeeded } from '../../conformance/suite.js';
import type { CaseResult } from '../../generated/types.js';
import type { KernelVariant } from '../../host/variant.js';
import { conformanceHtml } from '../../report/conformance-html.js';
import { conformanceMarkdown } from '../../report/conformance-markdown.js';
import { caseInWords, summaryInWords } from '../../report/conformance-words.js';
import { junit } from '../../report/junit.js';
import { EXIT, UsageError } from '../exit.js';
import { kernelOption, shellWord } from '../options.js';
import type { Output } from '../output.js';
import { writeReport } from '../report-file.js';
import type { ConformOptions } from './conform-options.js';

/** Tests the program that `words` start, or merges reports. */
export async function conform(words: readonly string[], options: ConformOptions, output: Output): Promise<number> {
  const telling = new Telling(options, output);
  if (options.merge !== undefined) {
    if (words.length > 0) throw new UsageError('--merge takes reports, and no command');
    return telling.whole(merged(options.merge));
  }
  const [command, ...args] = words;
  if (command === undefined)
    throw new UsageError('the command to test is missing: tcp-backlog conform -- COMMAND ARGS');
  const suite = suiteOptions(words, options, telling);
  telling.prepare();
  const report = await tested(command, args, suite, options.timeout, output);
  return report === undefined ? EXIT.subject : telling.end(report);
}

/** Runs the suite on a program; undefined: it could not even be started, which has been told. */
async function tested(
  command: string,
  args: readonly string[],
  suite: SuiteOptions,
  timeout: number,
  output: Output,
): Promise<SuiteReport | undefined> {
  let subject: ProcessSubject;
  try {
    const onStderr = (line: string): void => output.note(`subject: ${line}`);
    subject = await startProcess(command, args, { kernel: suite.kernel.name, timeout, onStderr });
  } catch (error) {
    if (!(error instanceof SubjectError)) throw error;
    output.note(`tcp-backlog: ${error.message}`);
    return undefined;
  }
  const stopped = async (): Promise<string | undefined> => {
    try {
      await subject.stop();
      return undefined;
    } catch (error) {
      if (error instanceof SubjectError) return error.message;
      throw error;
    }
  };
  try {
    const report = await runSuite(subject, suite);
    const broken = report.broken ?? (await stopped());
    return broken === undefined ? report : { ...report, broken };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(error.message);
  } finally {
    await stopped();
  }
}

function suiteOptions(words: readonly string[], options: ConformOptions, telling: Telling): SuiteOptions {
  const { seed, path, runs, bail, run, skip, shard, deviations } = options;
  const kernel: KernelVariant = kernelOption(options.kernel);
  return {
    kernel,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
    ...(runs === undefined ? {} : { runs }),
    ...(bail === undefined ? {} : { bail }),
    ...(run === undefined ? {} : { run }),
    ...(skip === undefined ? {} : { skip }),
    ...(shard === undefined ? {} : { shard }),
    ...(deviations === undefined ? {} : { deviations: readWith(deviations, parseDeviations) }),
    command: words.map(shellWord).join(' '),
    onCase: (result) => telling.case(result, kernel.name),
    onProgress: ({ case: name, runs: tried, of, shrinking }) =>
      telling.progress(`${name}: ${tried} of ${of} scenarios${shrinking ? ', making a failure smaller' : ''}`),
  };
}

function merged(files: readonly string[]): SuiteReport {
  const reports = files.map((file) => readWith(file, parseReport));
  try {
    return mergeReports(reports);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** What `parse` makes of a file; what is wrong with it is told with its name. */
function readWith<T>(file: string, parse: (text: string) => T): T {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** Tells what came of the cases: on standard output as it comes, and in files at the end. */
class Telling {
  readonly #options: ConformOptions;
  readonly #output: Output;
  #printed: Promise<void> = Promise.resolve();
  #cases = 0;
  #failed = 0;

  constructor(options: ConformOptions, output: Output) {
    this.#options = options;
    this.#output = output;
  }

  /** Makes sure that what is found after a long time can be written. */
  prepare(): void {
    const { html, report, junit, markdown, save } = this.#options;
    for (const file of [html, report, junit, markdown]) if (file !== undefined) writeReport(file, '');
    if (save === undefined) return;
    try {
      mkdirSync(save, { recursive: true });
    } catch (error) {
      throw new UsageError(`cannot make ${save}: ${(error as Error).message}`);
    }
  }

  progress(what: string): void {
    const failed = this.#failed === 0 ? '' : `, ${this.#failed} failed`;
    this.#output.progress(() => `${this.#cases} cases done${failed}; ${what}`);
  }

  case(result: CaseResult, kernel: string): void {
    this.#cases += 1;
    if (result.status === 'failed') this.#failed += 1;
    const saved = this.#save(result);
    if (this.#options.json === true) {
      this.#print(caseLine(result));
      return;
    }
    const [first, ...rest] = caseInWords(result, kernel);
    if (first !== undefined) this.#print([this.#painted(result, first), ...rest, ...saved].join('\n'));
  }

  /** The cases of a report that is there at once, and its end. */
  async whole(report: SuiteReport): Promise<number> {
    this.prepare();
    for (const result of report.cases) this.case(result, report.kernel);
    return this.end(report);
  }

  async end(report: SuiteReport): Promise<number> {
    const options = this.#options;
    this.#print(options.json === true ? summaryLine(report) : summaryInWords(report).join('\n'));
    await this.#printed;
    if (options.report !== undefined) {
      writeReport(
        options.report,
        [...report.cases.map(caseLine), summaryLine(report)].map((line) => `${line}\n`).join(''),
      );
    }
    if (options.junit !== undefined) writeReport(options.junit, junit(report));
    if (options.html !== undefined) writeReport(options.html, conformanceHtml(report));
    if (options.markdown !== undefined) writeReport(options.markdown, conformanceMarkdown(report));
    if (report.broken !== undefined) {
      if (options.json === true) this.#output.note(`tcp-backlog: ${report.broken}`);
      return EXIT.subject;
    }
    return succeeded(report) ? EXIT.ok : EXIT.violation;
  }

  /** Writes the trace of a failure where it is wanted; how to look at it. */
  #save({ case: name, failure, status }: CaseResult): string[] {
    const { save } = this.#options;
    if (save === undefined || failure === undefined || status !== 'failed') return [];
    const file = join(save, `${name.replaceAll('/', '-')}.ndjson`);
    writeReport(file, traceLines(failure.trace));
    return [`  explain: tcp-backlog explain ${shellWord(file)}`];
  }

  #painted({ status }: CaseResult, line: string): string {
    return this.#output.paint(status === 'failed' ? 'violates' : 'undecided', line);
  }

  #print(text: string): void {
    this.#printed = this.#printed.then(() => this.#output.print(text));
  }
}
