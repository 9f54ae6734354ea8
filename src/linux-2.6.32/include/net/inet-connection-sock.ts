/** The small functions on a listener's queues, and on a socket's timers, that C keeps in a header. */

import type { Machine } from '../../machine.js';
import {
  inet_csk_delete_keepalive_timer,
  inet_csk_reset_keepalive_timer,
} from '../../net/ipv4/inet-connection-sock.js';
import {
  isDrained,
  listenOpt,
  reqsk_queue_add,
  reqsk_queue_added,
  reqsk_queue_is_full,
  reqsk_queue_removed,
  type request_sock,
} from './request-sock.js';
import type { sock } from './sock.js';

/**
 * Puts `child` at the end of the listener's accept queue.
 * @kernel 2.6.32-220.el6 include/net/inet_connection_sock.h inet_csk_reqsk_queue_add
 */
export function inet_csk_reqsk_queue_add(sk: sock, req: request_sock, child: sock): void {
  reqsk_queue_add(sk.icsk_accept_queue, req, sk, child);
}

/**
 * Counts a request out; the last one stops the timer.
 * @kernel 2.6.32-220.el6 include/net/inet_connection_sock.h inet_csk_reqsk_queue_removed
 */
export function inet_csk_reqsk_queue_removed(host: Machine, sk: sock, req: request_sock): void {
  const queue = sk.icsk_accept_queue;
  reqsk_queue_removed(queue, req);
  if (queue.listen_opt !== undefined && isDrained(queue.listen_opt)) inet_csk_delete_keepalive_timer(host, sk);
}

/**
 * Counts a request in; the first one starts the timer, which then runs every 200 ms until no request is left.
 * @kernel 2.6.32-220.el6 include/net/inet_connection_sock.h inet_csk_reqsk_queue_added
 */
export function inet_csk_reqsk_queue_added(host: Machine, sk: sock, timeout: number): void {
  if (reqsk_queue_added(sk.icsk_accept_queue)) inet_csk_reset_keepalive_timer(host, sk, timeout);
}

/**
 * True when the SYN queue is full.
 * @kernel 2.6.32-220.el6 include/net/inet_connection_sock.h inet_csk_reqsk_queue_is_full
 */
export function inet_csk_reqsk_queue_is_full(sk: sock): boolean {
  return reqsk_queue_is_full(sk.icsk_accept_queue);
}

/**
 * Takes a request out of the table.
 * @kernel 2.6.32-220.el6 include/net/inet_connection_sock.h inet_csk_reqsk_queue_unlink
 */
export function inet_csk_reqsk_queue_unlink(sk: sock, req: request_sock): void {
  listenOpt(sk.icsk_accept_queue).syn_table.unlink(req);
}

/**
 * Removes a request for good.
 * @kernel 2.6.32-220.el6 include/net/inet_connection_sock.h inet_csk_reqsk_queue_drop
 */
export function inet_csk_reqsk_queue_drop(host: Machine, sk: sock, req: request_sock): void {
  inet_csk_reqsk_queue_unlink(sk, req);
  inet_csk_reqsk_queue_removed(host, sk, req);
}
