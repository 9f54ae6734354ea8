/** From the bytes of an NDJSON file to headers and steps, a chunk at a time and in bounded memory. */

import { isAscii, isUtf8 } from 'node:buffer';
import type { Step, TraceHeader } from '../generated/types.js';
import { TraceChecker } from './check.js';
import { type Problem, problemAt, quote } from './problem.js';

/** What a line of a trace file is. `line` counts from 1. */
export type TraceRecord =
  | { readonly kind: 'header'; readonly line: number; readonly value: TraceHeader }
  | { readonly kind: 'step'; readonly line: number; readonly value: Step }
  | ({ readonly kind: 'invalid'; readonly line: number } & Problem);

/** The longest line that is read, in bytes; those of the recordings have up to 80,000. */
export const MAX_LINE = 16 * 2 ** 20;

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * Splits bytes into lines and checks each. After an invalid line the rest of that trace is skipped: the next record is
 * the next header.
 */
export class TraceDecoder {
  readonly #checker = new TraceChecker();
  #line = 0;
  /** `steps`: a header came, steps may follow. `skip`: no step is taken before the next header. */
  #state: 'start' | 'steps' | 'skip' = 'start';
  /** The beginning of a line whose end has not come yet. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #tooLong = false;

  /** How many lines have been read to their end. */
  get line(): number {
    return this.#line;
  }

  /** The records of the lines that end in `chunk`. The chunk must not change afterwards. */
  decode(chunk: Buffer): TraceRecord[] {
    const records: TraceRecord[] = [];
    const ascii = isAscii(chunk);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#pendingBytes > 0 || this.#tooLong) {
        this.#keep(chunk.subarray(start, end));
        this.#endPending(records);
      } else {
        this.#take(chunk, start, end, ascii, records);
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return records;
  }

  /** The record of a last line that has no end, if there is one. */
  end(): TraceRecord[] {
    const records: TraceRecord[] = [];
    if (this.#pendingBytes > 0 || this.#tooLong) this.#endPending(records);
    return records;
  }

  #keep(part: Buffer): void {
    if (this.#tooLong) return;
    this.#pendingBytes += part.length;
    if (this.#pendingBytes > MAX_LINE) {
      this.#tooLong = true;
      this.#pending = [];
    } else {
      this.#pending.push(part);
    }
  }

  #endPending(records: TraceRecord[]): void {
    const line = Buffer.concat(this.#pending);
    const tooLong = this.#tooLong;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#tooLong = false;
    if (tooLong) {
      this.#line++;
      this.#refuse(TOO_LONG, records);
    } else {
      this.#take(line, 0, line.length, isAscii(line), records);
    }
  }

  /** A line, from `start` to `end` of `bytes`. */
  #take(bytes: Buffer, start: number, end: number, ascii: boolean, records: TraceRecord[]): void {
    this.#line++;
    if (end === start || (end === start + 1 && bytes[start] === CARRIAGE_RETURN)) return;
    const value = ascii || isUtf8(bytes.subarray(start, end)) ? parse(bytes, start, end, ascii) : NOT_UTF8;
    const problem = value instanceof Unreadable ? value : this.#record(value, records);
    if (problem !== undefined) this.#refuse(problem, records);
  }

  #record(value: unknown, records: TraceRecord[]): Problem | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return problemAt([], `expected an object, got ${quote(value)}`);
    }
    if (Object.hasOwn(value, 'trace')) {
      this.#state = 'steps';
      const problem = this.#checker.header(value);
      if (problem === undefined) records.push({ kind: 'header', line: this.#line, value: value as TraceHeader });
      return problem;
    }
    if (this.#state === 'skip') return undefined;
    if (this.#state === 'start') return problemAt([], 'a step before any header (a line with the key "trace")');
    const problem = this.#checker.step(value);
    if (problem === undefined) records.push({ kind: 'step', line: this.#line, value: value as Step });
    return problem;
  }

  /** Says what is wrong with the current line, unless the trace that it belongs to is being skipped anyway. */
  #refuse({ path, message }: Problem, records: TraceRecord[]): void {
    if (this.#state !== 'skip') records.push({ kind: 'invalid', line: this.#line, path, message });
    this.#state = 'skip';
  }
}

/** A line that is no JSON text. */
class Unreadable implements Problem {
  readonly path = '';
  constructor(readonly message: string) {}
}

const NOT_UTF8 = new Unreadable('not UTF-8');
const TOO_LONG = new Unreadable(`a line of more than ${MAX_LINE / 2 ** 20} MiB`);

function parse(bytes: Buffer, start: number, end: number, ascii: boolean): unknown {
  const text = bytes.toString(ascii ? 'latin1' : 'utf8', start, end);
  try {
    return JSON.parse(text);
  } catch (error) {
    return new Unreadable(notJson(error as SyntaxError, text));
  }
}

/** V8's message without the text that it quotes, which may hold anything. */
function notJson({ message }: SyntaxError, text: string): string {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (message.endsWith('end of JSON input') || Number(position) >= text.trimEnd().length) {
    return 'not JSON: it ends too early';
  }
  return position === undefined ? 'not JSON' : `not JSON at column ${Number(position) + 1}`;
}
