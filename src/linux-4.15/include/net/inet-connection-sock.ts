/** The timers of a connection, and what a listener asks of its SYN queue (include/net/inet_connection_sock.h). */

import { timer_setup } from '../../kernel/time/timer.js';
import type { Machine } from '../../machine.js';
import { tcp_write_timer } from '../../net/ipv4/tcp-timer.js';
import { reqsk_queue_added, reqsk_queue_len } from './request-sock.js';
import type { sock } from './sock.js';

/** `icsk_pending`: the retransmission timer means something. */
const ICSK_TIME_RETRANS = 1;

/**
 * Stops the retransmission timer. The kernel lets it run and ignores it when it fires, which comes to the same.
 * @kernel 4.15.11 include/net/inet_connection_sock.h inet_csk_clear_xmit_timer
 */
export function inet_csk_clear_xmit_timer(host: Machine, sk: sock): void {
  sk.icsk_pending = 0;
  if (sk.icsk_retransmit_timer !== undefined) host.timers.del_timer(host, sk.icsk_retransmit_timer);
}

/**
 * Starts the retransmission timer, `when` µs from now but at most `max_when`.
 * @kernel 4.15.11 include/net/inet_connection_sock.h inet_csk_reset_xmit_timer
 */
export function inet_csk_reset_xmit_timer(host: Machine, sk: sock, when: number, max_when: number): void {
  sk.icsk_pending = ICSK_TIME_RETRANS;
  sk.icsk_timeout = host.now + Math.min(when, max_when);
  sk.icsk_retransmit_timer ??= timer_setup(tcp_write_timer, sk, 0);
  host.timers.mod_timer(host, sk.icsk_retransmit_timer, sk.icsk_timeout);
}

/**
 * Counts a new request in.
 * @kernel 4.15.11 include/net/inet_connection_sock.h inet_csk_reqsk_queue_added
 */
export function inet_csk_reqsk_queue_added(sk: sock): void {
  reqsk_queue_added(sk.icsk_accept_queue);
}

/**
 * How many requests are pending.
 * @kernel 4.15.11 include/net/inet_connection_sock.h inet_csk_reqsk_queue_len
 */
export function inet_csk_reqsk_queue_len(sk: sock): number {
  return reqsk_queue_len(sk.icsk_accept_queue);
}

/**
 * Whether the SYN queue has as many requests as the accept queue's limit says. The comparison is unsigned; with a limit of 0 it is
 * always full.
 * @kernel 4.15.11 include/net/inet_connection_sock.h inet_csk_reqsk_queue_is_full
 */
export function inet_csk_reqsk_queue_is_full(sk: sock): boolean {
  return inet_csk_reqsk_queue_len(sk) >>> 0 >= sk.sk_max_ack_backlog;
}
