/** Constants of TCP in 2.6.32, and the mark that a listener keeps for SYN cookies. */

import { HZ } from '../../../host/clock.js';
import type { Machine } from '../../machine.js';
import type { sock } from './sock.js';

/** The first deadline of a request, and how long after a cookie its like are believed. */
export const TCP_TIMEOUT_INIT = 3 * HZ;
/** The longest deadline of a request. */
export const TCP_RTO_MAX = 120 * HZ;
/** The period of the timer that looks after a listener's SYN queue. */
export const TCP_SYNQ_INTERVAL = HZ / 5;
/** The longest time that an ACK is put off. */
export const TCP_DELACK_MAX = HZ / 5;
/** The shortest time that an ACK is put off. */
export const TCP_DELACK_MIN = HZ / 25;
/** The first estimate of the time between segments. */
export const TCP_ATO_MIN = HZ / 25;
/** The greatest `TCP_SYNCNT`. */
export const MAX_TCP_SYNCNT = 127;
/** How many full segments the first window offers (mainline: 4). */
export const TCP_DEFAULT_INIT_RCVWND = 10;
/** For how long a peer's last timestamp is held against it. */
export const TCP_PAWS_MSL = 60 * HZ;
/** By how much a peer's timestamps may go back from one connection to the next. */
export const TCP_PAWS_WINDOW = 1;
/** After how long a timestamp says nothing any more. */
export const TCP_PAWS_24DAYS = 24 * 24 * 60 * 60 * HZ;

/**
 * Remembers that the listener's SYN queue has just overflowed.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_synq_overflow
 */
export function tcp_synq_overflow(host: Machine, sk: sock): void {
  sk.ts_recent_stamp = host.now;
}

/**
 * True when more than TCP_TIMEOUT_INIT has passed since the listener's last cookie, or it never sent one.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_synq_no_recent_overflow
 */
export function tcp_synq_no_recent_overflow(host: Machine, sk: sock): boolean {
  const last_overflow = sk.ts_recent_stamp;
  return last_overflow === undefined || host.time_after(host.now, last_overflow + TCP_TIMEOUT_INIT);
}
