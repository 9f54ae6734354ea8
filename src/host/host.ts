/** One machine with one network namespace: what every kernel variant's state has in common. */

import type { Fault } from '../generated/types.js';
import type { Clock, Instant } from './clock.js';
import { Cookies } from './cookies.js';
import type { CounterName } from './counters.js';
import type { Environment } from './environment.js';
import type { RuleId } from './rule.js';
import type { OutSegment } from './segment.js';
import type { TimerBase } from './timers.js';

/** Shared by all variants; each adds its own sockets. */
export abstract class Host {
  readonly env: Environment;
  readonly clock: Clock;
  readonly timers: TimerBase;
  readonly cookies = new Cookies();
  /** `jiffies`, as an instant. */
  now: Instant = 0;
  /** By full name, for example `net.ipv4.tcp_syncookies`. */
  readonly sysctl: Record<string, number>;
  /** Since boot, by the name that nstat shows; absent: 0. */
  readonly counters: Partial<Record<CounterName, number>> = {};
  /** The rules that fired since somebody last emptied this list. */
  fired: RuleId[] = [];
  /** The kernel log's lines, `<level> text`, since somebody last emptied this list. */
  log: string[] = [];
  /** What the kernel fails at during the current event. */
  faults: ReadonlySet<Fault> = NO_FAULTS;

  protected constructor(env: Environment, clock: Clock, timers: TimerBase, sysctl: Record<string, number>) {
    this.env = env;
    this.clock = clock;
    this.timers = timers;
    this.sysctl = sysctl;
  }

  /** Notes that `rule` decided something. */
  rule(rule: RuleId): void {
    this.fired.push(rule);
  }

  /** Adds to a counter. */
  count(name: CounterName, by = 1): void {
    this.counters[name] = (this.counters[name] ?? 0) + by;
  }

  /** Sends a segment; the caller counts it. */
  transmit(segment: OutSegment): void {
    this.env.transmit(this, segment);
  }

  /** C's `time_after(a, b)`. */
  time_after(a: Instant, b: Instant): boolean {
    return !this.clock.notBefore(this.env, b, a);
  }

  /** C's `time_after_eq(a, b)`. */
  time_after_eq(a: Instant, b: Instant): boolean {
    return this.clock.notBefore(this.env, a, b);
  }

  /**
   * C's `time_between32(a, l, h)` for `l` and `h` near 0, in µs. False where nobody knows for how long the machine has been up: then 32 bits of
   * jiffies are taken to be far from 0.
   */
  time_between32(a: Instant, l: number, h: number): boolean {
    return this.clock.nearWrap(this.env, a, l, h);
  }
}

const NO_FAULTS: ReadonlySet<Fault> = new Set();
