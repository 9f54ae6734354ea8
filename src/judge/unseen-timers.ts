/**
 * The timers of a kernel whose wheel rounds them up (4.15), where no segment tells when they fire. To follow every phase of jiffies would
 * mean thousands of ways; instead each timer has a window of time, and only an event within the window asks whether the timer came before it.
 * A timer that one armed in turn has a window that is wider by the first one's.
 */

import type { Instant, Interval } from '../host/clock.js';
import type { Host } from '../host/host.js';
import type { Timer, TimerBase } from '../host/timers.js';
import { reqsk_queue_len, reqsk_queue_len_young, type request_sock } from '../linux-4.15/include/net/request-sock.js';
import { granuleOf } from '../linux-4.15/kernel/time/timer.js';

/** When a group fires, as far as that is known. */
export interface Window extends Interval {
  /** What the timers were armed for; not a number: hypotheses that differ in it have become one. */
  due: Instant;
  /** The run of a group in which they were armed; 0: an event armed them, and so at a known time; -1: a run in an earlier step. */
  run: number;
}

/** Timers that surely fire in the same tick. */
interface Group {
  /** The delays that led here, one after the other. Groups with the same delays fire in the order in which they were armed. */
  readonly chain: string;
  readonly window: Window;
  /** In the order in which they were armed; they fire in the opposite one. */
  readonly timers: Set<Timer<never>>;
}

/** See the file's comment. */
export class UnseenTimers implements TimerBase {
  readonly rounds = true;
  private groups: Group[] = [];
  /** By timer. */
  private readonly of = new Map<Timer<never>, Group>();
  /** The one that fires now. */
  private running: Group | undefined;
  private runs = 0;
  /** What `next` told, and for which horizon. */
  private told: Group | undefined;
  private horizon: Instant = 0;
  /** The order of those that `next` chose among matters. */
  private ordered = false;
  /** Those that fire after the event that is about to happen. */
  private later: Group[] = [];
  private readonly late: number;

  /** `late`: µs by which a timer may be late. */
  constructor(late: number) {
    this.late = late;
  }

  mod_timer(host: Host, timer: Timer<never>, expires: Instant): boolean {
    const wasPending = this.del_timer(host, timer);
    timer.pending = true;
    const { now, clock } = host;
    const delay = Math.max(expires - now, 0);
    const due = now + delay;
    const chain = `${this.running?.chain ?? ''}/${timer.function.name}+${delay}`;
    const run = this.running === undefined ? 0 : this.runs;
    let group = this.groups.findLast(
      (one) => one.chain === chain && one.window.due === due && one.window.run === run && !this.later.includes(one),
    );
    if (group === undefined) {
      const window = this.running?.window;
      const slack = window === undefined ? 0 : window.hi - window.lo;
      const rounding = granuleOf(Math.ceil(delay / clock.tick)) * clock.tick;
      group = { chain, window: { due, lo: due, hi: due + slack + rounding + this.late, run }, timers: new Set() };
      this.groups.push(group);
    }
    group.timers.add(timer);
    this.of.set(timer, group);
    return wasPending;
  }

  mod_timer_pending(host: Host, timer: Timer<never>, expires: Instant): boolean {
    return timer.pending && this.mod_timer(host, timer, expires);
  }

  del_timer(_host: Host, timer: Timer<never>): boolean {
    if (!timer.pending) return false;
    timer.pending = false;
    const group = this.of.get(timer);
    this.of.delete(timer);
    group?.timers.delete(timer);
    if (group?.timers.size === 0) this.groups = this.groups.filter((one) => one !== group);
    return true;
  }

