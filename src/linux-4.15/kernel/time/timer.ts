/**
 * The timer wheel. It does not fire a timer when it is due, but with all others of its bucket, and the further away that is,
 * the wider the bucket: 1 jiffy below 63, 8 below 504, 64 below 4032, 512 below 32256, 4096 below 258048, and so on.
 * Buckets follow absolute jiffies, so where they end hangs on a phase that may not be known yet. What was armed until then is
 * kept as a log of operations for each level, and replayed once the phase is known that far.
 */

import type { Clock, Instant, Interval } from '../../../host/clock.js';
import type { Environment } from '../../../host/environment.js';
import type { Host } from '../../../host/host.js';
import type { Timer, TimerBase } from '../../../host/timers.js';

const LVL_CLK_SHIFT = 3;
const LVL_SIZE = 64;
const LVL_MASK = LVL_SIZE - 1;
const LVL_DEPTH = 9;

/** Jiffies per bucket of a level. */
const LVL_GRAN = (level: number): number => 2 ** (LVL_CLK_SHIFT * level);
/** The shortest delay, in jiffies, that goes to a level, by level. */
const LVL_START = Array.from({ length: LVL_DEPTH }, (_, level) =>
  level === 0 ? 0 : (LVL_SIZE - 1) * LVL_GRAN(level - 1),
);

/** `struct timer_list`. */
export class timer_list implements Timer<never> {
  readonly function: (host: Host, data: never) => void;
  readonly data: never;
  readonly flags: number;
  expires: Instant = 0;
  pending = false;
  /** In a bucket: the one that was there before this one. */
  next: timer_list | undefined = undefined;
  prev: timer_list | undefined = undefined;
  /** The level of the wheel that it is in; EXPIRING once its bucket's turn has come. */
  level = 0;
  /** Number of its bucket on that level, not wrapped; while EXPIRING, of the list of those that fire now. */
  bucket = 0;
  /** The last operation on it, as long as the phase of jiffies is not known for certain; also once it is in a bucket. */
  logged: Operation | undefined = undefined;
  /** It is in the log and in no bucket. */
  waiting = false;

  constructor(fn: (host: Host, data: never) => void, data: never, flags: number) {
    this.function = fn;
    this.data = data;
    this.flags = flags;
  }
}

/** Flag of a timer that stays on its CPU. With one CPU it means something only in later kernels. */
export const TIMER_PINNED = 0x00100000;

const EXPIRING = -1;

/**
 * Makes a timer that will call `fn` with `data`.
 * @kernel 4.15.11 include/linux/timer.h timer_setup
 */
export function timer_setup<H extends Host, Data>(
  fn: (host: H, data: Data) => void,
  data: Data,
  flags: number,
): timer_list {
  return new timer_list(fn as unknown as (host: Host, data: never) => void, data as never, flags);
}

/** `timer` was armed for `expires`, and where that goes is not known yet. */
interface Operation {
  readonly timer: timer_list;
  /** Operations are numbered as they come. */
  number: number;
  readonly expires: Instant;
  /** The operation on the same timer before this one. */
  readonly earlier: Operation | undefined;
  next: Operation | undefined;
  prev: Operation | undefined;
}

/** One level of the wheel: a ring of 64 buckets. */
class Level {
  readonly granule: number;
  /** `jiffies` at instant 0, modulo the granule; meaningless before the first timer is placed. */
  phase = -1;
  readonly heads: (timer_list | undefined)[] = new Array(LVL_SIZE).fill(undefined);
  /** Which buckets have timers, 32 to a word. */
  pendingLow = 0;
  pendingHigh = 0;
  /** Number of the first bucket with timers; Infinity: there is none. */
  first = Number.POSITIVE_INFINITY;
  /** The operations that wait for the phase, oldest first. */
  oldest: Operation | undefined = undefined;
  newest: Operation | undefined = undefined;
  /** No operation in the log is for an earlier instant. */
  earliest = Number.POSITIVE_INFINITY;
  /** The operation that `earliest` came from has gone. */
  stale = false;

  constructor(level: number) {
    this.granule = LVL_GRAN(level);
  }

