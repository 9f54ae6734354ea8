/** A program in any language as a subject: it is started, and speaks the conformance protocol over its standard input and output. */

import type { Capabilities, SubjectEvent, SubjectObservation, SubjectOutcome } from '../generated/types.js';
import { type AnswerTo, PROTOCOL, type RequestBody, type RequestType, readAnswer, requestLine } from './messages.js';
import { ProcessChannel } from './process-channel.js';
import { printable } from './process-stderr.js';
import type { Configuration, Refusal, Subject } from './subject.js';

/** What has to be said about a program. */
export interface ProcessOptions {
  /** The kernel that it is held against, as in `4.15`; it is told. */
  readonly kernel: string;
  /**
   * ms within which each request has to be answered; with a real clock, a `wait` may take as much longer as it lasts. Default 10000.
   * For the first one, before which the program has to start, it is never less than the default.
   */
  readonly timeout?: number;
  /** ms that it has to end after `stop`, what it started after that, and it again after SIGTERM, before it is killed. Default 2000. */
  readonly grace?: number;
  /** Gets the lines that it writes to standard error: the first 200, each cut after 500 characters. */
  readonly onStderr?: (line: string) => void;
}

/** ms. */
const TIMEOUT = 10_000;

/** A running program. When this process ends in any way other than by a signal that it does not handle, the program and all that it started are killed. */
export interface ProcessSubject extends Subject {
  /** The number of its process. */
  readonly pid: number;
  /**
   * Asks it to stop and waits until it has ended; what is still running then is killed. If it failed before, everything is killed at once.
   * Does nothing the second time. @throws SubjectError when it did not stop as it should
   */
  stop(): Promise<void>;
}

/**
 * Starts a program, without a shell, in a process group of its own, and asks it who it is.
 * @throws SubjectError when it cannot be started, or does not say who it is; nothing of it is left running then
 */
export async function startProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessSubject> {
  const talk = new Conversation(await ProcessChannel.start(command, args, options.onStderr), options);
  const starting = Math.max(0, TIMEOUT - (options.timeout ?? TIMEOUT));
  try {
    const { capabilities } = await talk.ask('hello', { protocol: PROTOCOL, kernel: options.kernel }, starting);
    return new Program(talk, capabilities);
  } catch (error) {
    await talk.end(false);
    throw error;
  }
}

/** Requests and their answers. */
class Conversation {
  readonly channel: ProcessChannel;
  readonly #timeout: number;
  readonly #grace: number;
  #requests = 0;

  constructor(channel: ProcessChannel, { timeout = TIMEOUT, grace = 2000 }: ProcessOptions) {
    this.channel = channel;
    this.#timeout = timeout;
    this.#grace = grace;
  }

  /** `longer`: ms that it may take beyond the time that every answer may take. */
  async ask<T extends RequestType>(type: T, body: RequestBody<T>, longer = 0): Promise<AnswerTo<T>> {
    const id = ++this.#requests;
    const what = `request ${id} (${type})`;
    const line = await this.channel.exchange(requestLine(type, id, body), what, this.#timeout + longer);
    const { answer, problem } = readAnswer(line, type, id);
    if (answer === undefined) {
      const place = problem.path === '' ? '' : `${problem.path}: `;
      throw this.channel.fail(`answered ${what} with nonsense: ${place}${problem.message}`);
    }
    if (answer.type === 'error') throw this.channel.fail(`could not do ${what}: ${printable(answer.message)}`);
    return answer as AnswerTo<T>;
  }

  end(politely: boolean): Promise<void> {
    return this.channel.end(this.#grace, politely);
  }
}

class Program implements ProcessSubject {
  readonly capabilities: Capabilities;
  readonly #talk: Conversation;
  #stopped: Promise<void> | undefined;

  constructor(talk: Conversation, capabilities: Capabilities) {
    this.#talk = talk;
    this.capabilities = capabilities;
  }

  get pid(): number {
    return this.#talk.channel.pid;
  }

  async reset({ sysctl, sockopt }: Configuration): Promise<Refusal> {
    const { refused, uptime } = await this.#talk.ask('reset', { sysctl, sockopt });
    return { ...(refused === undefined ? {} : { refused }), ...(uptime === undefined ? {} : { uptime }) };
  }

  async apply(event: SubjectEvent, at: number): Promise<SubjectOutcome> {
    const waits = this.capabilities.clock.kind === 'real' && 'wait' in event ? event.wait / 1000 : 0;
    return (await this.#talk.ask('apply', { at, event }, waits)).outcome;
  }

  async observe(): Promise<SubjectObservation> {
    return (await this.#talk.ask('observe', {})).observation;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    if (this.#talk.channel.failed) return this.#talk.end(false);
    try {
      await this.#talk.ask('stop', {});
    } catch (error) {
      await this.#talk.end(false);
      throw error;
    }
    await this.#talk.end(true);
  }
}
