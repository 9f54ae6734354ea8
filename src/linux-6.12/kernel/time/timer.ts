/** The timers of a CPU: those that stay on it, and those that another CPU may take over (kernel/time/timer.c). */

import type { Instant, Interval } from '../../../host/clock.js';
import type { Host } from '../../../host/host.js';
import type { Timer, TimerBase } from '../../../host/timers.js';
import { TIMER_PINNED, TimerWheel, type timer_list } from '../../../linux-4.15/kernel/time/timer.js';

/** `timer_bases` of the one CPU: a wheel for each kind. Of deferrable timers, which have a third, there are none here. */
export class TimerBases implements TimerBase {
  readonly rounds = true;
  /** BASE_LOCAL: pinned timers, which are those of requests. */
  private readonly local = new TimerWheel();
  /** BASE_GLOBAL: all others, which are those of sockets. */
  private readonly global = new TimerWheel();

  mod_timer(host: Host, timer: Timer<never>, expires: Instant): boolean {
    return this.get_timer_cpu_base(timer).mod_timer(host, timer, expires);
  }

  mod_timer_pending(host: Host, timer: Timer<never>, expires: Instant): boolean {
    return this.get_timer_cpu_base(timer).mod_timer_pending(host, timer, expires);
  }

  del_timer(host: Host, timer: Timer<never>): boolean {
    return this.get_timer_cpu_base(timer).del_timer(host, timer);
  }

  next(host: Host, horizon: Instant): Interval | undefined {
    const local = this.local.next(host, horizon);
    const global = this.global.next(host, local?.lo ?? horizon);
    return global !== undefined && (local === undefined || global.lo < local.lo) ? global : local;
  }

  canonicalize(host: Host): void {
    this.local.canonicalize(host);
    this.global.canonicalize(host);
  }

  /**
   * Fires the timers of the next tick: first all of the pinned ones, then all others.
   * @kernel 6.12.117 kernel/time/timer.c run_timer_softirq
   */
  run(host: Host): void {
    const { local, global } = this;
    const [pinned, others] = [local.nextTurn(), global.nextTurn()];
    if (pinned === others) host.rule('run_timer_softirq/pinned-first');
    if (pinned <= others) local.run(host);
    if (others <= pinned) global.run(host);
  }

  /**
   * The wheel that a timer belongs to.
   * @kernel 6.12.117 kernel/time/timer.c get_timer_cpu_base
   */
  private get_timer_cpu_base(timer: Timer<never>): TimerWheel {
    return ((timer as timer_list).flags & TIMER_PINNED) !== 0 ? this.local : this.global;
  }
}
