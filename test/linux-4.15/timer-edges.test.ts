/** What the timer wheel of 4.15 tells of itself, and what it remembers of how timers were armed. */

import { describe, expect, it } from 'vitest';
import { Clock } from '../../src/host/clock.js';
import type { Environment } from '../../src/host/environment.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { type timer_list, timer_setup } from '../../src/linux-4.15/kernel/time/timer.js';
import type { Machine } from '../../src/linux-4.15/machine.js';

/** A machine with nothing but timers, and the phases of jiffies that it is told when it asks, one after the other. */
class Wheel {
  readonly host: Machine;
  private readonly fired: string[] = [];
  private readonly timers = new Map<string, timer_list>();

  constructor(clock: Clock, phases: number[] = []) {
    const env = { choose: () => phases.shift() ?? 0, random32: () => 0 } as unknown as Environment;
    this.host = linux_4_15.boot(env, clock, {}) as Machine;
  }

  /** Arms timers for an instant, in ms. */
  arm(expires: number, ...names: string[]): this {
    for (const name of names) {
      const known = this.timers.get(name);
      const timer =
        known ?? timer_setup((host: Machine, who: string) => this.fired.push(`${who} ${host.now / 1000}`), name, 0);
      this.timers.set(name, timer);
      this.host.timers.mod_timer(this.host, timer, expires * 1000);
    }
    return this;
  }

  /** Fires what is due by then; the timers with the times. */
  until(ms: number): string[] {
    const { timers } = this.host;
    while (timers.next(this.host, ms * 1000) !== undefined) timers.run(this.host);
    this.host.now = ms * 1000;
    return this.fired.splice(0);
  }
}

const ROUNDED = 'calc_index/rounded-up';
const NEWEST = 'enqueue_timer/newest-first';
const COARSEST = '__run_timers/coarsest-level-first';

describe('a tick', () => {
  const known = (): Wheel => new Wheel(Clock.known(1000, 0, 0, 0));

  it.each([
    ['one timer on the finest level', [[10, 'a']], []],
    ['two timers of one bucket on the finest level', [[10, 'a', 'b']], [NEWEST]],
    ['one timer on a coarser level', [[1000, 'a']], [ROUNDED]],
    ['two timers of one bucket on a coarser level', [[1000, 'a', 'b']], [ROUNDED, NEWEST]],
  ] as [string, [number, ...string[]][], string[]][])('that fires %s shows just that', (_what, armed, rules) => {
    const wheel = known();
    for (const [expires, ...names] of armed) wheel.arm(expires, ...names);
    wheel.until(2000);
    expect(wheel.host.fired).toEqual(rules);
  });

  it('that fires buckets of two levels fires the coarser one first', () => {
    const wheel = known().arm(1000, 'coarse');
    wheel.until(1020);
    expect(wheel.arm(1023, 'fine').until(2000)).toEqual(['coarse 1024', 'fine 1024']);
    expect(wheel.host.fired).toEqual([ROUNDED, COARSEST]);
  });
});

describe('a timer that was armed again while the phase was taken for known', () => {
  it.each([
    [0, ['c 576', 'b 1152', 'a 1152']],
    [20, ['c 556', 'b 1132', 'a 1196']],
    [40, ['c 536', 'b 1176', 'a 1176']],
  ])('fires as late as it would have with a phase of %i, when that turns out to be it', (phase, fires) => {
    const wheel = new Wheel(new Clock(1000, { lo: 0, hi: 0 }, 0, 1, { lo: 0, hi: 0 }), [1, phase]);
    const { host } = wheel.arm(1120, 'a', 'b').arm(525, 'c').arm(505, 'd');
    expect(wheel.until(530)).toEqual(['d 512']);
    wheel.arm(1135, 'a');
    expect(host.fired).toEqual([ROUNDED, '__mod_timer/keeps-place']);
    host.timers.canonicalize(host);
    host.clock.forgetPhase();
    host.clock.possible = undefined;
    expect(wheel.until(2000)).toEqual(fires);
  });
});
