/** When and in which order the timer wheel of 4.15 fires timers, with and without knowledge of jiffies. */

import { describe, expect, it } from 'vitest';
import { Clock, type Interval } from '../../src/host/clock.js';
import type { Environment } from '../../src/host/environment.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { type timer_list, timer_setup } from '../../src/linux-4.15/kernel/time/timer.js';
import type { Machine } from '../../src/linux-4.15/machine.js';

const MS = 1000;

/** A machine with nothing but timers. `phase` and `fraction`: undefined where the clock does not know them. */
class Wheel {
  readonly asked: string[] = [];
  readonly fired: string[] = [];
  readonly host: Machine;
  private readonly timers = new Map<string, timer_list>();

  constructor(clock: Clock, answer = 0) {
    const env = {
      choose: (n: number, kind: string) => {
        this.asked.push(`${kind}: ${n}`);
        return answer;
      },
      random32: () => 0,
    } as unknown as Environment;
    this.host = linux_4_15.boot(env, clock, {}) as Machine;
  }

  /** Arms a timer for so many ms from now. */
  arm(name: string, ms: number): this {
    let timer = this.timers.get(name);
    if (timer === undefined) {
      timer = timer_setup((host: Machine, who: string) => this.fired.push(`${who} ${host.now / MS}`), name, 0);
      this.timers.set(name, timer);
    }
    this.host.timers.mod_timer(this.host, timer, this.host.now + ms * MS);
    return this;
  }

  disarm(name: string): boolean {
    return this.host.timers.del_timer(this.host, this.timers.get(name) as timer_list);
  }

  armPending(name: string, ms: number): boolean {
    return this.host.timers.mod_timer_pending(this.host, this.timers.get(name) as timer_list, this.host.now + ms * MS);
  }

  /** A timer whose function is `fn`. */
  on(name: string, fn: () => void): this {
    this.timers.set(
      name,
      timer_setup(
        (host: Machine, who: string) => {
          this.fired.push(`${who} ${host.now / MS}`);
          fn();
        },
        name,
        0,
      ),
    );
    return this;
  }

  at(ms: number): this {
    this.host.now = ms * MS;
    return this;
  }

  next(ms = 1e9): Interval | undefined {
    return this.host.timers.next(this.host, ms * MS);
  }

  /** Fires everything up to that time; what fired, with the time in ms. */
  until(ms: number): string[] {
    while (this.next(ms) !== undefined) this.host.timers.run(this.host);
    this.host.now = ms * MS;
    return this.fired.splice(0);
  }
}

const known = (phase = 0, hz = 1000): Wheel => new Wheel(Clock.known(hz, 0, phase, 0));

describe('a timer', () => {
  it.each([
    [0, 1],
    [1, 2],
    [62, 63],
    [63, 64],
    [64, 72],
    [503, 504],
    [504, 512],
    [1000, 1024],
    [1023, 1024],
    [1024, 1088],
    [2000, 2048],
    [4000, 4032],
    [4031, 4032],
    [4032, 4096],
    [8000, 8192],
    [32_000, 32_256],
    [32_255, 32_256],
    [32_256, 32_768],
    [64_000, 65_536],
    [120_000, 122_880],
    [258_047, 258_048],
    [258_048, 262_144],
  ])('that is due in %i jiffies fires after %i', (delay, fires) => {
    expect(known().arm('t', delay).until(1e6)).toEqual([`t ${fires}`]);
  });

  it('is rounded up to absolute jiffies, so the phase decides how late it is', () => {
    expect(known(24).arm('t', 1000).until(2000)).toEqual(['t 1064']);
    expect(known(23).arm('t', 1000).until(2000)).toEqual(['t 1001']);
    expect(known(63).arm('t', 1000).until(2000)).toEqual(['t 1025']);
  });

  it('counts jiffies, whatever HZ is', () => {
    expect(known(0, 250).arm('t', 1000).until(2000)).toEqual(['t 1024']);
    expect(known(0, 250).arm('t', 2016).until(3000)).toEqual(['t 2048']);
    expect(known(0, 100).arm('t', 1000).until(2000)).toEqual(['t 1040']);
  });

  it('that is already due fires at the next tick', () => {
    expect(known().at(100).arm('t', -50).until(200)).toEqual(['t 101']);
    expect(known().at(100).arm('t', 0).until(200)).toEqual(['t 101']);
  });

  it('that was disarmed does not fire', () => {
    const wheel = known().arm('t', 1000);
    expect(wheel.disarm('t')).toBe(true);
    expect(wheel.disarm('t')).toBe(false);
    expect(wheel.until(5000)).toEqual([]);
    expect(wheel.armPending('t', 10)).toBe(false);
    expect(wheel.until(6000)).toEqual([]);
  });

  it('fires once, and may arm itself again', () => {
    const wheel = known();
    wheel.on('t', () => wheel.arm('t', 1000)).arm('t', 1000);
    expect(wheel.until(4000)).toEqual(['t 1024', 't 2048', 't 3072']);
  });

  it('armed by another for the same time fires a tick later', () => {
    const wheel = known();
    wheel.on('t', () => wheel.arm('u', 0)).arm('t', 5);
    expect(wheel.until(20)).toEqual(['t 6', 'u 7']);
  });

  it('may be disarmed by one that fires in the same tick', () => {
    const wheel = known();
    wheel
      .arm('u', 5)
      .on('t', () => wheel.disarm('u'))
      .arm('t', 5);
    expect(wheel.until(20)).toEqual(['t 6']);
  });

  it('with 63 jiffies to go, armed while its bucket fires, waits for the bucket to come round', () => {
    const wheel = known();
    wheel.on('t', () => wheel.arm('u', 63)).arm('t', 5);
    expect(wheel.until(200)).toEqual(['t 6', 'u 70']);
  });
});

