/** Which timer fires when, and in which order, in 2.6.32. */

import { describe, expect, it } from 'vitest';
import { Clock } from '../../src/host/clock.js';
import { setup_timer, type timer_list } from '../../src/linux-2.6.32/kernel/timer.js';
import { Machine } from '../../src/linux-2.6.32/machine.js';
import { SeededEnvironment } from '../../src/run/environment.js';

/** A machine whose jiffies are whole milliseconds; at the time 0 they are `jiffies`. */
const machine = (jiffies = 0): Machine => new Machine(new SeededEnvironment(1), Clock.known(1000, 0, jiffies, 0), {});

/** Timers that write their names down. */
class Log {
  readonly names: string[] = [];
  readonly host: Machine;

  constructor(host: Machine) {
    this.host = host;
  }

  timer(name: string, then: () => void = () => undefined): timer_list {
    return setup_timer(() => {
      this.names.push(`${name} ${this.host.now / 1000}`);
      then();
    }, name);
  }

  /** Sets `timer` at the time `at` for the time `expires`, both in ms. */
  arm(timer: timer_list, at: number, expires: number): void {
    this.run(at);
    this.host.now = at * 1000;
    this.host.timers.mod_timer(this.host, timer, expires * 1000);
  }

  /** Fires everything up to the time `until`, in ms; what fired so far. */
  run(until: number): string[] {
    const { timers } = this.host;
    while (timers.next(this.host, until * 1000) !== undefined) timers.run(this.host);
    return this.names;
  }
}

describe('a timer', () => {
  it.each([1, 255, 256, 3000, 120_000])('set for %i ms fires after exactly that time', (ms) => {
    const log = new Log(machine());
    log.arm(log.timer('a'), 0, ms);
    expect(log.run(ms - 1)).toEqual([]);
    expect(log.run(ms)).toEqual([`a ${ms}`]);
    expect(log.host.fired).toEqual(['__run_timers/exactly-its-jiffy']);
  });

  it.each([0, -5])('set for a time %i ms from now fires in the next jiffy', (ms) => {
    const log = new Log(machine());
    log.arm(log.timer('a'), 10, 10 + ms);
    expect(log.run(100)).toEqual(['a 11']);
    expect(log.host.fired).toEqual(['internal_add_timer/in-the-past']);
  });

  it('that is deleted, also by one that fires in its jiffy before it, does not fire', () => {
    const log = new Log(machine());
    const [b, c] = [log.timer('b'), log.timer('c')];
    log.arm(
      log.timer('a', () => log.host.timers.del_timer(log.host, b)),
      0,
      5,
    );
    log.arm(b, 0, 5);
    log.arm(c, 0, 5);
    expect(log.host.timers.del_timer(log.host, c)).toBe(true);
    expect(log.host.timers.del_timer(log.host, c)).toBe(false);
    expect(log.run(10)).toEqual(['a 5']);
  });

  it('that is armed again by one that fires in its jiffy before it fires at its new time only', () => {
    const log = new Log(machine());
    const b = log.timer('b');
    log.arm(
      log.timer('a', () => log.host.timers.mod_timer(log.host, b, 9000)),
      0,
      5,
    );
    log.arm(b, 0, 5);
    expect(log.run(10)).toEqual(['a 5', 'b 9']);
  });

  it('that is not pending is left alone by mod_timer_pending', () => {
    const log = new Log(machine());
    const a = log.timer('a');
    expect(log.host.timers.mod_timer_pending(log.host, a, 5000)).toBe(false);
    log.arm(a, 0, 5);
    expect(log.host.timers.mod_timer_pending(log.host, a, 7000)).toBe(true);
    expect(log.run(10)).toEqual(['a 7']);
  });

  it('fires in order with hundreds of others', () => {
    const log = new Log(machine());
    const due = Array.from({ length: 500 }, (_, i) => 1 + ((i * 7919) % 997));
    const timers = due.map((ms, i) => {
      const timer = log.timer(`${i}`);
      log.arm(timer, 0, ms);
      return timer;
    });
    timers.forEach((timer, i) => {
      if (i % 3 === 0) log.host.timers.del_timer(log.host, timer);
    });
    const times = log.run(2000).map((line) => Number(line.split(' ')[1]));
    expect(times).toEqual(due.filter((_, i) => i % 3 !== 0).sort((a, b) => a - b));
  });
});

describe('timers of one jiffy', () => {
  it('fire in the order in which they were armed', () => {
    const log = new Log(machine());
    for (const name of ['a', 'b', 'c']) log.arm(log.timer(name), 0, 50);
    expect(log.run(100)).toEqual(['a 50', 'b 50', 'c 50']);
    expect(log.host.fired).toContain('internal_add_timer/first-in-first-out');
  });

  it('fire in the order in which they were armed last', () => {
    const log = new Log(machine());
    const a = log.timer('a');
    log.arm(a, 0, 40);
    log.arm(log.timer('b'), 1, 50);
    log.arm(a, 2, 50);
    expect(log.run(100)).toEqual(['b 50', 'a 50']);
  });

  it('keep their order when one is armed for the time that it has already', () => {
    const log = new Log(machine());
    const a = log.timer('a');
    log.arm(a, 0, 50);
    log.arm(log.timer('b'), 1, 50);
    log.arm(a, 2, 50);
    expect(log.run(100)).toEqual(['a 50', 'b 50']);
  });

  /** A timer for 3000 ms that is armed at once, and one for the same jiffy that is armed when the jiffies are `armed`. */
  const order = (armed: number, jiffies = 0): string[] => {
    const log = new Log(machine(jiffies));
    log.arm(log.timer('early'), 0, 3000);
    log.arm(log.timer('late'), armed - jiffies, 3000);
    return log.run(3000).map((line) => line.split(' ')[0] as string);
  };

  it.each([
    [2743, ['early', 'late']],
    [2744, ['late', 'early']],
    [2815, ['late', 'early']],
    [2816, ['early', 'late']],
    [2999, ['early', 'late']],
  ])('and one armed at jiffy %i for jiffy 3000, whose block begins with 2816, fire as %j', (armed, expected) => {
    expect(order(armed)).toEqual(expected);
  });

  it('follow the value of jiffies, not the time', () => {
    expect(order(2900, 71)).toEqual(['early', 'late']);
    expect(order(2900, 72)).toEqual(['late', 'early']);
  });

  it('may be told apart two levels up', () => {
    const log = new Log(machine());
    log.arm(log.timer('tv3'), 0, 16_384 + 300);
    log.arm(log.timer('tv2'), 16_384 - 100, 16_384 + 300);
    log.arm(log.timer('late tv2'), 16_384 + 1, 16_384 + 300);
    expect(log.run(20_000).map((line) => line.split(' 1')[0])).toEqual(['tv2', 'tv3', 'late tv2']);
    expect(log.host.fired).toContain('cascade/behind-those-armed-directly');
  });
});
