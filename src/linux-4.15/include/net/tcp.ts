/** Constants of TCP in 4.15, and the small functions that include/net/tcp.h has inline. */

import { HZ } from '../../../host/clock.js';
import { TCP_RTO_MAX } from '../../../linux-2.6.32/include/net/tcp.js';
import type { Machine } from '../../machine.js';
import type { request_sock } from './request-sock.js';
import type { sock } from './sock.js';

export {
  MAX_TCP_SYNCNT,
  TCP_PAWS_24DAYS,
  TCP_PAWS_MSL,
  TCP_RTO_MAX,
} from '../../../linux-2.6.32/include/net/tcp.js';
export { TCPOLEN_TSTAMP_ALIGNED } from '../../../linux-2.6.32/include/net/tcp-window.js';

/** The first timeout of a request, µs. */
export const TCP_TIMEOUT_INIT = HZ;
/** The shortest timeout of a retransmission, µs. */
export const TCP_RTO_MIN = HZ / 5;
/** The initial congestion window, segments. */
export const TCP_INIT_CWND = 10;
/** A cookie is good for as many changes of the cookie clock's minute, but one. */
export const MAX_SYNCOOKIE_AGE = 2;
/** For how long after a listener's last noted cookie it looks at cookies, µs. */
export const TCP_SYNCOOKIE_VALID = MAX_SYNCOOKIE_AGE * 60 * HZ;

/** Bits of `net.ipv4.tcp_fastopen`: the server side is on. */
export const TFO_SERVER_ENABLE = 2;
/** Data in a SYN is taken without a cookie. */
export const TFO_SERVER_COOKIE_NOT_REQD = 0x200;
/** Every listener does Fast Open, without the TCP_FASTOPEN option. */
export const TFO_SERVER_WO_SOCKOPT1 = 0x400;

/**
 * `min(TCP_TIMEOUT_INIT << shift, TCP_RTO_MAX)` in µs. The kernel shifts a number of jiffies in 32 bits, and x86 looks at the lowest
 * five bits of `shift` only, so that from about 20 timeouts on the result is anything.
 */
export function backedOff(host: Machine, shift: number): number {
  const { tick } = host.clock;
  return Math.min(((TCP_TIMEOUT_INIT / tick) << shift) >>> 0, TCP_RTO_MAX / tick) * tick;
}

/** When a request times out next, after the timeouts that it had, µs. */
export function requestTimeout(host: Machine, req: request_sock): number {
  return backedOff(host, req.num_timeout);
}

/** How old a request is said to be by the number of its timeouts, µs. The kernel shifts seconds in 32 bits. */
export function requestAge(_host: Machine, req: request_sock): number {
  return ((TCP_TIMEOUT_INIT / HZ) << req.num_timeout) * HZ;
}

/**
 * Notes that the listener sends cookies; once a second is enough.
 * @kernel 4.15.11 include/net/tcp.h tcp_synq_overflow
 */
export function tcp_synq_overflow(host: Machine, sk: sock): void {
  const last_overflow = sk.ts_recent_stamp;
  if (last_overflow === undefined || host.time_after(host.now, last_overflow + HZ)) sk.ts_recent_stamp = host.now;
}

/**
 * Whether the listener has not sent a cookie for two minutes.
 * @kernel 4.15.11 include/net/tcp.h tcp_synq_no_recent_overflow
 */
export function tcp_synq_no_recent_overflow(host: Machine, sk: sock): boolean {
  const last_overflow = sk.ts_recent_stamp;
  return last_overflow === undefined || host.time_after(host.now, last_overflow + TCP_SYNCOOKIE_VALID);
}

/**
 * Counts a segment that the listener dropped.
 * @kernel 4.15.11 include/net/tcp.h tcp_listendrop
 */
export function tcp_listendrop(host: Machine, sk: sock): void {
  sk.sk_drops++;
  host.count('ListenDrops');
}
