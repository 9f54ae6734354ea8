/** From the bytes of an NDJSON file to headers and steps, a chunk at a time and in bounded memory. */

import type { Step, TraceHeader } from '../generated/types.js';
import { TraceChecker } from './check.js';
import { type Problem, problemAt, quote } from './problem.js';

/** What a line of a file is: a header, one of the lines that belong to it, or nothing that can be used. `line` counts from 1. */
export type LineRecord<Header, Item> =
  | { readonly kind: 'header'; readonly line: number; readonly value: Header }
  | { readonly kind: 'step'; readonly line: number; readonly value: Item }
  | InvalidRecord;

/** What a line of a trace file is. */
export type TraceRecord = LineRecord<TraceHeader, Step>;

/** A line that cannot be used. */
export interface InvalidRecord extends Problem {
  readonly kind: 'invalid';
  readonly line: number;
  /** It is a header, so that the trace before it is complete. Absent: it belongs to the trace before it, if there is one. */
  readonly header?: true;
}

/** What decides whether a line is a header or step; it may fill in what may be left out. */
export interface LineChecker<Header = TraceHeader> {
  /** The key by which a header is known. Absent: `trace`. */
  readonly key?: string;
  /** Starts a trace; what keeps `value` from being a header. */
  header(value: object): Problem | undefined;
  /** Goes on with the trace; what keeps `value` from being its next step. */
  step(value: object): Problem | undefined;
  /** The header of a trace that begins with a step; absent: there is none such. */
  readonly defaultHeader?: Header;
}

/** The longest line that is read, in bytes; those of the recordings have up to 80,000. */
export const MAX_LINE = 16 * 2 ** 20;

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/**
 * Splits bytes into lines and checks each. After an invalid line the rest of that trace is skipped: the next record is
 * the next header.
 */
export class TraceDecoder<Header = TraceHeader, Item = Step> {
  readonly #checker: LineChecker<Header>;
  #line = 0;
  /** `steps`: a header came, steps may follow. `skip`: no step is taken before the next header. */
  #state: 'start' | 'steps' | 'skip' = 'start';
  /** The beginning of a line whose end has not come yet. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #tooLong = false;

  /** `checker`: by default one that wants complete traces. */
  constructor(checker: LineChecker<Header> = new TraceChecker()) {
    this.#checker = checker;
  }

  /** How many lines have been read to their end. */
  get line(): number {
    return this.#line;
  }

  /** The records of the lines that end in `chunk`. The chunk must not change afterwards. */
  decode(chunk: Uint8Array): LineRecord<Header, Item>[] {
    const records: LineRecord<Header, Item>[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#pendingBytes > 0 || this.#tooLong) {
        this.#keep(chunk.subarray(start, end));
        this.#endPending(records);
      } else {
        this.#take(chunk, start, end, records);
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return records;
  }

  /** The record of a last line that has no end, if there is one. */
  end(): LineRecord<Header, Item>[] {
    const records: LineRecord<Header, Item>[] = [];
    if (this.#pendingBytes > 0 || this.#tooLong) this.#endPending(records);
    return records;
  }

  #keep(part: Uint8Array): void {
    if (this.#tooLong) return;
    this.#pendingBytes += part.length;
    if (this.#pendingBytes > MAX_LINE) {
      this.#tooLong = true;
      this.#pending = [];
    } else {
      this.#pending.push(part);
    }
  }

  #endPending(records: LineRecord<Header, Item>[]): void {
    const line = joined(this.#pending, this.#pendingBytes);
    const tooLong = this.#tooLong;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#tooLong = false;
    if (tooLong) {
      this.#line++;
      this.#refuse(TOO_LONG, records);
    } else {
      this.#take(line, 0, line.length, records);
    }
  }

  /** A line, from `start` to `end` of `bytes`. */
  #take(bytes: Uint8Array, start: number, end: number, records: LineRecord<Header, Item>[]): void {
    this.#line++;
    if (end === start || (end === start + 1 && bytes[start] === CARRIAGE_RETURN)) return;
    const value = parse(bytes.subarray(start, end));
    if (value instanceof Unreadable) this.#refuse(value, records);
    else this.#record(value, records);
  }

  #record(value: unknown, records: LineRecord<Header, Item>[]): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#refuse(problemAt([], `expected an object, got ${quote(value)}`), records);
    } else if (Object.hasOwn(value, this.#checker.key ?? 'trace')) {
      this.#header(value, records);
    } else if (this.#state !== 'skip') {
      this.#step(value, records);
    }
  }

  #header(value: object, records: LineRecord<Header, Item>[]): void {
    const line = this.#line;
    const problem = this.#checker.header(value);
    if (problem === undefined) {
      this.#state = 'steps';
      records.push({ kind: 'header', line, value: value as Header });
    } else {
      this.#state = 'skip';
      records.push({ kind: 'invalid', line, ...problem, header: true });
    }
  }

  #step(value: object, records: LineRecord<Header, Item>[]): void {
    const line = this.#line;
    if (this.#state === 'start') {
      const { defaultHeader } = this.#checker;
      if (defaultHeader === undefined) {
        const { key = 'trace' } = this.#checker;
        this.#refuse(problemAt([], `a step before any header (a line with the key "${key}")`), records);
        return;
      }
      records.push({ kind: 'header', line, value: defaultHeader });
      this.#state = 'steps';
    }
    const problem = this.#checker.step(value);
    if (problem === undefined) records.push({ kind: 'step', line, value: value as Item });
    else this.#refuse(problem, records);
  }

  /** Says what is wrong with the current line, unless the trace that it belongs to is being skipped anyway. */
  #refuse({ path, message }: Problem, records: LineRecord<Header, Item>[]): void {
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

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parse(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    return NOT_UTF8;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    return new Unreadable(notJson(error as SyntaxError, text));
  }
}

/** Parts in one piece of `length` bytes. */
function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** V8's message without the text that it quotes, which may hold anything. */
function notJson({ message }: SyntaxError, text: string): string {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (message.endsWith('end of JSON input') || Number(position) >= text.trimEnd().length) {
    return 'not JSON: it ends too early';
  }
  return position === undefined ? 'not JSON' : `not JSON at column ${Number(position) + 1}`;
}
