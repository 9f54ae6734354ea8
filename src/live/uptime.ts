/** For how long the machine has been up, as its jiffies count it. */

import type { Clock } from './clock.js';
import type { Libc } from './libc.js';
import { infoOfNewSocket } from './sockets.js';

/** ms that jiffies count before 32 bits of them are 0: INITIAL_JIFFIES. */
const BEFORE_WRAP = 300_000;
/** While a machine boots it loses ticks, and so jiffies fall behind the monotonic clock, for good: by less than this, ms. */
const LOST = 60_000;
const WRAP = 2 ** 32;

/** µs for which the machine had been up at the begin of `clock`; undefined: that cannot be told. */
export function uptimeAt(libc: Libc, clock: Clock): number | undefined {
  for (let before = jiffies(libc); ; ) {
    const now = clock.now();
    const monotonic = Number(process.hrtime.bigint()) / 1e6;
    const after = jiffies(libc);
    if (before === after) {
      const uptime = uptimeOf(after, monotonic);
      return uptime === undefined ? undefined : Math.max(0, Math.round(uptime * 1000) - now);
    }
    before = after;
  }
}

/**
 * The time for which a machine has been up, ms; undefined: jiffies and clock do not belong together, as where a time namespace moves the clock.
 * @param jiffies in ms, of which 32 bits are left
 * @param monotonic CLOCK_MONOTONIC, ms: it says which of the times with these bits it is
 */
export function uptimeOf(jiffies: number, monotonic: number): number | undefined {
  const counted = jiffies + BEFORE_WRAP;
  const uptime = counted + Math.round((monotonic - counted) / WRAP) * WRAP;
  return uptime >= 0 && Math.abs(monotonic - uptime) < LOST ? uptime : undefined;
}

/** Jiffies in ms: a new socket says that it received data at jiffy 0, and so `tcpi_last_data_recv`, the time since then, is the jiffies themselves. */
const jiffies = (libc: Libc): number => infoOfNewSocket(libc).readUInt32LE(52);
