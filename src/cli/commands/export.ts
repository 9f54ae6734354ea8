/** `export`: writes traces in the formats of other tools. */

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { csv } from '../../export/csv.js';
import { itf } from '../../export/itf.js';
import { packetdrillScript } from '../../export/packetdrill.js';
import { pcapng } from '../../export/pcapng.js';
import type { Step, TraceHeader } from '../../generated/types.js';
import type { RuleId } from '../../host/rule.js';
import type { KernelVariant } from '../../host/variant.js';
import { TraceJudge } from '../../judge/judge.js';
import { kernelNamed } from '../../kernels.js';
import { timelineOf } from '../../timeline/timeline-of.js';
import { describeInvalid, readTraces } from '../../trace/read.js';
import { EXIT, UsageError } from '../exit.js';
import type { Output } from '../output.js';
import { placeOf, traceAround } from '../place.js';

/** What the command line says. */
export interface ExportOptions {
  /** What a trace is written as; a pcapng file holds many. */
  readonly to: 'packetdrill' | 'pcapng' | 'itf' | 'csv';
  /** A file, or a folder; absent: standard output. */
  readonly output?: string;
}

/** A trace, and where it is. */
interface Placed {
  readonly file: string;
  readonly line: number;
  readonly header: TraceHeader;
  readonly steps: Step[];
  /** The line of each step. */
  readonly lines: number[];
}

/** What a trace became. */
interface Exported {
  readonly content: string | Uint8Array;
  /** What whoever reads it has to know. */
  readonly notes: readonly string[];
  readonly status: number;
}

const ENDINGS: Readonly<Record<ExportOptions['to'], string>> = {
  packetdrill: '.pkt',
  pcapng: '.pcapng',
  itf: '.itf.json',
  csv: '.csv',
};

/** Writes every trace of `places`, which are files, or lines of files whose trace is meant. */
export async function exportTraces(
  places: readonly string[],
  { to, output: target }: ExportOptions,
  output: Output,
): Promise<number> {
  if (to === 'pcapng' && target === undefined && output.isTerminal) {
    throw new UsageError('a capture is bytes, and no terminal shows them: say where it goes with -o FILE');
  }
  let status: number = EXIT.ok;
  let found = 0;
  const tell = (message: string): void => {
    output.note(message);
    status = EXIT.invalid;
  };
  const destination = new Destination(to, target);
  for (const place of places) {
    for await (const trace of tracesAt(place, tell)) {
      found += 1;
      const exported = exportTrace(trace, to, tell);
      if (exported === undefined) continue;
      for (const note of exported.notes) output.note(`${trace.file}:${trace.line}: ${trace.header.id}: ${note}`);
      status = Math.max(status, exported.status);
      destination.take(trace.header.id, exported.content);
    }
  }
  await destination.end(output);
  if (found === 0 && status === EXIT.ok) tell(`${places.join(', ')}: no trace in it`);
  return status;
}

/** The traces of a file, or the one around a line. What is wrong is told, and the other traces are read all the same. */
async function* tracesAt(place: string, tell: (message: string) => void): AsyncGenerator<Placed> {
  const { file, line } = placeOf(place);
  if (line !== undefined) {
    const { header, line: at, steps } = await traceAround(file, line);
    yield { file, line: at, header, steps: steps.map(({ value }) => value), lines: steps.map((step) => step.line) };
    return;
  }
  let current: Placed | undefined;
  for await (const record of readTraces(file)) {
    if (record.kind === 'step') {
      current?.steps.push(record.value);
      current?.lines.push(record.line);
      continue;
    }
    // A line that is no header takes the trace that it is in with it.
    if (current !== undefined && (record.kind === 'header' || record.header === true)) yield current;
    current = undefined;
    if (record.kind === 'header') {
      current = { file, line: record.line, header: record.value, steps: [], lines: [] };
    } else {
      tell(describeInvalid(file, record));
    }
  }
  if (current !== undefined) yield current;
}