describe('timers that fire in one tick', () => {
  it('fire in the order newest first within a bucket', () => {
    expect(known().arm('a', 1000).arm('b', 1010).arm('c', 970).until(2000)).toEqual(['c 1024', 'b 1024', 'a 1024']);
  });

  it('of several levels fire from the coarsest to the finest', () => {
    const wheel = known().arm('coarse', 5000);
    wheel.at(4300).arm('middle', 800).at(5000).arm('fine', 115).arm('finest', 119).at(5110).arm('last', 9);
    expect(wheel.until(6000)).toEqual(['coarse 5120', 'middle 5120', 'finest 5120', 'fine 5120', 'last 5120']);
  });

  it('keep their place when they are armed again into their own bucket', () => {
    const wheel = known().arm('a', 1000).arm('b', 1000).arm('a', 1010);
    expect(wheel.until(2000)).toEqual(['b 1024', 'a 1024']);
    expect(wheel.host.fired).toContain('__mod_timer/keeps-place');
  });

  it('lose their place when they were disarmed in between', () => {
    const wheel = known().arm('a', 1000).arm('b', 1000);
    wheel.disarm('a');
    expect(wheel.arm('a', 1000).until(2000)).toEqual(['a 1024', 'b 1024']);
  });

  it('lose their place when they went to another bucket and came back', () => {
    const wheel = known().arm('a', 1000).arm('b', 1000).arm('a', 1100).arm('a', 1001);
    expect(wheel.until(2000)).toEqual(['a 1024', 'b 1024']);
  });

  it('stay on a coarse level when they are armed for the very time they had', () => {
    const wheel = known().arm('t', 1000).at(900).arm('t', 100);
    expect(wheel.until(2000)).toEqual(['t 1024']);
  });

  it('go to a finer level when they are armed for a slightly different time', () => {
    const wheel = known().arm('t', 1000).at(900).arm('t', 101);
    expect(wheel.until(2000)).toEqual(['t 1008']);
  });

  it.each([1, 7, 64, 65])('are found among %i that were disarmed', (n) => {
    const wheel = known();
    for (let i = 0; i < n; i++) wheel.arm(`${i}`, 504 + i * 60);
    wheel.arm('t', 4000);
    for (let i = 0; i < n; i++) expect(wheel.disarm(`${i}`)).toBe(true);
    expect(wheel.until(5000)).toEqual(['t 4032']);
  });
});

describe('a clock of which nothing is known', () => {
  const unknown = (answer = 0): Wheel => new Wheel(Clock.unknown(1000), answer);

  it('is asked nothing while no timer can fire', () => {
    const wheel = unknown().arm('t', 1000).arm('u', 64_000);
    expect(wheel.next(999)).toBeUndefined();
    expect(wheel.asked).toEqual([]);
  });

  it('is asked nothing for timers that were disarmed', () => {
    const wheel = unknown().arm('t', 1000).arm('u', 9000);
    wheel.disarm('t');
    expect(wheel.next(8000)).toBeUndefined();
    expect(wheel.asked).toEqual([]);
  });

  it('is asked for the phase as far as the level needs it', () => {
    const wheel = unknown().arm('t', 1000).arm('u', 9000);
    expect(wheel.until(2000)).toHaveLength(1);
    expect(wheel.asked).toContain('phase of jiffies: 64');
    wheel.until(9999);
    expect(wheel.asked).toContain('phase of jiffies: 8');
  });

  it('tells between which instants the tick begins', () => {
    const wheel = new Wheel(new Clock(1000, { lo: 100, hi: 300 }, 0, 64, { lo: 0, hi: 0 })).arm('t', 1000);
    expect(wheel.next()).toEqual({ lo: 1_023_700, hi: 1_023_900 });
  });

  it('gives the order that a known clock gives, whatever happened before the phase was known', () => {
    const operations = (wheel: Wheel): string[] => {
      wheel.arm('a', 1000).arm('b', 1000).arm('c', 1000).arm('d', 1000).arm('a', 1011);
      wheel.disarm('b');
      wheel.arm('b', 1012).at(5).arm('c', 1000).arm('e', 600).arm('d', 8000).arm('d', 990);
      wheel.disarm('e');
      return wheel.until(1200).map((fired) => fired.slice(0, 1));
    };
    for (const phase of [0, 1, 11, 12, 13, 23, 24, 25, 50, 63]) {
      const later = new Wheel(new Clock(1000, { lo: 0, hi: 0 }, 0, 1, { lo: 0, hi: 0 }), phase);
      expect(operations(later)).toEqual(operations(known(phase)));
      expect(later.asked).toEqual(['phase of jiffies: 64']);
    }
  });
});