  /** The jiffy, as the clock counts them, at which the bucket's turn comes. */
  turn(bucket: number): number {
    return bucket * this.granule - this.phase;
  }
}

/** `struct timer_base` of the one CPU. */
export class TimerWheel implements TimerBase {
  readonly rounds = true;
  private readonly levels: (Level | undefined)[] = new Array(LVL_DEPTH).fill(undefined);
  /** Timers are being fired: the base's clock is already one jiffy ahead. */
  private running = false;
  /** How many operations were numbered. */
  private operations = 0;
  /** The lists of the tick that is running, by level. */
  private readonly heads: (timer_list | undefined)[] = new Array(LVL_DEPTH).fill(undefined);

  /**
   * Arms a timer; one that is pending keeps its place if it stays in its bucket.
   * @kernel 4.15.11 kernel/time/timer.c __mod_timer
   */
  mod_timer(host: Host, timer: Timer<never>, expires: Instant): boolean {
    const t = timer as timer_list;
    if (!t.pending) {
      t.pending = true;
      t.expires = expires;
      this.enqueue_timer(host, t, this.levelFor(host, expires), expires);
      return false;
    }
    if (t.expires === expires) return true;
    const level = this.levelFor(host, expires);
    if (level === t.level) {
      const wheel = this.levels[level] as Level;
      if (t.waiting && !this.settled(host, wheel)) {
        this.log(wheel, t, expires);
      } else if (bucketFor(host.env, host.clock, wheel, expires, this.past(host, expires)) !== t.bucket) {
        this.detach(t);
        this.enqueue_timer(host, t, level, expires);
      } else {
        if (t.logged !== undefined) t.logged = this.operation(t, expires);
        host.rule('__mod_timer/keeps-place');
      }
    } else {
      if (Math.abs(t.expires - expires) < host.clock.tick) {
        if (host.clock.jiffy(host.env, t.expires) === host.clock.jiffy(host.env, expires)) return true;
      }
      this.detach(t);
      this.enqueue_timer(host, t, level, expires);
    }
    t.expires = expires;
    return true;
  }

  /**
   * Moves a timer only if it is pending.
   * @kernel 4.15.11 kernel/time/timer.c mod_timer_pending
   */
  mod_timer_pending(host: Host, timer: Timer<never>, expires: Instant): boolean {
    return timer.pending && this.mod_timer(host, timer, expires);
  }

  /**
   * Disarms a timer.
   * @kernel 4.15.11 kernel/time/timer.c del_timer
   */
  del_timer(_host: Host, timer: Timer<never>): boolean {
    if (!timer.pending) return false;
    this.detach(timer as timer_list);
    timer.pending = false;
    return true;
  }

  /**
   * The tick at which the next timers fire.
   * @kernel 4.15.11 kernel/time/timer.c __next_timer_interrupt
   */
  next(host: Host, horizon: Instant): Interval | undefined {
    const { clock } = host;
    let jiffy = Number.POSITIVE_INFINITY;
    for (const level of this.levels) {
      if (level === undefined) continue;
      if (level.oldest !== undefined) this.settled(host, level);
      if (level.first !== Number.POSITIVE_INFINITY) jiffy = Math.min(jiffy, level.turn(level.first));
    }
    for (const level of this.levels) {
      if (level?.oldest === undefined) continue;
      if (!mayFireBy(clock, level, jiffy, horizon)) continue;
      const before = jiffy;
      const fires = (phase: number): boolean => {
        const first = firstTurn(clock, level.earliest, phase, level.granule);
        return first <= before && first * clock.tick - clock.fraction.hi <= horizon;
      };
      if (!clock.refineIf(host.env, level.granule, fires)) continue;
      this.settled(host, level);
      jiffy = Math.min(jiffy, level.turn(level.first));
    }
    const lo = jiffy * clock.tick - clock.fraction.hi;
    if (jiffy === Number.POSITIVE_INFINITY || lo > horizon) return undefined;
    return { lo, hi: jiffy * clock.tick - clock.fraction.lo };
  }

