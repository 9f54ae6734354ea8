/** A child process that answers each line on its standard input with one line on its standard output, and all that can go wrong with that. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { MAX_LINE } from '../trace/decode.js';
import { quote } from '../trace/problem.js';
import { ProcessGroup } from './process-group.js';
import { ErrorOutput } from './process-stderr.js';
import { SubjectError } from './subject.js';

/** ms in which a process that closed a pipe is expected to end, and one that ended to have its last output read. */
const CLOSING = 300;

const NEWLINE = 10;

/** A line that was sent and is not answered yet. */
interface Pending {
  readonly what: string;
  readonly timer: NodeJS.Timeout;
  /** All of it is on its way. */
  sent: boolean;
  /** The answer. */
  line: Buffer | undefined;
  resolve(line: Buffer): void;
  reject(error: SubjectError): void;
}

/** One line goes in, one comes out. After the first thing that went wrong every exchange fails with that. */
export class ProcessChannel {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #group: ProcessGroup;
  readonly #errors: ErrorOutput;
  readonly #ended: Promise<void>;
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  /** The beginning of a line whose end has not come yet. */
  #parts: Buffer[] = [];
  #partBytes = 0;
  #pending: Pending | undefined;
  /** What was last asked. */
  #last = 'anything';
  #failure: SubjectError | undefined;
  #closing = false;

  /**
   * Starts the process, without a shell, as the leader of a group.
   * @param onError gets the lines that it writes to standard error, as far as they are few
   * @throws SubjectError when it cannot be started
   */
  static async start(
    command: string,
    args: readonly string[],
    onError: ((line: string) => void) | undefined,
  ): Promise<ProcessChannel> {
    const group = new ProcessGroup();
    try {
      const env = { ...process.env, ...group.environment };
      const child = spawn(command, args, { detached: true, env, stdio: 'pipe', windowsHide: true });
      if (child.pid !== undefined) group.led(child.pid);
      await once(child, 'spawn');
      return new ProcessChannel(child, group, new ErrorOutput(child.stderr, onError));
    } catch (error) {
      throw new SubjectError(`${quote(command)} cannot be started: ${reasonOf(error as NodeJS.ErrnoException)}`);
    }
  }

