/** The rate limit that network messages share. */

import { HZ, type Instant } from '../../host/clock.js';
import type { Machine } from '../machine.js';
import { sysctl } from '../sysctl.js';

/** `struct ratelimit_state`, without the interval and the burst, which are sysctls. */
export interface ratelimit_state {
  /** When the current interval began; undefined: none has. */
  begin: Instant | undefined;
  printed: number;
  missed: number;
}

/**
 * True when one more message may be logged: at most `message_burst` in `message_cost` seconds. What was suppressed is told once the
 * interval is over and the next message comes. The message that finds the interval over does not begin another; the one after it does.
 * @kernel 2.6.32-220.el6 lib/ratelimit.c __ratelimit
 */
export function __ratelimit(host: Machine, rs: ratelimit_state): boolean {
  const interval = sysctl(host, 'net.core.message_cost') * HZ;
  const burst = sysctl(host, 'net.core.message_burst');
  if (interval === 0) return true;
  if (rs.begin === undefined) rs.begin = host.now;
  if (host.time_after(host.now, rs.begin + interval)) {
    if (rs.missed !== 0) {
      host.rule('__ratelimit/tells-what-it-suppressed');
      host.log.push(`<4> __ratelimit: ${rs.missed} callbacks suppressed`);
    }
    rs.begin = undefined;
    rs.printed = 0;
    rs.missed = 0;
  }
  if (burst !== 0 && burst > rs.printed) {
    rs.printed++;
    host.rule('__ratelimit/passed');
    return true;
  }
  rs.missed++;
  host.rule('__ratelimit/suppressed');
  return false;
}
