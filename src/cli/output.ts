/** Writing to standard output and standard error. */

import type { TraceReport } from '../generated/types.js';

/** As much of a stream as is needed; a terminal says so. */
export interface Sink {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(data: string | Uint8Array): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

type Verdict = TraceReport['verdict'];

const COLOURS: Readonly<Record<Verdict, number>> = { conforms: 32, violates: 31, undecided: 33, invalid: 31 };

/** ms between two updates of the progress on a terminal. */
const PROGRESS_INTERVAL = 100;

/** Data goes to `stdout`, everything else to `stderr`. */
export class Output {
  /** What `--color` or `--no-color` asks for; undefined: colours where a terminal shows them, unless NO_COLOR is set. */
  color: boolean | undefined;
  readonly #stdout: Sink;
  readonly #stderr: Sink;
  #progressShown = false;
  #nextProgress = 0;

  constructor(stdout: Sink, stderr: Sink) {
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** Columns of the terminal that data goes to; undefined: it goes elsewhere. */
  get columns(): number | undefined {
    return this.#stdout.isTTY === true ? this.#stdout.columns : undefined;
  }

  /** Data: whole lines. Waits while the reader is slower than we are. */
  async print(text: string): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** Whether data goes to a terminal. */
  get isTerminal(): boolean {
    return this.#stdout.isTTY === true;
  }

  /** Data as it is: text with its own line ends, or bytes. Waits while the reader is slower than we are. */
  async write(data: string | Uint8Array): Promise<void> {
    this.#clearProgress();
    if (!this.#stdout.write(data)) await new Promise<void>((resolve) => this.#stdout.once('drain', resolve));
  }

  /** Everything that is not data: whole lines. */
  note(text: string): void {
    this.#clearProgress();
    this.#stderr.write(`${text}\n`);
  }

  /** How far the work has got, for somebody who watches a terminal; it is gone when something else is written. */
  progress(text: () => string): void {
    if (this.#stderr.isTTY !== true) return;
    const now = performance.now();
    if (now < this.#nextProgress) return;
    this.#nextProgress = now + PROGRESS_INTERVAL;
    this.#stderr.write(`\r\x1b[K${text()}`);
    this.#progressShown = true;
  }

  /** A word of data in the colour of a verdict. */
  paint(verdict: Verdict, word: string): string {
    return paint(this.#stdout, this.color, verdict, word);
  }

  /** A word of a note in the colour of a verdict. */
  paintNote(verdict: Verdict, word: string): string {
    return paint(this.#stderr, this.color, verdict, word);
  }

  #clearProgress(): void {
    if (this.#progressShown) this.#stderr.write('\r\x1b[K');
    this.#progressShown = false;
  }
}

function paint({ isTTY = false }: Sink, asked: boolean | undefined, verdict: Verdict, word: string): string {
  const { NO_COLOR = '', TERM } = process.env;
  const coloured = asked ?? (isTTY && NO_COLOR === '' && TERM !== 'dumb');
  return coloured ? `\x1b[${COLOURS[verdict]}m${word}\x1b[0m` : word;
}
