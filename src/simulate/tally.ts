/** Keeps count while a workload runs: how deep the queues are, what troubles the clients, what the kernel logs. */

import type { Host } from '../host/host.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import type { QueueUse, Trouble, WorkloadResult } from './result.js';
import { SIGNS, sentenceOf } from './signs.js';

/** How many lines of the kernel log are kept. */
const LOG_LINES = 100;

/** One queue. */
class Gauge {
  limit: number | undefined;
  deepest = 0;
  private full = 0;
  private length = 0;
  private since = 0;
  private fullAt: number | undefined;

  /** The queue is that long from `at` on, and full from `fullAt` on. */
  set(length: number, fullAt: number | undefined, at: number): void {
    if (this.length === length && this.fullAt === fullAt) return;
    if (this.isFull) this.full += at - this.since;
    this.length = length;
    this.fullAt = fullAt;
    this.since = at;
    if (fullAt !== undefined) this.limit = fullAt;
    if (length > this.deepest) this.deepest = length;
  }

  use(until: number): QueueUse {
    const full = this.full + (this.isFull ? until - this.since : 0);
    return { limit: this.limit, deepest: this.deepest, full };
  }

  private get isFull(): boolean {
    return this.fullAt !== undefined && this.length >= this.fullAt;
  }
}

/** Looks at a machine after everything that happens on it. */
export class Tally {
  /** How many connections wait to be accepted. */
  waiting = 0;
  /** How many requests there are. */
  requests = 0;
  private readonly kernel: KernelVariant;
  private readonly host: Host;
  private readonly troubles = new Map<RuleId, { first: number; times: number }>();
  private readonly log: { at: number; line: string }[] = [];
  private logLines = 0;
  private readonly synQueue = new Gauge();
  private readonly acceptQueue = new Gauge();
  private young = 0;

  constructor(kernel: KernelVariant, host: Host) {
    this.kernel = kernel;
    this.host = host;
  }

  /** Something has happened; it is `at` now. */
  look(at: number): void {
    const { host, kernel } = this;
    for (const rule of host.fired) {
      if (!SIGNS.has(rule)) continue;
      const trouble = this.troubles.get(rule);
      if (trouble === undefined) this.troubles.set(rule, { first: at, times: 1 });
      else trouble.times += 1;
    }
    for (const line of host.log) if (this.logLines++ < LOG_LINES) this.log.push({ at, line });
    const info = kernel.listener(host);
    const listens = info !== undefined && info.state === 'LISTEN';
    const queue = listens ? kernel.synQueue(host) : undefined;
    this.waiting = info?.acceptQueue ?? 0;
    this.requests = queue?.length ?? 0;
    if (queue !== undefined && queue.young > this.young) this.young = queue.young;
    this.synQueue.set(this.requests, queue?.limit, at);
    this.acceptQueue.set(this.waiting, listens ? info.maxAcceptQueue + 1 : undefined, at);
  }

  /** What it comes to at the end. */
  result(until: number): Pick<WorkloadResult, 'synQueue' | 'acceptQueue' | 'troubles' | 'log' | 'logLines'> {
    const troubles = [...this.troubles].map(([rule, { first, times }]): Trouble => {
      return { sign: SIGNS.get(rule) ?? 'reset', rule, sentence: sentenceOf(rule), first, times };
    });
    return {
      synQueue: { ...this.synQueue.use(until), deepestYoung: this.young },
      acceptQueue: this.acceptQueue.use(until),
      troubles: troubles.sort((a, b) => a.first - b.first),
      log: this.log,
      logLines: this.logLines,
    };
  }
}
