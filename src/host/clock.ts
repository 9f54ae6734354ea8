/**
 * Time. An instant is a number of µs since the start of the trace. The kernel counts jiffies, so an instant stands for
 * the jiffy it falls into, and a delay of k jiffies is added as k times the length of a jiffy. Which jiffy that is hangs
 * on two things that the kernel leaves open: where within a millisecond (at HZ=1000) a jiffy begins, and what the value of
 * `jiffies` was at the start. The clock keeps what is still possible of both and asks the environment only when an answer
 * depends on it. Where it is known for how long the machine has been up, it also knows when the lower 32 bits of `jiffies` are 0.
 */

import type { Environment } from './environment.js';

/** µs since the start of the trace. In place of a jiffies value it stands for the jiffy that it falls into. */
export type Instant = number;

/** One second: what `HZ` jiffies are worth, whatever HZ is. */
export const HZ = 1_000_000;

const MINUTE = 60 * HZ;
/** INITIAL_JIFFIES: a machine boots so many µs before the lower 32 bits of its jiffies are 0 for the first time. */
const BEFORE_WRAP = 300 * HZ;
/** The modulus of a phase that is known for certain. */
const CERTAIN = 2 ** 30;

/** Half-open interval of µs. */
export interface Interval {
  lo: number;
  hi: number;
}

/** The clock of one machine: HZ and what is known of its phases. */
export class Clock {
  /** µs per jiffy. */
  readonly tick: number;
  /** A jiffy begins whenever instant + fraction is a multiple of `tick`; what is still possible, within [0, tick). */
  readonly fraction: Interval;
  /** The jiffies value at instant 0 is `phase` modulo `modulus`. */
  phase: number;
  /** A power of two; 1: nothing is known of the phase. */
  modulus: number;
  /** The cookie clock's minute changes whenever instant + minute is a multiple of a minute; within [0, 60 s). */
  readonly minute: Interval;
  /** The lower 32 bits of jiffies become 0 whenever instant + wrap is a multiple of 2^32 jiffies. undefined: nobody knows for how long the machine has been up. */
  wrap: Interval | undefined = undefined;
  /** The phases that are still possible, modulo the `of` that comes with them; undefined: all. */
  possible: { readonly phases: readonly number[]; readonly of: number } | undefined = undefined;
  /** Phases that observations leave possible at the next refinement; undefined: all of them. */
  phaseHint: ((phase: number, modulus: number) => boolean) | undefined = undefined;

  constructor(hz: number, fraction: Interval, phase: number, modulus: number, minute: Interval) {
    this.tick = HZ / hz;
    this.fraction = fraction;
    this.phase = phase;
    this.modulus = modulus;
    this.minute = minute;
  }

  /** A clock of which nothing is known but HZ, and between which times, in µs, the machine has been up at instant 0, if that is known. */
  static unknown(hz: number, uptime?: Interval): Clock {
    const clock = new Clock(hz, { lo: 0, hi: HZ / hz }, 0, 1, { lo: 0, hi: MINUTE });
    if (uptime !== undefined) clock.wrap = { lo: uptime.lo - BEFORE_WRAP, hi: uptime.hi - BEFORE_WRAP };
    return clock;
  }

  /**
   * A clock of which everything is known. `fraction` and `minute` in µs, `phase` in jiffies, or, which says more, by the µs for which the machine has
   * been up at instant 0.
   */
  static known(hz: number, fraction: number, phase: number | { readonly uptime: number }, minute: number): Clock {
    const jiffies = typeof phase === 'number' ? phase : Math.floor(((phase.uptime - BEFORE_WRAP) * hz) / HZ);
    const modulo = ((jiffies % CERTAIN) + CERTAIN) % CERTAIN;
    const clock = new Clock(hz, { lo: fraction, hi: fraction }, modulo, CERTAIN, { lo: minute, hi: minute });
    const wrap = (jiffies * HZ) / hz + fraction;
    if (typeof phase !== 'number') clock.wrap = { lo: wrap, hi: wrap };
    return clock;
  }

  /** The number of the jiffy that `a` falls into, counted from the one that contains instant 0 at fraction 0. */
  jiffy(env: Environment, a: Instant): number {
    return ask(env, 'fraction of a jiffy', this.fraction, a, this.tick);
  }

  /** C's `time_after_eq(a, b)`: the jiffy of `a` is that of `b` or a later one. */
  notBefore(env: Environment, a: Instant, b: Instant): boolean {
    if (a >= b) return true;
    if (b - a >= this.tick) return false;
    return this.jiffy(env, a) >= this.jiffy(env, b);
  }

  /** What {@link notBefore} would answer without asking; undefined: it would have to ask. */
  knownNotBefore(a: Instant, b: Instant): boolean | undefined {
    if (a >= b) return true;
    if (b - a >= this.tick) return false;
    const { lo, hi } = this.fraction;
    if (lo === hi) return Math.floor((a + lo) / this.tick) === Math.floor((b + lo) / this.tick);
    // A jiffy begins after `a` and not after `b` if the fraction is in a range as long as b - a, which recurs every jiffy.
    let apart = 0;
    for (let end = Math.floor((a + lo) / this.tick) * this.tick; end - b < hi; end += this.tick) {
      apart += Math.max(0, Math.min(hi, end - a) - Math.max(lo, end - b));
    }
    if (apart <= 0) return true;
    return apart >= hi - lo ? false : undefined;
  }

