/** The timer of a listening socket. */

import type { sock } from '../../include/net/sock.js';
import { TCP_RTO_MAX, TCP_SYNQ_INTERVAL, TCP_TIMEOUT_INIT } from '../../include/net/tcp.js';
import { TCP_LISTEN } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';
import { inet_csk_reqsk_queue_prune } from './inet-connection-sock.js';

/**
 * Looks after the SYN queue.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_timer.c tcp_synack_timer
 */
function tcp_synack_timer(host: Machine, sk: sock): void {
  inet_csk_reqsk_queue_prune(host, sk, TCP_SYNQ_INTERVAL, TCP_TIMEOUT_INIT, TCP_RTO_MAX);
}

/**
 * The keepalive timer. Only a listener uses it here: no connection asks for keepalives, and none is closed but by a reset.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_timer.c tcp_keepalive_timer
 */
export function tcp_keepalive_timer(host: Machine, sk: sock): void {
  if (sk.sk_state === TCP_LISTEN) tcp_synack_timer(host, sk);
}