function exportTrace(trace: Placed, to: ExportOptions['to'], tell: (message: string) => void): Exported | undefined {
  switch (to) {
    case 'packetdrill': {
      const { text, ends } = packetdrillScript(trace);
      const notes = ends === undefined ? [] : [`left out from line ${trace.lines[ends.step]} on: ${ends.reason}`];
      return { content: text, notes, status: EXIT.ok };
    }
    case 'itf':
      return { content: `${JSON.stringify(itf(trace))}\n`, notes: [], status: EXIT.ok };
    case 'pcapng': {
      const kernel = kernelOf(trace, tell);
      return kernel && { content: pcapng(trace, rulesOf(trace, kernel)), notes: [], status: EXIT.ok };
    }
    case 'csv': {
      const kernel = kernelOf(trace, tell);
      if (kernel === undefined) return undefined;
      const { timeline, verdict } = timelineOf(trace, kernel);
      const content = csv(timeline);
      if (verdict.verdict === 'conforms') return { content, notes: [], status: EXIT.ok };
      const line = verdict.line === 1 ? trace.line : trace.lines[verdict.line - 2];
      const note = `${verdict.verdict === 'violates' ? 'violates the specification' : 'undecided'} on line ${line}, where its rows end`;
      return { content, notes: [note], status: EXIT.violation };
    }
  }
}

function kernelOf({ file, line, header }: Placed, tell: (message: string) => void): KernelVariant | undefined {
  const kernel = kernelNamed(header.kernel.variant);
  if (kernel === undefined) {
    tell(`${file}:${line}: $.kernel.variant: unknown kernel variant ${JSON.stringify(header.kernel.variant)}`);
  }
  return kernel;
}

/** The rules that fired in each step, as far as the trace conforms. */
function rulesOf({ header, steps }: Placed, kernel: KernelVariant): RuleId[][] {
  const fired: RuleId[][] = [];
  const judge = new TraceJudge(kernel, header, 1);
  judge.onStep = (line, rules) => {
    fired[line - 2] = [...rules];
  };
  steps.forEach((step, i) => {
    judge.step(step, i + 2);
  });
  judge.end();
  return fired;
}

/**
 * Where what was exported goes. A folder gets a file for each trace; one file, or standard output, gets what holds together: any number of captures,
 * or one trace of any other format. A target is a folder if it is one, or ends in a slash.
 */
class Destination {
  readonly #to: ExportOptions['to'];
  readonly #target: string | undefined;
  readonly #isFolder: boolean;
  readonly #taken = new Set<string>();
  readonly #parts: (string | Uint8Array)[] = [];

  constructor(to: ExportOptions['to'], target: string | undefined) {
    this.#to = to;
    this.#target = target;
    this.#isFolder =
      target !== undefined && (target.endsWith('/') || (existsSync(target) && statSync(target).isDirectory()));
  }

  take(id: string, content: string | Uint8Array): void {
    if (this.#isFolder) {
      this.#write(join(this.#target as string, this.#nameOf(id)), content);
    } else {
      this.#parts.push(content);
      if (this.#parts.length === 1 || this.#to === 'pcapng') return;
      throw new UsageError(`there are several traces: choose one with FILE:LINE, or a folder for them with -o FOLDER/`);
    }
  }

  async end(output: Output): Promise<void> {
    if (this.#parts.length === 0) return;
    if (this.#target === undefined) for (const part of this.#parts) await output.write(part);
    else this.#write(this.#target, Buffer.concat(this.#parts.map((part) => Buffer.from(part as Uint8Array))));
  }

  /** A name for a trace's file that no other one has. */
  #nameOf(id: string): string {
    const plain = id.replaceAll(/[^\w.+-]+/g, '_').replace(/^\./, '_') || '_';
    let name = `${plain}${ENDINGS[this.#to]}`;
    for (let i = 2; this.#taken.has(name); i++) name = `${plain}-${i}${ENDINGS[this.#to]}`;
    this.#taken.add(name);
    return name;
  }

  #write(file: string, content: string | Uint8Array): void {
    try {
      if (this.#isFolder) mkdirSync(this.#target as string, { recursive: true });
      writeFileSync(file, content);
    } catch (error) {
      throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
    }
  }
}
