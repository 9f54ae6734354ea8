/** A machine that runs one kernel in virtual time, for those who let events happen on it. */

import type { Arrival, Fault, TraceEvent } from '../generated/types.js';
import { Clock } from '../host/clock.js';
import type { Host } from '../host/host.js';
import type { SkBuff } from '../host/segment.js';
import type { CallResult, KernelVariant, SocketOptions } from '../host/variant.js';
import { SeededEnvironment, type Sent } from './environment.js';

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
  /** For how long the machine has been up at the start, µs. Absent: for so long that nothing hangs on it. */
  readonly uptime?: number;
  /** Settles everything that the kernel leaves to chance. The same seed gives the same run. Default 0. */
  readonly seed?: number;
}

/** An event whose segments have the form `S`. */
export type EventWith<S> =
  | Exclude<TraceEvent, Arrival>
  | { readonly segments: readonly S[]; readonly faults?: readonly Fault[] };

/** See the file's comment. Its clone is as good as itself. */
export class RunningMachine {
  /** The machine's state, by the kernel's own names. */
  readonly host: Host;
  /** Of the sysctls asked for, the ones that the kernel refused, with the errno. */
  readonly sysctlErrors: Readonly<Record<string, string>>;
  private readonly variant: KernelVariant;
  private readonly env: SeededEnvironment;

  constructor(variant: KernelVariant, options: SimulationOptions) {
    const { hz = 1000, release, seed = 0, sockopt = {}, sysctl = {}, uptime } = options;
    this.variant = variant;
    this.env = new SeededEnvironment(seed);
    const jiffy = 1_000_000 / hz;
    const [fraction, phase, minute] = [this.env.choose(jiffy), this.env.choose(2 ** 20), this.env.choose(60_000_000)];
    const clock = Clock.known(hz, fraction, uptime === undefined ? phase : { uptime }, minute);
    this.host = variant.boot(this.env, clock, sockopt, release);
    const refused: Record<string, string> = {};
    for (const [name, value] of Object.entries(sysctl)) {
      const errno = variant.writeSysctl(this.host, name, value);
      if (errno !== 0) refused[name] = errno;
    }
    this.sysctlErrors = refused;
  }

  /**
   * Lets an event happen. What fires and is logged meanwhile replaces what was before.
   * @param at µs, not before the last event's end; a `wait` lasts from then on
   * @param arriving gives a segment the form that a kernel sees; all of an arrival get it before the first is received
   */
  happen<S>(event: EventWith<S>, at: number, arriving: (segment: S) => SkBuff): Partial<CallResult> {
    const { host, variant } = this;
    host.fired = [];
    host.log = [];
    host.faults = 'faults' in event && event.faults !== undefined ? new Set(event.faults) : NO_FAULTS;
    this.elapse(at);
    host.now = at;
    this.env.time = at;
    if ('syscall' in event) return variant.call(host, event);
    if ('segments' in event) {
      const segments = event.segments.map(arriving);
      for (const segment of segments) variant.receive(host, segment);
      return {};
    }
    if ('wait' in event) {
      this.elapse(at + event.wait);
      return {};
    }
    const results = Object.entries(event.sysctl).map(([name, value]) => variant.writeSysctl(host, name, value));
    return { result: results.find((result) => result !== 0) ?? 0 };
  }

  /** What was sent since this was last asked, in order. */
  takeSent(): Sent[] {
    const { sent } = this.env;
    this.env.sent = [];
    return sent;
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
}

const NO_FAULTS: ReadonlySet<Fault> = new Set();
