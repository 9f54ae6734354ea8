/** Places in files, as arguments name them, and the traces that are there. */

import { existsSync } from 'node:fs';
import type { Step, TraceHeader } from '../generated/types.js';
import type { InvalidRecord } from '../trace/decode.js';
import { describeInvalid, readTraces } from '../trace/read.js';
import { UsageError } from './exit.js';

/** `file:line`, unless that is the name of a file. */
export function placeOf(place: string): { readonly file: string; readonly line?: number } {
  const [, file, line] = /^(.+):(\d+)$/.exec(place) ?? [];
  return file === undefined || existsSync(place) ? { file: place } : { file, line: Number(line) };
}

/** A trace in a file: on which lines its header and its steps are. */
export interface TracePart {
  readonly header: TraceHeader;
  readonly line: number;
  readonly steps: { readonly value: Step; readonly line: number }[];
}

/** The trace that `line` is in. What is wrong with a later line does not matter. */
export async function traceAround(file: string, line: number): Promise<TracePart> {
  let trace: TracePart | undefined;
  let problem: InvalidRecord | undefined;
  let last = 0;
  for await (const record of readTraces(file)) {
    const isLater = record.line > line;
    if (record.kind === 'step') {
      trace?.steps.push({ value: record.value, line: record.line });
    } else if (isLater) {
      break;
    } else if (record.kind === 'header') {
      trace = { header: record.value, line: record.line, steps: [] };
      problem = undefined;
    } else {
      trace = undefined;
      problem = record;
    }
    last = record.line;
  }
  if (problem !== undefined) throw new UsageError(describeInvalid(file, problem));
  const isThere = trace !== undefined && (trace.line === line || trace.steps.some((step) => step.line === line));
  if (trace === undefined || !isThere) {
    throw new UsageError(`${file}:${line}: no step${last < line ? `; the last one is on line ${last}` : ''}`);
  }
  return trace;
}
