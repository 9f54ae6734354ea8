/** Runs a scenario on a kernel's model, step by step, in virtual time. */

import type { ArrivingSegment, Fault, Observed, SentSegment, Step, TraceEvent } from '../generated/types.js';
import { Clock } from '../host/clock.js';
import { cloneGraph } from '../host/clone.js';
import { type CounterName, TCP_EXT_ROW, TCP_ROW } from '../host/counters.js';
import type { Host } from '../host/host.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant, SocketOptions } from '../host/variant.js';
import { arriving, type SynAcks, sent } from '../trace/segments.js';
import { SeededEnvironment } from './environment.js';

/** How a machine is set up before the first event. */
export interface SimulationOptions {
  /** Written before the listener is made, by full name. What is not named has the kernel's default. */
  readonly sysctl?: Readonly<Record<string, number>>;
  /** Set on the listener's socket before its first `listen`. */
  readonly sockopt?: SocketOptions;
  /** `uname -r` of the kernel, where releases that share a model differ: `2.6.32.69`. By default the release that the model is cited from. */
  readonly release?: string;
  /** Jiffies per second: 100, 250, 300 or 1000. Default 1000. */
  readonly hz?: number;
  /** Settles everything that the kernel leaves to chance. The same seed gives the same run. Default 0. */
  readonly seed?: number;
}

/** What a step did: a step of a trace, and what the kernel had to do with it. */
export interface PlayedStep extends Step {
  /** The rules that fired, in order. */
  readonly rules: readonly RuleId[];
  /** What was written to the kernel log. */
  readonly log: readonly string[];
}

/** A machine that runs one kernel, with one server process. */
export class Simulation {
  /** The machine's state, by the kernel's own names. */
  readonly host: Host;
  /** Of the sysctls asked for, the ones that the kernel refused, with the errno. */
  readonly sysctlErrors: Readonly<Record<string, string>>;
  private readonly variant: KernelVariant;
  private readonly env: SeededEnvironment;
  private readonly synAcks: SynAcks = new Map();
  private readonly read: Partial<Record<CounterName, number>> = {};
  private time = 0;

  constructor(variant: KernelVariant, options: SimulationOptions = {}) {
    const { hz = 1000, release, seed = 0, sockopt = {}, sysctl = {} } = options;
    this.variant = variant;
    this.env = new SeededEnvironment(seed);
    const jiffy = 1_000_000 / hz;
    const clock = Clock.known(hz, this.env.choose(jiffy), this.env.choose(2 ** 20), this.env.choose(60_000_000));
    this.host = variant.boot(this.env, clock, sockopt, release);
    const refused: Record<string, string> = {};
    for (const [name, value] of Object.entries(sysctl)) {
      const errno = variant.writeSysctl(this.host, name, value);
      if (errno !== 0) refused[name] = errno;
    }
    this.sysctlErrors = refused;
  }

  /** µs since the start. */
  get now(): number {
    return this.time;
  }

  /** Lets one event happen now; a `wait` lets its time pass. */
  step(event: TraceEvent): PlayedStep {
    const { host, variant } = this;
    const at = this.time;
    host.fired = [];
    host.log = [];
    host.faults = 'faults' in event && event.faults !== undefined ? new Set(event.faults) : NO_FAULTS;
    this.elapse(at);
    host.now = at;
    this.env.time = at;
    let outcome: Pick<Step, 'result' | 'accepted' | 'setupErrors'> = {};
    if ('syscall' in event) {
      outcome = variant.call(host, event) as typeof outcome;
    } else if ('segments' in event) {
      const segments = event.segments.map((one) => arriving(one, this.synAcks));
      for (const segment of segments) variant.receive(host, segment);
    } else if ('sysctl' in event) {
      let result: 0 | string = 0;
      for (const [name, value] of Object.entries(event.sysctl)) {
        const refused = variant.writeSysctl(host, name, value);
        if (result === 0) result = refused;
      }
      outcome = { result };
    } else {
      this.time += event.wait;
      this.elapse(this.time);
    }
    return { at, event, ...outcome, out: this.takeSent(), observed: this.observe(), rules: host.fired, log: host.log };
  }

  /** A segment that a peer sends now, with an absolute acknowledgement number, so that it means the same when it arrives later. */
  sentNow(segment: ArrivingSegment): ArrivingSegment {
    if (segment.ack === undefined) return segment;
    return { ...segment, ack: { of: 'nothing', plus: arriving(segment, this.synAcks).ack_seq } };
  }

  /** An independent copy: the same events give the same results in both. */
  clone(): Simulation {
    return cloneGraph(this);
  }

  /** Fires the timers of all ticks that begin up to `until`. */
  private elapse(until: number): void {
    const { host } = this;
    for (
      let tick = host.timers.next(host, until);
      tick !== undefined && tick.lo <= until;
      tick = host.timers.next(host, until)
    ) {
      this.env.time = Math.max(tick.lo, this.env.time);
      host.timers.run(host);
    }
  }

  private takeSent(): SentSegment[] {
    const taken = this.env.sent.map((segment) => {
      const { peer, flags, ...numbers } = sent(segment, this.synAcks);
      return { at: Math.ceil(segment.at), peer, flags, ...numbers };
    });
    this.env.sent = [];
    return taken;
  }

  /** What a recorder would read now. The counters are those that moved since the step before. */
  private observe(): Observed {
    const { host, variant } = this;
    const counters: Record<string, number> = {};
    for (const name of [...TCP_ROW, ...TCP_EXT_ROW]) {
      const value = host.counters[name] ?? 0;
      const moved = value - (this.read[name] ?? 0);
      if (moved === 0) continue;
      counters[name] = moved;
      this.read[name] = value;
    }
    const listener = variant.listener(host);
    const shown = listener === undefined ? {} : { listener };
    return { at: this.time, ...shown, sockets: variant.sockets(host), counters, until: this.time };
  }
}

const NO_FAULTS: ReadonlySet<Fault> = new Set();
