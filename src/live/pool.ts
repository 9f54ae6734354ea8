/** Several adapters side by side: most of a scenario's time is waiting, so many can be played at once, each by a process of its own. */

import { type ProcessSubject, startProcess } from '../conformance/process-subject.js';
import { type Subject, SubjectError } from '../conformance/subject.js';
import type { Capabilities } from '../generated/types.js';
import type { LiveCommand } from './launch.js';

/** How many adapters there are, and what is said to them. */
export interface PoolOptions {
  readonly adapter: LiveCommand;
  /** The kernel that they are held against, as in `4.15`; they are told. */
  readonly kernel: string;
  /** How many may run at once, from 1. */
  readonly jobs: number;
  /** ms within which an adapter has to answer, beside the time that a wait lasts; its first answer has 10000 at least. Default 10000. */
  readonly timeout?: number;
  /** Takes what is worth knowing and no failure: lines that adapters write to standard error, and adapters that had to be replaced. */
  readonly onNote?: (line: string) => void;
}

/** Something that an adapter is wanted for. */
export interface Job<T> {
  /** µs that it is going to wait, as far as that is known. */
  readonly length: number;
  /** May be called a second time, with another adapter, when the first one broke. */
  run(subject: Subject): Promise<T>;
}

/** How far a list of jobs has come. */
export interface PoolProgress {
  readonly done: number;
  readonly of: number;
  /** Seconds that the rest is going to take, roughly. */
  readonly left: number;
}

/** Adapters that are started when they are needed, and used again. Call {@link stop} in any case. */
export class Pool {
  /** What the first adapter said of itself; the others are taken to be like it. */
  readonly capabilities: Capabilities;
  readonly #options: PoolOptions;
  /** Falls when no more can be started. */
  #size: number;
  readonly #running = new Set<ProcessSubject>();
  readonly #idle: ProcessSubject[] = [];
  /** How many are running or being started. */
  #taken = 1;
  readonly #starting = new Set<Promise<unknown>>();
  /** Those who wait for an adapter, first come, first served. */
  readonly #waiting: { take(subject: ProcessSubject): void; retry(): void; refuse(error: Error): void }[] = [];
  #stopped = false;

  /**
   * Starts the first adapter.
   * @throws SubjectError when it cannot be started, or does not say who it is
   */
  static async start(options: PoolOptions): Promise<Pool> {
    return new Pool(options, await startAdapter(options));
  }

  private constructor(options: PoolOptions, first: ProcessSubject) {
    this.#options = options;
    this.#size = options.jobs;
    this.capabilities = first.capabilities;
    this.#running.add(first);
    this.#idle.push(first);
  }