  /**
   * Fires the timers of the next tick: the coarsest level first, and within a bucket the one that was put there last.
   * @kernel 4.15.11 kernel/time/timer.c __run_timers
   */
  run(host: Host): void {
    const jiffy = this.nextTurn();
    host.now = host.clock.instantOf(jiffy);
    this.running = true;
    this.__collect_expired_timers(host, jiffy);
    for (let i = LVL_DEPTH - 1; i >= 0; i--) this.expire_timers(host, i);
    this.running = false;
  }

  /** The jiffy, as the clock counts them, of the first bucket that has timers; Infinity: there is none. */
  nextTurn(): number {
    let jiffy = Number.POSITIVE_INFINITY;
    for (const level of this.levels) {
      if (level !== undefined && level.first !== Number.POSITIVE_INFINITY)
        jiffy = Math.min(jiffy, level.turn(level.first));
    }
    return jiffy;
  }

  /**
   * Takes the buckets whose turn it is off the wheel.
   * @kernel 4.15.11 kernel/time/timer.c __collect_expired_timers
   */
  private __collect_expired_timers(host: Host, jiffy: number): void {
    let levels = 0;
    for (let i = 0; i < LVL_DEPTH; i++) {
      const level = this.levels[i];
      if (level === undefined || level.first === Number.POSITIVE_INFINITY || level.turn(level.first) !== jiffy)
        continue;
      const slot = level.first & LVL_MASK;
      const head = level.heads[slot];
      level.heads[slot] = undefined;
      emptied(level, level.first);
      this.heads[i] = head;
      levels++;
      if (i > 0) host.rule('calc_index/rounded-up');
      if (head?.next !== undefined) host.rule('enqueue_timer/newest-first');
      for (let t = head; t !== undefined; t = t.next) {
        t.level = EXPIRING;
        t.bucket = i;
      }
    }
    if (levels > 1) host.rule('__run_timers/coarsest-level-first');
  }

  /**
   * Fires what is left of a list, head first.
   * @kernel 4.15.11 kernel/time/timer.c expire_timers
   */
  private expire_timers(host: Host, i: number): void {
    for (let t = this.heads[i]; t !== undefined; t = this.heads[i]) {
      this.detach(t);
      t.pending = false;
      t.function(host, t.data);
    }
  }

  /** The level for a timer that is due at `expires`, `delta` jiffies after the base's clock. */
  private levelFor(host: Host, expires: Instant): number {
    const { clock, env, now } = host;
    const ahead = this.running ? 1 : 0;
    const delta = (expires - now) / clock.tick;
    const low = Math.floor(delta);
    const level = levelOf(low - ahead);
    if (low === delta || level === levelOf(low + 1 - ahead)) return level;
    return levelOf(clock.jiffy(env, expires) - clock.jiffy(env, now) - ahead);
  }

  /** The jiffy at which a timer fires that was due in an earlier one; undefined for all others. */
  private past(host: Host, expires: Instant): number | undefined {
    const { clock, env, now } = host;
    if (expires >= now || clock.jiffy(env, expires) >= clock.jiffy(env, now)) return undefined;
    return clock.jiffy(env, now) + 1;
  }

  /**
   * Puts a timer at the head of its bucket, or notes that it is to go there.
   * @kernel 4.15.11 kernel/time/timer.c enqueue_timer
   */
  private enqueue_timer(host: Host, t: timer_list, i: number, expires: Instant): void {
    let level = this.levels[i];
    if (level === undefined) {
      level = new Level(i);
      this.levels[i] = level;
    }
    t.level = i;
    if (this.settled(host, level)) {
      if (!host.clock.certain) t.logged = this.operation(t, expires);
      addHead(level, t, bucketFor(host.env, host.clock, level, expires, this.past(host, expires)));
    } else {
      this.log(level, t, expires);
    }
  }

  private operation(timer: timer_list, expires: Instant): Operation {
    this.operations += 1;
    return { timer, number: this.operations, expires, earlier: timer.logged, next: undefined, prev: undefined };
  }

