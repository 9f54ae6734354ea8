/** A worker that answers the newest question: an older one that takes long is given up. */

import type { Problem } from '../../src/trace/problem.js';
import type { Answer, JobName, Jobs, Question } from './protocol.js';

/** How long a question that nobody waits for any more may go on, ms: it is cheaper to let it end than to start the worker again. */
const GRACE = 300;

/** What a question came to. */
export type Outcome<T> = { readonly answer: T } | { readonly problem: Problem };

interface Asked {
  readonly question: Question;
  readonly done: (outcome: Outcome<unknown> | undefined) => void;
  readonly progress: ((text: string) => void) | undefined;
}

/** See the file's comment. */
export class Engine {
  private worker: Worker | undefined;
  private running: Asked | undefined;
  private next: Asked | undefined;
  private numbers = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Asks; undefined: a newer question came before the answer. */
  ask<J extends JobName>(
    job: J,
    about: Jobs[J][0],
    progress?: (text: string) => void,
  ): Promise<Outcome<Jobs[J][1]> | undefined> {
    return new Promise((resolve) => {
      this.next?.done(undefined);
      const question = { id: ++this.numbers, job, about } as Question;
      this.next = { question, done: resolve as Asked['done'], progress };
      if (this.running === undefined) this.begin();
      else this.timer ??= setTimeout(() => this.giveUp(), GRACE);
    });
  }

  /** Starts the worker before there is a question. */
  warm(): void {
    this.worker ??= this.start();
  }

  /** Ends the worker; nothing is answered any more. */
  close(): void {
    this.worker?.terminate();
    clearTimeout(this.timer);
    this.next?.done(undefined);
    this.running?.done(undefined);
  }

  private begin(): void {
    const { next } = this;
    if (next === undefined) return;
    this.next = undefined;
    this.running = next;
    this.worker ??= this.start();
    this.worker.postMessage(next.question);
  }

  private giveUp(): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.end(undefined);
  }

  private end(outcome: Outcome<unknown> | undefined): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { running } = this;
    this.running = undefined;
    running?.done(this.next === undefined ? outcome : undefined);
    this.begin();
  }

  private start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      if (data.id !== this.running?.question.id) return;
      if ('progress' in data) this.running.progress?.(data.progress);
      else this.end('problem' in data ? { problem: data.problem } : { answer: data.answer });
    });
    worker.addEventListener('error', ({ message }) => {
      this.worker?.terminate();
      this.worker = undefined;
      this.end({ problem: { path: '', message: `the model stopped: ${message}` } });
    });
    return worker;
  }
}