  /** The window of a group that may fire by `horizon`. Where the order of several matters, one of those that may be the first. */
  next(host: Host, horizon: Instant): Interval | undefined {
    const due = this.groups.filter(({ window }) => window.lo <= horizon);
    const candidates = this.later.length === 0 ? due : due.filter((one) => !this.later.includes(one));
    this.told = candidates[0];
    this.ordered = false;
    if (this.told === undefined) return undefined;
    for (const one of candidates) if (one.window.lo < this.told.window.lo) this.told = one;
    if (candidates.length > 1 && orderMatters(host, candidates)) {
      const end = Math.min(...candidates.map(({ window }) => window.hi));
      const first = candidates.filter(({ window }) => window.lo < end);
      this.ordered = first.length > 1;
      if (this.ordered) this.told = first[host.env.choose(first.length, 'phase of jiffies')] as Group;
    }
    this.horizon = horizon;
    return this.told.window;
  }

  /** What `next` told fires after the event, which happens at `lo` or later; so do those that cannot come before it. */
  putOff(lo: Instant): void {
    const told = this.told as Group;
    for (let i = this.groups.indexOf(told); i < this.groups.length; i++) {
      const one = this.groups[i] as Group;
      if (one.chain !== told.chain || this.later.includes(one)) continue;
      one.window.lo = Math.max(one.window.lo, lo);
      this.later.push(one);
    }
  }

  /** What `next` told may fire before or after the horizon, and nothing needs to know. False where something does. */
  leave(): boolean {
    if (this.ordered) return false;
    this.later.push(this.told as Group);
    return true;
  }

  /** The event happens now, or nothing did. */
  eventHappens(): void {
    this.later = [];
    this.told = undefined;
  }

  canonicalize(): void {
    this.groups.sort((a, b) => (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : 0));
    this.of.clear();
    for (const group of this.groups) {
      if (group.window.run !== 0) group.window.run = -1;
      for (const timer of group.timers) this.of.set(timer, group);
    }
    this.runs = 0;
    this.horizon = 0;
  }

  run(host: Host): void {
    const group = this.told as Group;
    group.window.hi = Math.min(group.window.hi, this.horizon);
    this.runs += 1;
    this.running = group;
    this.groups = this.groups.filter((one) => one !== group);
    host.now = group.window.lo;
    for (const timer of [...group.timers].reverse()) {
      if (!group.timers.delete(timer)) continue;
      this.of.delete(timer);
      timer.pending = false;
      timer.function(host, timer.data);
    }
    this.running = undefined;
  }

  /** Takes over the windows of timers that are otherwise the same. */
  include(other: UnseenTimers): void {
    this.groups.forEach(({ window }, i) => {
      const theirs = other.groups[i]?.window ?? window;
      window.lo = Math.min(window.lo, theirs.lo);
      window.hi = Math.max(window.hi, theirs.hi);
      if (theirs.due !== window.due) window.due = Number.NaN;
    });
  }
}

/** Whether it makes a difference in which order these fire: for one of them it decides whether its request is dropped. */
function orderMatters(host: Host, groups: readonly Group[]): boolean {
  const requests: Partial<request_sock>[] = [];
  for (const { timers } of groups) for (const { data } of timers) requests.push(data);
  return requests.some(({ rsk_listener, num_timeout = 0 }) => {
    if (rsk_listener === undefined || num_timeout < 2) return false;
    const { icsk_accept_queue: queue, sk_max_ack_backlog, icsk_syn_retries } = rsk_listener;
    const max = icsk_syn_retries || (host.sysctl['net.ipv4.tcp_synack_retries'] ?? 0);
    const siblings = requests.filter((one) => one.rsk_listener === rsk_listener);
    const qlen = reqsk_queue_len(queue);
    const young = reqsk_queue_len_young(queue);
    const youngOnes = siblings.filter((one) => one.num_timeout === 0).length;
    const low = limit(max, qlen, young - youngOnes, sk_max_ack_backlog);
    const high = limit(max, qlen - siblings.length, young, sk_max_ack_backlog);
    return low <= num_timeout && num_timeout < high;
  });
}

/** How often a request may time out in a SYN queue with `qlen` requests, of which some are young: as in `reqsk_timer_handler`. */
function limit(max: number, qlen: number, young: number, backlog: number): number {
  if (2 * qlen <= Math.max(8, backlog)) return max;
  let thresh = max;
  for (let most = 2 * young; thresh > 2 && qlen >= most; most *= 2) thresh--;
  return thresh;
}
