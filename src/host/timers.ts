/** Kernel timers: what the code that arms them, and what drives time, see of them. How they are kept differs by kernel. */

import type { Instant, Interval } from './clock.js';
import type { Host } from './host.js';

/** `struct timer_list`. */
export interface Timer<Data = unknown> {
  readonly function: (host: Host, data: Data) => void;
  readonly data: Data;
  expires: Instant;
  pending: boolean;
}

/** A machine's timers (`struct timer_base`, `struct tvec_base`). */
export interface TimerBase {
  /** Whether timers may fire later than in the jiffy that they were armed for, as that of a wheel's bucket. */
  readonly rounds: boolean;
  /** (Re)arms `timer`; true when it was pending. */
  mod_timer(host: Host, timer: Timer<never>, expires: Instant): boolean;
  /** Moves a pending timer; does nothing to one that is not. True when it was pending. */
  mod_timer_pending(host: Host, timer: Timer<never>, expires: Instant): boolean;
  /** Disarms `timer`; true when it was pending. */
  del_timer(host: Host, timer: Timer<never>): boolean;
  /** The interval of instants in which the next tick that fires a timer begins; undefined when that is surely after `horizon`. */
  next(host: Host, horizon: Instant): Interval | undefined;
  /**
   * Brings the timers into a form that tells nothing but what can still happen: not how they came to be there, nor a phase of jiffies
   * that is not certain. So a search sees when two ways have led to the same state.
   */
  canonicalize(host: Host): void;
  /** Fires, in the kernel's order, every timer of the tick that `next` told. Sets `host.now`. */
  run(host: Host): void;
}
