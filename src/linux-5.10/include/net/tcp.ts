/**
 * Whether a listener sends cookies (include/net/tcp.h). Its stamp has 32 bits, and is compared with the lower 32 bits of jiffies. These are 0 five minutes after
 * boot, and then every 2^32 jiffies: for a while a stamp of 0, which a listener has that never sent a cookie, is not in the far past.
 */

import { HZ } from '../../../host/clock.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import { TCP_SYNCOOKIE_VALID } from '../../../linux-4.15/include/net/tcp.js';
import type { Machine } from '../../../linux-4.15/machine.js';

/**
 * Notes that the listener sends cookies; once a second is enough. A stamp of 0 is taken for one that was just made, where jiffies have just been 0. Listeners that share a
 * port by SO_REUSEPORT note it together; there is only one here.
 * @kernel 5.10.262 include/net/tcp.h tcp_synq_overflow
 */
export function tcp_synq_overflow(host: Machine, sk: sock): void {
  const last_overflow = sk.ts_recent_stamp;
  if (last_overflow === undefined) {
    if (host.time_between32(host.now, 0, HZ)) {
      host.rule('tcp_synq_overflow/jiffies-near-zero');
      return;
    }
  } else if (!host.time_after(host.now, last_overflow + HZ)) {
    return;
  }
  sk.ts_recent_stamp = host.now;
}

/**
 * Whether the listener has not sent a cookie for two minutes. A second before its stamp counts as after it, because another CPU may just have
 * written it. So one that never sent any seems to have sent one from a second before jiffies are 0 to two minutes after it.
 * @kernel 5.10.262 include/net/tcp.h tcp_synq_no_recent_overflow
 */
export function tcp_synq_no_recent_overflow(host: Machine, sk: sock): boolean {
  const last_overflow = sk.ts_recent_stamp;
  if (last_overflow !== undefined) return host.time_after(host.now, last_overflow + TCP_SYNCOOKIE_VALID);
  const isNear = host.time_between32(host.now, -HZ, TCP_SYNCOOKIE_VALID);
  if (isNear) host.rule('tcp_synq_no_recent_overflow/jiffies-near-zero');
  return !isNear;
}
