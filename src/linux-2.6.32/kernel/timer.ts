/**
 * The timers of 2.6.32, which fire at exactly their jiffy. A heap takes the place of the kernel's vectors; what remains of the vectors
 * is the order of timers that share a jiffy.
 */

import type { Instant, Interval } from '../../host/clock.js';
import type { Host } from '../../host/host.js';
import type { Timer, TimerBase } from '../../host/timers.js';

/** `struct timer_list`. Made by {@link setup_timer} only. */
export class timer_list implements Timer<never> {
  readonly function: (host: Host, data: never) => void;
  readonly data: never;
  expires: Instant = 0;
  pending = false;
  /** The instant of the tick that will fire it; later than `expires` if that had passed when it was armed. */
  due: Instant = 0;
  /** When it was armed, and how many had been armed before it. */
  armed: Instant = 0;
  order = 0;
  /** Where it is in the heap; -1: it is about to fire, or not there. */
  index = -1;

  constructor(fn: (host: Host, data: never) => void, data: never) {
    this.function = fn;
    this.data = data;
  }
}

/**
 * A timer that will call `fn(host, data)`.
 * @kernel 2.6.32-220.el6 include/linux/timer.h setup_timer
 */
export function setup_timer<H extends Host, D>(fn: (host: H, data: D) => void, data: D): timer_list {
  return new timer_list(fn as unknown as (host: Host, data: never) => void, data as never);
}

/** `struct tvec_base`. */
export class tvec_base implements TimerBase {
  readonly rounds = false;
  private readonly heap: timer_list[] = [];
  private count = 0;

  mod_timer(host: Host, timer: timer_list, expires: Instant): boolean {
    if (timer.pending && timer.expires === expires) return true;
    return this.arm(host, timer, expires);
  }

  mod_timer_pending(host: Host, timer: timer_list, expires: Instant): boolean {
    return timer.pending && this.arm(host, timer, expires);
  }

  del_timer(_host: Host, timer: timer_list): boolean {
    if (!timer.pending) return false;
    timer.pending = false;
    if (timer.index >= 0) this.remove(timer);
    return true;
  }

  next(host: Host, horizon: Instant): Interval | undefined {
    const first = this.heap[0];
    if (first === undefined || first.due - host.clock.tick > horizon) return undefined;
    const interval = host.clock.begins(first.due);
    return interval.lo > horizon ? undefined : interval;
  }

  run(host: Host): void {
    const first = this.heap[0];
    if (first === undefined) return;
    host.now = first.due;
    host.rule(first.due === first.expires ? '__run_timers/exactly-its-jiffy' : 'internal_add_timer/in-the-past');
    this.remove(first);
    const second = this.heap[0];
    if (second === undefined || second.due - first.due >= host.clock.tick) {
      fire(host, first);
      return;
    }
    for (const timer of this.sameJiffy(host, first)) if (timer.pending && timer.index === -1) fire(host, timer);
  }

  canonicalize(): void {
    const { heap } = this;
    heap
      .sort((a, b) => a.order - b.order)
      .forEach((timer, i) => {
        timer.order = i;
      });
    heap
      .sort((a, b) => a.due - b.due)
      .forEach((timer, i) => {
        timer.index = i;
      });
    this.count = heap.length;
  }

  /** `__mod_timer`. A timer that is set for a jiffy whose tick has been will fire at the next tick. */
  private arm(host: Host, timer: timer_list, expires: Instant): boolean {
    const wasPending = timer.pending;
    if (timer.index >= 0) this.remove(timer);
    timer.expires = expires;
    timer.due = host.time_after(expires, host.now) ? expires : host.now + host.clock.tick;
    timer.armed = host.now;
    timer.order = this.count++;
    timer.pending = true;
    this.push(timer);
    return wasPending;
  }

  /** Takes all timers of `first`'s jiffy off the heap, in the order in which they fire. */
  private sameJiffy(host: Host, first: timer_list): timer_list[] {
    const jiffy = host.clock.jiffy(host.env, first.due);
    const timers = [first];
    for (let next = this.heap[0]; next !== undefined && next.due - first.due < host.clock.tick; next = this.heap[0]) {
      if (host.clock.jiffy(host.env, next.due) !== jiffy) break;
      this.remove(next);
      timers.push(next);
    }
    if (timers.length === 1) return timers;
    host.rule('internal_add_timer/first-in-first-out');
    return timers.sort((a, b) => firesBefore(host, a, b));
  }

  private push(timer: timer_list): void {
    this.heap.push(timer);
    this.up(timer, this.heap.length - 1);
  }

  private remove(timer: timer_list): void {
    const at = timer.index;
    timer.index = -1;
    const last = this.heap.pop();
    if (last === undefined || last === timer) return;
    this.up(last, at);
    if (last.index === at) this.down(last, at);
  }

  private up(timer: timer_list, at: number): void {
    const { heap } = this;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt] as timer_list;
      if (parent.due <= timer.due) break;
      heap[at] = parent;
      parent.index = at;
      at = parentAt;
    }
    heap[at] = timer;
    timer.index = at;
  }

  private down(timer: timer_list, at: number): void {
    const { heap } = this;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = heap[childAt];
      if (child === undefined) break;
      const right = heap[childAt + 1];
      if (right !== undefined && right.due < child.due) {
        child = right;
        childAt++;
      }
      if (timer.due <= child.due) break;
      heap[at] = child;
      child.index = at;
      at = childAt;
    }
    heap[at] = timer;
    timer.index = at;
  }
}

function fire(host: Host, timer: timer_list): void {
  timer.pending = false;
  timer.function(host, timer.data);
}

/** The vector that a timer waits in, which is to fire `idx` jiffies after the next one to be processed: 0 for tv1. */
function level(idx: number): number {
  if (idx < 1 << TVR_BITS) return 0;
  if (idx < 1 << (TVR_BITS + TVN_BITS)) return 1;
  if (idx < 1 << (TVR_BITS + 2 * TVN_BITS)) return 2;
  return idx < 1 << (TVR_BITS + 3 * TVN_BITS) ? 3 : 4;
}

/** log2 of how many slots tv1 has, and each of the others. */
const TVR_BITS = 8;
const TVN_BITS = 6;

/**
 * Negative when `a` fires before `b`, given that both fire in the same jiffy. Lists are first in, first out, but a timer from a coarser
 * vector enters a finer one only when its slot is cascaded, and then stands behind those that were armed into the finer one before.
 */
function firesBefore(host: Host, a: timer_list, b: timer_list): number {
  const inOrder = a.order < b.order;
  return inOrder !== (inOrder ? overtakes(host, b, a) : overtakes(host, a, b)) ? -1 : 1;
}

/** True when `newer` was armed into a finer vector than the one that `older` was in at that moment. */
function overtakes(host: Host, newer: timer_list, older: timer_list): boolean {
  const { clock, env } = host;
  const remaining = Math.round((newer.due - newer.armed) / clock.tick);
  const finer = level(remaining - 1);
  let at = level(Math.round((older.due - older.armed) / clock.tick) - 1);
  while (at > finer) {
    const span = 1 << (TVR_BITS + (at - 1) * TVN_BITS);
    clock.refine(env, span);
    const intoSlot = (clock.phase + clock.jiffy(env, older.due)) & (span - 1);
    if (intoSlot < remaining) {
      host.rule('cascade/behind-those-armed-directly');
      return true;
    }
    at = level(intoSlot);
  }
  return false;
}