  /** Takes all timers out of their buckets again and back into the log, as if the phase had not been needed yet, and numbers the operations anew. */
  canonicalize(host: Host): void {
    if (host.clock.certain) return;
    this.operations = 0;
    for (const [i, level] of this.levels.entries()) {
      if (level === undefined) continue;
      const operations: Operation[] = [];
      for (let one = level.oldest; one !== undefined; one = one.next) operations.push(one);
      for (const head of level.heads) {
        for (let t = head; t !== undefined; t = t.next) {
          for (let one = t.logged; one !== undefined; one = one.earlier) operations.push(one);
        }
      }
      this.levels[i] = operations.length === 0 ? undefined : logOf(i, operations);
      this.operations = Math.max(this.operations, operations.length);
    }
  }

  /** Whether the phase is known well enough to place timers on `level`; if it has become so, places those that waited. */
  private settled(host: Host, level: Level): boolean {
    const { clock, env } = host;
    if (clock.modulus < level.granule) return false;
    if (level.phase < 0) level.phase = clock.phase % level.granule;
    let waiting = level.oldest;
    if (waiting === undefined) return true;
    level.oldest = undefined;
    level.newest = undefined;
    level.earliest = Number.POSITIVE_INFINITY;
    level.stale = false;
    while (waiting !== undefined) {
      const operation: Operation = waiting;
      waiting = operation.next;
      operation.next = undefined;
      operation.prev = undefined;
      const t = operation.timer;
      const bucket = bucketFor(env, clock, level, operation.expires, undefined);
      if (!t.waiting) {
        if (t.bucket === bucket) {
          host.rule('__mod_timer/keeps-place');
          continue;
        }
        unlink(level, t);
      }
      t.waiting = false;
      if (clock.certain) t.logged = undefined;
      addHead(level, t, bucket);
    }
    return true;
  }

  /** Notes that `t` was armed for `expires`. */
  private log(level: Level, t: timer_list, expires: Instant): void {
    t.logged = this.operation(t, expires);
    t.waiting = true;
    append(level, t.logged);
  }

  /**
   * Takes a timer out of its bucket, or its operations out of the log.
   * @kernel 4.15.11 kernel/time/timer.c detach_if_pending
   */
  private detach(t: timer_list): void {
    if (t.level === EXPIRING) {
      if (t.prev === undefined) this.heads[t.bucket] = t.next;
      else t.prev.next = t.next;
      if (t.next !== undefined) t.next.prev = t.prev;
      t.next = undefined;
      t.prev = undefined;
      t.logged = undefined;
      return;
    }
    const level = this.levels[t.level] as Level;
    if (!t.waiting) {
      unlink(level, t);
      t.logged = undefined;
      return;
    }
    for (let operation: Operation | undefined = t.logged; operation !== undefined; operation = operation.earlier) {
      if (operation.prev === undefined) level.oldest = operation.next;
      else operation.prev.next = operation.next;
      if (operation.next === undefined) level.newest = operation.prev;
      else operation.next.prev = operation.prev;
      if (operation.expires <= level.earliest) level.stale = true;
    }
    t.logged = undefined;
    t.waiting = false;
  }
}

/** A level whose timers are all in the log, by the operations on them. */
function logOf(i: number, operations: Operation[]): Level {
  const level = new Level(i);
  operations.sort((a, b) => a.number - b.number);
  for (const [number, one] of operations.entries()) {
    const t = one.timer;
    t.next = undefined;
    t.prev = undefined;
    t.bucket = 0;
    t.waiting = true;
    one.number = number + 1;
    append(level, one);
  }
  return level;
}

/** Puts an operation at the end of a level's log. */
function append(level: Level, operation: Operation): void {
  operation.prev = level.newest;
  operation.next = undefined;
  if (level.newest === undefined) level.oldest = operation;
  else level.newest.next = operation;
  level.newest = operation;
  if (operation.expires < level.earliest) {
    level.earliest = operation.expires;
    level.stale = false;
  }
}

/**
 * The level that a delay of `delta` jiffies goes to.
 * @kernel 4.15.11 kernel/time/timer.c calc_wheel_index
 */
function levelOf(delta: number): number {
  let level = 0;
  while (level < LVL_DEPTH - 1 && delta >= (LVL_START[level + 1] as number)) level++;
  return level;
}

