/** Reads a file of traces as `replay` does: each is judged while it is read, and kept to be stepped through. */

import type { Step, TraceHeader, TraceReport } from '../../../src/generated/types.js';
import { RecordJudge } from '../../../src/judge/record-judge.js';
import { TraceDecoder, type TraceRecord } from '../../../src/trace/decode.js';
import type { Jobs, ReadFile } from '../protocol.js';
import { kernelsNamed } from './kernels.js';

/** A trace of the file. */
export interface KeptTrace {
  readonly header: TraceHeader;
  readonly line: number;
  readonly steps: Step[];
  /** The line of each step. */
  readonly lines: number[];
}

/** The traces of a file, and what was said of each. */
export class TraceFile {
  readonly traces: KeptTrace[] = [];
  private readonly reports: TraceReport[] = [];
  private readonly traceOf: number[] = [];
  private open: KeptTrace | undefined;

  /** Reads all of it. `progress` is told now and then how far it is. */
  async read({ name, bytes, kernel }: Jobs['read'][0], progress: (text: string) => void): Promise<ReadFile> {
    const judge = new RecordJudge(kernel === undefined ? undefined : kernelsNamed([kernel])[0]);
    const decoder = new TraceDecoder();
    const take = (records: readonly TraceRecord[]): void => {
      for (const record of records) this.take(record, judge);
    };
    let told = 0;
    try {
      for await (const chunk of streamOf(name, bytes)) {
        take(decoder.decode(chunk));
        if (decoder.line - told < 1000) continue;
        told = decoder.line;
        progress(`${told.toLocaleString('en-US')} lines judged`);
      }
      take(decoder.end());
    } catch (error) {
      take([{ kind: 'invalid', line: decoder.line, path: '', message: reason(name, error as Error) }]);
    }
    this.report(judge.end());
    return { reports: this.reports, traces: this.traceOf };
  }

  private take(record: TraceRecord, judge: RecordJudge): void {
    this.report(judge.take(record));
    if (record.kind === 'header') {
      this.open = { header: record.value, line: record.line, steps: [], lines: [] };
    } else if (record.kind === 'step') {
      this.open?.steps.push(record.value);
      this.open?.lines.push(record.line);
    } else {
      this.open = undefined;
    }
  }

  private report(reports: readonly TraceReport[]): void {
    for (const report of reports) {
      this.reports.push(report);
      const trace = report.verdict === 'invalid' ? undefined : this.open;
      this.traceOf.push(trace === undefined ? -1 : this.traces.push(trace) - 1);
    }
  }
}

async function* streamOf(name: string, bytes: Blob): AsyncGenerator<Uint8Array> {
  const packed = name.endsWith('.gz');
  const stream = packed ? bytes.stream().pipeThrough(new DecompressionStream('gzip')) : bytes.stream();
  const reader = stream.getReader();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if (value !== undefined) yield value;
  }
}

/** Why no more bytes came, in the words of the command. */
function reason(name: string, error: Error): string {
  if (!name.endsWith('.gz') || !(error instanceof TypeError)) throw error;
  return /truncated|unexpected end|incomplete/i.test(error.message)
    ? 'the compressed data ends too early'
    : 'not gzip data, or damaged';
}
