/** What a subject writes to standard error: the beginning is passed on, the end is kept for the message about its failure. */

import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** How many lines are passed on. */
const SHOWN = 200;
/** How many lines are kept. */
const KEPT = 5;
/** Characters of a line that are shown or kept. */
const WIDTH = 500;

/** Reads all of it, so that the subject never waits; keeps little of it. */
export class ErrorOutput {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #line = '';
  #shown = 0;
  #kept: string[] = [];

  /** `onLine` gets the first lines, without characters that a terminal would obey. */
  constructor(stream: Readable, onLine: (line: string) => void = () => {}) {
    this.#onLine = onLine;
    stream.on('data', (chunk: Buffer) => this.#read(this.#decoder.write(chunk)));
    stream.on('end', () => this.#read(`${this.#decoder.end()}${this.#line === '' ? '' : '\n'}`));
    stream.on('error', () => {});
  }

  /** The last lines, as the end of a message; empty if there were none. */
  ending(): string {
    const last = this.#line === '' ? this.#kept : [...this.#kept, printable(this.#line)].slice(-KEPT);
    return last.length === 0
      ? ''
      : `\n  its standard error ends with:\n${last.map((line) => `    ${line}`).join('\n')}`;
  }

  #read(text: string): void {
    const [first = '', ...rest] = text.split('\n');
    this.#add(first);
    for (const part of rest) {
      this.#take(this.#line);
      this.#line = '';
      this.#add(part);
    }
  }

  #add(part: string): void {
    if (this.#line.length <= WIDTH) this.#line += part.slice(0, WIDTH + 1);
  }

  #take(raw: string): void {
    const line = printable(raw);
    this.#kept = [...this.#kept, line].slice(-KEPT);
    this.#shown += 1;
    if (this.#shown <= SHOWN) this.#onLine(line);
    else if (this.#shown === SHOWN + 1) this.#onLine('(what follows is not shown)');
  }
}

/** Text of a subject without what a terminal would obey, and not too long. */
export function printable(line: string): string {
  const text = line.replaceAll(/[^\P{Cc}\t]/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return text.length > WIDTH ? `${text.slice(0, WIDTH)}…` : text;
}
