import { expect, it } from 'vitest';
import { Clock } from '../../src/host/clock.js';
import { Cookies } from '../../src/host/cookies.js';
import { u32 } from '../../src/host/sequence.js';
import { SeededEnvironment } from '../../src/run/environment.js';

const MINUTE = 60_000_000;

/** Draws these numbers, in this order. */
class Drawing extends SeededEnvironment {
  private readonly numbers: number[];

  constructor(...numbers: number[]) {
    super(0);
    this.numbers = numbers;
  }

  override random32(): number {
    return this.numbers.shift() ?? 0;
  }
}

it('takes a cookie for the one that was sent, even where an older one of the same peer is just below it', () => {
  const env = new Drawing(5000, 5000 + 70_000);
  const clock = Clock.known(1000, 0, 0, 0);
  const cookies = new Cookies();
  const older = cookies.make(env, clock, 0, 1, 100, 3);
  const newer = cookies.make(env, clock, MINUTE, 1, 100, 3);
  expect(u32(newer - older)).toBe(70_000);
  expect(cookies.check(env, clock, MINUTE, newer, 1, 100, 4)).toBe(3);
  expect(cookies.check(env, clock, MINUTE, older, 1, 100, 4)).toBe(3);
});