/** Jiffies per bucket on the level that a delay of `delay` jiffies goes to. */
export const granuleOf = (delay: number): number => LVL_GRAN(levelOf(delay));

/**
 * The bucket whose turn comes next after `expires`; `past` is the jiffy of one that is due already.
 * @kernel 4.15.11 kernel/time/timer.c calc_index
 */
function bucketFor(env: Environment, clock: Clock, level: Level, expires: Instant, past: number | undefined): number {
  const { granule, phase } = level;
  if (past !== undefined) return past + phase;
  const { lo, hi } = clock.fraction;
  const { tick } = clock;
  const bucket = Math.floor((phase + Math.floor((expires + lo) / tick) + granule) / granule);
  if (lo === hi) return bucket;
  const latest = Math.ceil((expires + hi) / tick) - 1;
  if (Math.floor((phase + latest + granule) / granule) === bucket) return bucket;
  return Math.floor((phase + clock.jiffy(env, expires) + granule) / granule);
}

/** Whether a timer in the log of `level` could fire at `jiffy` or before, and by `horizon`, as far as the phase is known. */
function mayFireBy(clock: Clock, level: Level, jiffy: number, horizon: Instant): boolean {
  for (;;) {
    const first = firstTurn(clock, level.earliest, clock.phase, clock.modulus);
    if (first > jiffy || first * clock.tick - clock.fraction.hi > horizon) return false;
    if (!level.stale) return true;
    level.stale = false;
    level.earliest = Number.POSITIVE_INFINITY;
    for (let operation = level.oldest; operation !== undefined; operation = operation.next) {
      if (operation.expires < level.earliest) level.earliest = operation.expires;
    }
  }
}

/** The earliest jiffy at which a timer that is due at `expires` may fire, if `jiffies` was `phase` modulo `modulus` at instant 0. */
function firstTurn(clock: Clock, expires: Instant, phase: number, modulus: number): number {
  const due = Math.floor((expires + clock.fraction.lo) / clock.tick);
  return Math.floor((phase + due + modulus) / modulus) * modulus - phase;
}

function addHead(level: Level, t: timer_list, bucket: number): void {
  const slot = bucket & LVL_MASK;
  const head = level.heads[slot];
  t.bucket = bucket;
  t.prev = undefined;
  t.next = head;
  level.heads[slot] = t;
  if (head !== undefined) {
    head.prev = t;
    return;
  }
  if (slot < 32) level.pendingLow |= 1 << slot;
  else level.pendingHigh |= 1 << (slot - 32);
  if (bucket < level.first) level.first = bucket;
}

function unlink(level: Level, t: timer_list): void {
  if (t.next !== undefined) t.next.prev = t.prev;
  if (t.prev !== undefined) t.prev.next = t.next;
  else {
    level.heads[t.bucket & LVL_MASK] = t.next;
    if (t.next === undefined) emptied(level, t.bucket);
  }
  t.next = undefined;
  t.prev = undefined;
}

/** Notes that `bucket` has no timers any more, and finds the first that has. */
function emptied(level: Level, bucket: number): void {
  const slot = bucket & LVL_MASK;
  if (slot < 32) level.pendingLow &= ~(1 << slot);
  else level.pendingHigh &= ~(1 << (slot - 32));
  if (bucket === level.first) level.first = bucket + next_pending_bucket(level, slot);
}

/**
 * How many buckets after `slot` the next one with timers comes; Infinity when there is none.
 * @kernel 4.15.11 kernel/time/timer.c next_pending_bucket
 */
function next_pending_bucket(level: Level, slot: number): number {
  const { pendingLow, pendingHigh } = level;
  if ((pendingLow | pendingHigh) === 0) return Number.POSITIVE_INFINITY;
  const from = slot & 31;
  const above = -1 << from;
  const [here, there] = slot < 32 ? [pendingLow, pendingHigh] : [pendingHigh, pendingLow];
  if ((here & above) !== 0) return lowestBit(here & above) - from;
  if (there !== 0) return 32 + lowestBit(there) - from;
  return 64 + lowestBit(here) - from;
}

const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);
