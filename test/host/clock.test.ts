import { describe, expect, it } from 'vitest';
import { Clock } from '../../src/host/clock.js';
import type { Environment } from '../../src/host/environment.js';

/** An environment that answers from a list, and fails a test that asks for more. */
const answering = (...answers: number[]): Environment & { asked: number } => ({
  asked: 0,
  choose() {
    this.asked += 1;
    const answer = answers.shift();
    if (answer === undefined) throw new Error('asked once too often');
    return answer;
  },
  random32: () => 0,
  transmit() {},
  synTable: () => {
    throw new Error('no table here');
  },
});

describe('a clock of which nothing is known', () => {
  it('compares instants that are a jiffy or more apart without asking', () => {
    const clock = Clock.unknown(1000);
    expect(clock.notBefore(answering(), 5000, 4000)).toBe(true);
    expect(clock.notBefore(answering(), 4000, 5000)).toBe(false);
    expect(clock.notBefore(answering(), 4000, 4000)).toBe(true);
  });

  it('asks whether a jiffy begins between two instants, and remembers the answer', () => {
    const clock = Clock.unknown(1000);
    expect(clock.notBefore(answering(0, 1), 4100, 4300)).toBe(false);
    expect(clock.fraction).toEqual({ lo: 700, hi: 900 });
    expect(clock.notBefore(answering(), 9100, 9300)).toBe(false);
    expect(clock.notBefore(answering(), 9400, 9900)).toBe(true);
  });

  it('learns the phase of jiffies in steps, and only once', () => {
    const clock = Clock.unknown(1000);
    clock.refine(answering(5), 64);
    expect([clock.phase, clock.modulus]).toEqual([5, 64]);
    clock.refine(answering(2), 512);
    expect([clock.phase, clock.modulus]).toEqual([5 + 2 * 64, 512]);
    clock.refine(answering(), 64);
    expect(clock.modulus).toBe(512);
  });

  it('takes only phases that a hint allows', () => {
    const clock = Clock.unknown(1000);
    clock.phaseHint = (phase) => phase === 17;
    clock.refine(answering(), 64);
    expect(clock.phase).toBe(17);
  });

  it('goes back to a set of possible phases, and then asks only for those', () => {
    const clock = Clock.unknown(1000);
    clock.possible = { phases: [3, 70], of: 128 };
    clock.refine(answering(1), 64);
    expect([clock.phase, clock.modulus]).toEqual([6, 64]);
    clock.forgetPhase();
    expect([clock.phase, clock.modulus, clock.possible]).toEqual([0, 1, { phases: [70], of: 128 }]);
    clock.refine(answering(), 128);
    expect(clock.phase).toBe(70);
  });

  it('asks whether a minute of the cookie clock began only where that decides', () => {
    const clock = Clock.unknown(1000);
    expect(clock.fewerMinutes(answering(), 0, 59_000_000, 2)).toBe(true);
    expect(clock.fewerMinutes(answering(), 0, 120_000_000, 2)).toBe(false);
    expect(clock.fewerMinutes(answering(), 5, 5, 1)).toBe(true);
    expect(clock.fewerMinutes(answering(0), 0, 30_000_000, 1)).toBe(true);
    expect(clock.minute).toEqual({ lo: 0, hi: 30_000_000 });
    expect(clock.fewerMinutes(answering(), 0, 29_000_000, 1)).toBe(true);
  });
});

describe('a clock of a machine that has been up for a known time', () => {
  const SECOND = 1_000_000;
  const PERIOD = 2 ** 32 * 1000;
  /** From 2 s before the lower 32 bits of jiffies are 0 to 3 s after it. */
  const near = (clock: Clock, at: number, env = answering()): boolean =>
    clock.nearWrap(env, at, -2 * SECOND, 3 * SECOND);

  it('knows when its jiffies are about 0, each time', () => {
    for (const wraps of [0, PERIOD, 9 * PERIOD]) {
      const clock = Clock.known(1000, 250, { uptime: 290 * SECOND + wraps }, 0);
      expect([7_999_000, 7_999_749, 7_999_750, 13_000_000].map((at) => near(clock, at))).toEqual([
        false,
        false,
        true,
        true,
      ]);
      expect([13_000_749, 13_000_750, PERIOD].map((at) => near(clock, at))).toEqual([true, false, false]);
      expect([PERIOD + 7_999_749, PERIOD + 7_999_750].map((at) => near(clock, at))).toEqual([false, true]);
    }
  });

  it('has the jiffies as its phase', () => {
    expect(Clock.known(250, 0, { uptime: 301 * SECOND }, 0).phase).toBe(250);
    expect(Clock.known(250, 0, { uptime: 299 * SECOND }, 0).phase).toBe(2 ** 30 - 250);
  });

  it('asks only where it is not known well enough, and remembers the answer', () => {
    const uptime = { lo: 300 * SECOND, hi: 301 * SECOND };
    const clock = Clock.unknown(1000, uptime);
    expect(near(clock, 1_999_999)).toBe(true);
    expect(near(clock, 3_001_000)).toBe(false);
    expect(near(clock, 2_501_000, answering(1))).toBe(false);
    expect(clock.wrap).toEqual({ lo: 500_000, hi: SECOND });
    expect(near(clock, 2_501_000)).toBe(false);
    expect(near(clock, 2_201_000, answering(0))).toBe(true);
    expect(clock.wrap).toEqual({ lo: 500_000, hi: 800_000 });
  });

  it('is never near 0 where nobody knows for how long it has been up', () => {
    expect(near(Clock.unknown(1000), 0)).toBe(false);
    expect(near(Clock.known(1000, 0, 0, 0), 0)).toBe(false);
  });
});

describe('a known clock', () => {
  it('asks nothing and tells when a jiffy begins', () => {
    const clock = Clock.known(250, 1000, 7, 0);
    expect(clock.tick).toBe(4000);
    expect(clock.jiffy(answering(), 2999)).toBe(0);
    expect(clock.jiffy(answering(), 3000)).toBe(1);
    expect(clock.begins(5000)).toEqual({ lo: 3000, hi: 3000 });
    expect(clock.jiffy(answering(), clock.instantOf(12))).toBe(12);
  });
});
