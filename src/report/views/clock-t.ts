/** Times as /proc gives them: in hundredths of a second, as the kernel makes them out of jiffies, with its errors. */

import { type Clock, HZ, type Instant } from '../../host/clock.js';

/** The frequency of the timer chip that 2.6.32 takes its tick from, Hz. */
const PIT_TICK_RATE = 1_193_182;
const NSEC_PER_SEC = 1_000_000_000;
/** ns in one unit of /proc: USER_HZ is 100. */
const NSEC_PER_CLOCK = NSEC_PER_SEC / 100;

/** How many jiffies begin after `from` and not after `to`; negative if `to` comes first. Where the clock's phase is open, one answer of two. */
export function jiffiesBetween(clock: Clock, from: Instant, to: Instant): number {
  const jiffy = (a: Instant): number => Math.floor((a + clock.fraction.lo) / clock.tick);
  return jiffy(to) - jiffy(from);
}

/** A duration of µs in jiffies. */
export const jiffies = (clock: Clock, duration: number): number => Math.round(duration / clock.tick);

/**
 * Jiffies in hundredths of a second, rounded down (`jiffies_to_clock_t`). In 2.6.32 a jiffy is what the timer chip can make of it, which
 * at HZ=1000 is 0.999848 ms, so that a timeout of 3 s shows as 299; and a negative number is taken for one of 64 bits without a sign, with
 * what comes of that. From 4.15 on it shows as 0 for it (`jiffies_delta_to_clock_t`).
 */
export function clockT(variant: string, clock: Clock, count: number): bigint {
  const hz = HZ / clock.tick;
  const isOld = variant === '2.6.32';
  if (!isOld && count < 0) return 0n;
  const nsec = isOld ? chipTick(hz) : Math.floor((NSEC_PER_SEC + Math.floor(hz / 2)) / hz);
  if (nsec % NSEC_PER_CLOCK === 0) return BigInt.asUintN(64, BigInt(Math.trunc(count / (hz / 100))));
  return BigInt.asUintN(64, BigInt.asUintN(64, BigInt(count)) * BigInt(nsec)) / BigInt(NSEC_PER_CLOCK);
}

/** ns between two ticks of the chip, worked out with 8 bits after the point as 2.6.32 does. */
function chipTick(hz: number): number {
  const latch = Math.floor((PIT_TICK_RATE + Math.floor(hz / 2)) / hz);
  return scaledQuotient(NSEC_PER_SEC, scaledQuotient(PIT_TICK_RATE, latch));
}

/** a / b, times 256, rounded. */
function scaledQuotient(a: number, b: number): number {
  return Math.floor(a / b) * 256 + Math.floor(((a % b) * 256 + Math.floor(b / 2)) / b);
}