  /** The numbers of the adapters' processes. */
  get pids(): number[] {
    return [...this.#running].map(({ pid }) => pid);
  }

  /**
   * Runs a job on an adapter that has nothing else to do. One that breaks is replaced, and the job run again, once.
   * @throws SubjectError when the second adapter broke as well; other errors of the job as they are
   */
  async use<T>(run: (subject: Subject) => Promise<T>): Promise<T> {
    try {
      return await this.#once(run);
    } catch (error) {
      if (!(error instanceof SubjectError) || this.#stopped) throw error;
      this.#options.onNote?.(`${error.message}; once more`);
      return this.#once(run);
    }
  }

  /** Runs jobs, the longest first. What came of each, in their order; of one for which two adapters broke, the reason. */
  async all<T>(jobs: readonly Job<T>[], onProgress?: (progress: PoolProgress) => void): Promise<(T | SubjectError)[]> {
    const results = new Map<Job<T>, T | SubjectError>();
    const estimate = new Estimate(jobs, this.#size);
    const play = async (job: Job<T>): Promise<void> => {
      results.set(job, await this.#settled(job));
      onProgress?.(estimate.done(job, results.size));
    };
    await Promise.all(jobs.toSorted((a, b) => b.length - a.length).map(play));
    return jobs.map((job) => results.get(job) as T | SubjectError);
  }

  /** Ends all adapters, those by force that have not answered yet. What went wrong with those that had nothing to do. Does nothing the second time. */
  async stop(): Promise<readonly SubjectError[]> {
    this.#stopped = true;
    for (const { refuse } of this.#waiting.splice(0)) refuse(stopped());
    const subjects = [...this.#running];
    this.#running.clear();
    const idle = new Set(this.#idle.splice(0));
    const ended = await Promise.allSettled(subjects.map((subject) => subject.stop()));
    // Those end by themselves once they have started.
    await Promise.allSettled(this.#starting);
    return ended.flatMap((one, i) => {
      const wasIdle = idle.has(subjects[i] as ProcessSubject);
      return one.status === 'rejected' && wasIdle && one.reason instanceof SubjectError ? [one.reason] : [];
    });
  }

  async #settled<T>(job: Job<T>): Promise<T | SubjectError> {
    try {
      return await this.use((subject) => job.run(subject));
    } catch (error) {
      if (error instanceof SubjectError) return error;
      throw error;
    }
  }

  async #once<T>(run: (subject: Subject) => Promise<T>): Promise<T> {
    const subject = await this.#take();
    try {
      const result = await run(subject);
      this.#give(subject);
      return result;
    } catch (error) {
      if (this.#stopped) throw stopped();
      if (error instanceof SubjectError) await this.#drop(subject);
      else this.#give(subject);
      throw error;
    }
  }

  async #take(): Promise<ProcessSubject> {
    for (;;) {
      if (this.#stopped) throw stopped();
      const idle = this.#idle.pop();
      if (idle !== undefined) return idle;
      if (this.#taken < this.#size) {
        const starting = this.#startAnother();
        this.#starting.add(starting);
        const started = await starting.finally(() => this.#starting.delete(starting));
        if (started !== undefined) return started;
        continue;
      }
      const given = await new Promise<ProcessSubject | undefined>((resolve, reject) => {
        this.#waiting.push({ take: resolve, retry: () => resolve(undefined), refuse: reject });
      });
      if (given !== undefined) return given;
    }
  }

  /** Undefined: this machine does not take more than there are. */
  async #startAnother(): Promise<ProcessSubject | undefined> {
    this.#taken += 1;
    try {
      const subject = await startAdapter(this.#options);
      this.#running.add(subject);
      if (!this.#stopped) return subject;
      this.#running.delete(subject);
      await subject.stop().catch(() => undefined);
      throw stopped();
    } catch (error) {
      this.#taken -= 1;
      if (!(error instanceof SubjectError) || this.#stopped || this.#taken === 0) {
        this.#waiting.shift()?.retry();
        throw error;
      }
      if (this.#size === this.#options.jobs) {
        this.#options.onNote?.(`fewer than ${this.#size} adapters run side by side here: ${error.message}`);
      }
      this.#size = this.#taken;
      return undefined;
    }
  }

  #give(subject: ProcessSubject): void {
    if (!this.#running.has(subject)) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(subject);
    else next.take(subject);
  }

  /** Lets go of an adapter that broke; whoever waits may start another. */
  async #drop(subject: ProcessSubject): Promise<void> {
    this.#running.delete(subject);
    await subject.stop().catch(() => undefined);
    this.#taken -= 1;
    this.#waiting.shift()?.retry();
  }
}

const stopped = (): SubjectError => new SubjectError('the adapters were stopped');

function startAdapter({ adapter, kernel, timeout, onNote }: PoolOptions): Promise<ProcessSubject> {
  return startProcess(adapter.command, adapter.args, {
    kernel,
    ...(timeout === undefined ? {} : { timeout }),
    ...(onNote === undefined ? {} : { onStderr: onNote }),
  });
}

/** µs that a scenario takes beside its waits. */
const OVERHEAD = 50_000;

/** How long jobs are going to take together, from what they wait and from how long those took that are done. */
class Estimate {
  readonly #size: number;
  readonly #of: number;
  readonly #started = performance.now();
  #left: number;
  #done = 0;

  constructor(jobs: readonly Job<unknown>[], size: number) {
    this.#of = jobs.length;
    this.#size = Math.min(size, jobs.length);
    this.#left = jobs.reduce((sum, { length }) => sum + length + OVERHEAD, 0);
  }

  done({ length }: Job<unknown>, done: number): PoolProgress {
    this.#done += length + OVERHEAD;
    this.#left -= length + OVERHEAD;
    const fromLengths = this.#left / 1e6 / this.#size;
    const fromPast = ((performance.now() - this.#started) / 1000) * (this.#left / this.#done);
    // What has passed knows how fast this machine is, but only once much of it has.
    const share = this.#done / (this.#done + this.#left);
    return { done, of: this.#of, left: fromLengths * (1 - share) + fromPast * share };
  }
}