  /** The instants between which the jiffy of `a` begins. */
  begins(a: Instant): Interval {
    const { lo, hi } = this.fraction;
    const first = Math.floor((a + lo) / this.tick);
    const last = Math.floor((a + hi) / this.tick);
    if (first === last || hi === lo) return { lo: first * this.tick - hi, hi: first * this.tick - lo };
    return { lo: a - this.tick, hi: a };
  }

  /** A delay of `us`, µs, rounded up to whole jiffies, as C's `usecs_to_jiffies` and `msecs_to_jiffies` do. */
  wholeJiffies(us: number): number {
    return Math.ceil(us / this.tick) * this.tick;
  }

  /** An instant inside jiffy `n`, whatever the fraction turns out to be. */
  instantOf(n: number): Instant {
    return n * this.tick - this.fraction.lo;
  }

  /** True when nothing is unknown of the phase. */
  get certain(): boolean {
    return this.modulus === CERTAIN;
  }

  /** Learns the jiffies value modulo `modulus` (a power of two, in jiffies), by asking if need be. */
  refine(env: Environment, modulus: number): void {
    this.refineIf(env, modulus, () => true);
  }

  /**
   * Learns the phase modulo `modulus` if something happens with it: true. The phases with which `happens` is false are one answer
   * together: nothing happens, the phase remains one of these, and the result is false.
   */
  refineIf(env: Environment, modulus: number, happens: (phase: number) => boolean): boolean {
    if (modulus <= this.modulus) return true;
    const idle: number[] = [];
    let busy: number[] = [];
    for (const phase of this.phasesModulo(modulus)) (happens(phase) ? busy : idle).push(phase);
    const hint = this.phaseHint;
    if (hint !== undefined) {
      const hinted = busy.filter((phase) => hint(phase, modulus));
      if (hinted.length + idle.length > 0) busy = hinted;
    }
    const answers = busy.length + (idle.length > 0 ? 1 : 0);
    let chosen = answers === 1 ? 0 : env.choose(answers, 'phase of jiffies');
    if (idle.length > 0 && chosen-- === 0) {
      const kept = new Set(idle);
      const of = Math.max(modulus, this.possible?.of ?? 1);
      this.possible = { phases: this.phasesModulo(of).filter((phase) => kept.has(phase % modulus)), of };
      return false;
    }
    this.phase = busy[chosen] as number;
    this.modulus = modulus;
    return true;
  }

  /** Goes back to knowing the phase as one of {@link possible} ones. */
  forgetPhase(): void {
    if (this.certain || this.modulus === 1) return;
    const of = Math.max(this.modulus, this.possible?.of ?? 1);
    this.possible = { phases: this.phasesModulo(of), of };
    this.phase = 0;
    this.modulus = 1;
  }

  /** The values that the phase may have modulo `modulus`. */
  private phasesModulo(modulus: number): number[] {
    const { possible } = this;
    const phases: number[] = [];
    const common = Math.min(modulus, possible?.of ?? 1);
    const known = possible === undefined ? undefined : new Set(possible.phases.map((phase) => phase % common));
    for (let phase = this.phase; phase < modulus; phase += this.modulus) {
      if (known === undefined || known.has(phase % common)) phases.push(phase);
    }
    return phases;
  }

  /** Whether the cookie clock's minute changed fewer than `limit` times (at least 1) from `earlier` to `later`. */
  fewerMinutes(env: Environment, earlier: Instant, later: Instant, limit: number): boolean {
    const whole = Math.floor((later - earlier) / MINUTE);
    if (whole >= limit) return false;
    if (whole + 1 < limit || later === earlier) return true;
    const kind = 'minute of the cookie clock';
    return ask(env, kind, this.minute, later, MINUTE) - ask(env, kind, this.minute, earlier, MINUTE) < limit;
  }

  /**
   * Whether the lower 32 bits of the jiffies at `a` are at least those of `from`, and at most those of `to`: µs from where they are 0, `from` before `to`. Where nobody
   * knows for how long the machine has been up, they are not.
   */
  nearWrap(env: Environment, a: Instant, from: number, to: number): boolean {
    const { wrap, tick } = this;
    if (wrap === undefined) return false;
    const wraps = (at: Instant): number => ask(env, 'wrap of jiffies', wrap, at, 2 ** 32 * tick);
    return wraps(a - from) > wraps(a - to - tick);
  }
}

/** floor((a + x) / unit) for the unknown x of `known`; where x decides, asks, and keeps of `known` what fits the answer. */
function ask(
  env: Environment,
  kind: 'fraction of a jiffy' | 'minute of the cookie clock' | 'wrap of jiffies',
  known: Interval,
  a: number,
  unit: number,
): number {
  const low = Math.floor((a + known.lo) / unit);
  if (known.lo === known.hi) return low;
  const boundary = (low + 1) * unit - a;
  if (boundary >= known.hi) return low;
  if (env.choose(2, kind) === 0) {
    known.hi = boundary;
    return low;
  }
  known.lo = boundary;
  return low + 1;
}