  private constructor(child: ChildProcessWithoutNullStreams, group: ProcessGroup, errors: ErrorOutput) {
    this.#child = child;
    this.#group = group;
    this.#errors = errors;
    this.#ended = new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        this.#exit = { code, signal };
        resolve();
        this.#isClosing('');
      });
    });
    child.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    child.stdout.on('end', () => this.#isClosing('closed its standard output'));
    child.stdout.on('error', () => this.#isClosing('closed its standard output'));
    child.stderr.on('end', () => {
      if (this.#exit !== undefined) this.#isClosing('');
    });
    child.stdin.on('error', () => this.#isClosing('closed its standard input'));
  }

  /** The number of the process. */
  get pid(): number {
    return this.#child.pid as number;
  }

  /** Whether something went wrong. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Sends a line, and gives the line that answers it, without its end.
   * @param what what it asks for, in messages
   * @param timeout ms
   * @throws SubjectError when no answer comes
   */
  async exchange(line: string, what: string, timeout: number): Promise<Buffer> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pending !== undefined) throw new Error(`${what}: ${this.#pending.what} is not answered yet`);
    this.#last = what;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#isLate(pending, timeout), timeout);
      const pending: Pending = { what, timer, sent: false, line: undefined, resolve, reject };
      this.#pending = pending;
      this.#child.stdin.write(line, () => {
        pending.sent = true;
        this.#settle(pending);
      });
    });
  }

  /** Notes that it is of no use any more; the first reason counts. Gives the error that every exchange ends with from now on. */
  fail(reason: string): SubjectError {
    if (this.#failure === undefined) {
      this.#failure = new SubjectError(`the subject ${reason}${this.#errors.ending()}`);
      // What it goes on to write is not read any more.
      this.#child.stdout.destroy();
      const pending = this.#pending;
      this.#pending = undefined;
      clearTimeout(pending?.timer);
      pending?.reject(this.#failure);
    }
    return this.#failure;
  }

  /**
   * Ends it, if need be by force, with everything that it started.
   * @param grace ms that it has to end by itself, and again to obey SIGTERM
   * @param politely it was asked to stop: it gets the time to end by itself, and what it does wrong then is a failure
   * @throws SubjectError when it was asked to stop and did not end well
   */
  async end(grace: number, politely: boolean): Promise<void> {
    const group = this.#group;
    this.#closing = true;
    this.#child.stdin.destroy();
    let reason: string | undefined;
    if (politely && !(await this.#endsWithin(grace)))
      reason = `did not end within ${grace / 1000} s after it was asked to`;
    if (this.#exit === undefined) {
      group.signal('SIGTERM');
      await this.#endsWithin(grace);
    }
    if (politely && reason === undefined) {
      reason = (await this.#isAlone(grace)) ? this.#statusProblem() : 'left processes behind, which were killed';
    }
    group.destroy();
    await this.#endsWithin(grace);
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    if (politely && reason !== undefined) throw this.fail(reason);
  }

  async #endsWithin(ms: number): Promise<boolean> {
    if (this.#exit !== undefined) return true;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.#ended, timeout]);
    clearTimeout(timer);
    return this.#exit !== undefined;
  }

  /** Whether all that it started ends with it, or a little later. */
  async #isAlone(grace: number): Promise<boolean> {
    for (let waited = 0; this.#group.running().length > 0; waited += 20) {
      if (waited >= grace) return false;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return true;
  }

  #statusProblem(): string | undefined {
    return this.#exit?.code === 0 ? undefined : `${this.#howItEnded()} after it was asked to stop`;
  }

  #howItEnded(): string {
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    return signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
  }

  /** A pipe was closed, or the process ended. Of these the end says most, and what it wrote before may still be on its way. */
  #isClosing(reason: string): void {
    if (this.#closing || this.#failure !== undefined) return;
    const tell = (): void => {
      if (this.#closing || this.#failure !== undefined) return;
      const inside = this.#partBytes > 0 ? ', in the middle of a line' : '';
      const when = this.#pending === undefined ? `after ${this.#last}` : `before it answered ${this.#pending.what}`;
      this.fail(`${this.#exit === undefined ? reason : this.#howItEnded()} ${when}${inside}`);
    };
    const { stdout, stderr } = this.#child;
    if (this.#exit !== undefined && stdout.readableEnded && stderr.readableEnded) tell();
    else setTimeout(tell, CLOSING);
  }

  #read(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#keep(chunk.subarray(start, end));
      if (this.#failure !== undefined) return;
      const line = this.#parts.length === 1 ? (this.#parts[0] as Buffer) : Buffer.concat(this.#parts);
      this.#parts = [];
      this.#partBytes = 0;
      this.#take(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    this.#partBytes += part.length;
    if (this.#partBytes <= MAX_LINE) this.#parts.push(part);
    else this.fail(`wrote a line of more than ${MAX_LINE / 2 ** 20} MiB`);
  }

  #take(line: Buffer): void {
    const pending = this.#pending;
    if (pending !== undefined && pending.line === undefined) {
      pending.line = line;
      this.#settle(pending);
    } else if (!this.#closing) {
      this.fail(`wrote a line that nothing had asked for, after ${this.#last}: ${quote(line.toString())}`);
    }
  }

  /** Ends an exchange once the answer is there and what it answers was read. */
  #settle(pending: Pending): void {
    if (pending.line === undefined || !pending.sent || this.#pending !== pending) return;
    clearTimeout(pending.timer);
    this.#pending = undefined;
    pending.resolve(pending.line);
  }

  #isLate(pending: Pending, timeout: number): void {
    // If it was this process that slept, the answer is there by now and is read first.
    setImmediate(() => {
      if (this.#pending !== pending) return;
      this.fail(`did not ${pending.sent ? 'answer' : 'read'} ${pending.what} within ${timeout / 1000} s`);
    });
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'no such program, or not the interpreter that it names',
    EACCES: 'it may not be executed',
  };
  return (code === undefined ? undefined : reasons[code]) ?? message;
}
