/** The life of requests and of the accept queue, whatever the protocol (net/ipv4/inet_connection_sock.c). */

import { inet_csk_destroy_sock } from '../../../linux-2.6.32/net/ipv4/inet-connection-sock.js';
import { inet_csk_reqsk_queue_added } from '../../include/net/inet-connection-sock.js';
import {
  reqsk_queue_empty,
  reqsk_queue_len,
  reqsk_queue_len_young,
  reqsk_queue_remove,
  reqsk_queue_removed,
  type request_sock,
  type request_sock_queue,
} from '../../include/net/request-sock.js';
import { sk_acceptq_added, type sock } from '../../include/net/sock.js';
import { TCP_CLOSE, TCP_LISTEN, TCP_SYN_RECV } from '../../include/net/tcp-states.js';
import { TIMER_PINNED, timer_setup } from '../../kernel/time/timer.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { reqsk_queue_alloc } from '../core/request-sock.js';
import { sk_clone_lock } from '../core/sock.js';
import { inet_ehash_insert, sk_nulls_del_node_init_rcu } from './inet-hashtables.js';
import { tcp_rtx_synack } from './tcp-output-synack.js';
import { tcp_syn_ack_timeout } from './tcp-timer.js';

export { inet_csk_destroy_sock } from '../../../linux-2.6.32/net/ipv4/inet-connection-sock.js';

/**
 * Whether the listener's port can be had.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_get_port
 */
function inet_csk_get_port(host: Machine): boolean {
  return !host.faults.has('get_port');
}

/**
 * Takes the oldest child off the accept queue. A blocking call is taken for a non-blocking one. As in 2.6.32, but for Fast Open.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_accept
 */
export function inet_csk_accept(host: Machine, sk: sock): sock | 'EINVAL' | 'EAGAIN' {
  const queue = sk.icsk_accept_queue;
  if (sk.sk_state !== TCP_LISTEN) {
    host.rule('inet_csk_accept/not-listening');
    return 'EINVAL';
  }
  if (reqsk_queue_empty(queue)) {
    host.rule('inet_csk_accept/queue-empty');
    return 'EAGAIN';
  }
  const req = reqsk_queue_remove(queue, sk) as request_sock;
  const newsk = req.sk as sock;
  host.rule(newsk.sk_state === TCP_CLOSE ? 'inet_csk_accept/child-already-closed' : 'inet_csk_accept/oldest-first');
  if (req.tfo_listener) {
    host.rule('inet_csk_accept/fastopen-unfinished');
    req.sk = undefined;
  }
  return newsk;
}

/**
 * Whether there is a way to the peer.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_route_req
 */
export function inet_csk_route_req(host: Machine): boolean {
  return !host.faults.has('inet_csk_route_req');
}

/**
 * Whether there is a way to a new child's peer.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_route_child_sock
 */
export function inet_csk_route_child_sock(host: Machine): boolean {
  return !host.faults.has('inet_csk_route_req');
}

const EXPIRE = 1;
const RESEND = 2;

/**
 * Whether a request has timed out too often (bit EXPIRE), and whether its SYN-ACK is due again (bit RESEND). TCP_DEFER_ACCEPT lets an
 * acknowledged request live for its own number of timeouts, and stay silent until the last of them.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c syn_ack_recalc
 */
function syn_ack_recalc(
  host: Machine,
  req: request_sock,
  thresh: number,
  max_retries: number,
  rskq_defer_accept: number,
): number {
  let expire = req.num_timeout >= thresh;
  let resend = true;
  if (rskq_defer_accept !== 0) {
    if (expire && req.acked && req.num_timeout < max_retries) {
      host.rule('syn_ack_recalc/acked-outlives-limit');
      expire = false;
    }
    resend = !req.acked || req.num_timeout >= rskq_defer_accept - 1;
  }
  if (expire) host.rule('syn_ack_recalc/expire');
  else host.rule(resend ? 'syn_ack_recalc/resend' : 'syn_ack_recalc/wait-for-data');
  return (expire ? EXPIRE : 0) | (resend ? RESEND : 0);
}

/**
 * Sends the SYN-ACK again.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_rtx_syn_ack
 */
export function inet_rtx_syn_ack(host: Machine, parent: sock, req: request_sock): boolean {
  const sent = tcp_rtx_synack(host, parent, req);
  if (sent) req.num_retrans = (req.num_retrans + 1) & 0xff;
  return sent;
}

/**
 * Takes a request out of the hash and stops its timer; false when it was not in the hash.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c reqsk_queue_unlink
 */
function reqsk_queue_unlink(host: Machine, req: request_sock): boolean {
  const found = sk_nulls_del_node_init_rcu(host, req);
  if (req.rsk_timer?.pending) host.timers.del_timer(host, req.rsk_timer);
  return found;
}

/**
 * Drops a request.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_reqsk_queue_drop
 */
export function inet_csk_reqsk_queue_drop(host: Machine, sk: sock, req: request_sock): void {
  if (reqsk_queue_unlink(host, req)) reqsk_queue_removed(sk.icsk_accept_queue, req);
}

/**
 * A request timed out: its SYN-ACK is sent again, or it is dropped. While the SYN queue is more than half full (of at least 8), old
 * requests are dropped before their time, the sooner the fewer young ones there are.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c reqsk_timer_handler
 */
function reqsk_timer_handler(host: Machine, req: request_sock): void {
  const sk_listener = req.rsk_listener;
  const queue = sk_listener.icsk_accept_queue;
  if (sk_listener.sk_state !== TCP_LISTEN) {
    host.rule('reqsk_timer_handler/listener-gone');
    inet_csk_reqsk_queue_drop(host, sk_listener, req);
    return;
  }
  let max_retries = sk_listener.icsk_syn_retries || sysctl(host, 'net.ipv4.tcp_synack_retries');
  let thresh = max_retries;
  const qlen = reqsk_queue_len(queue);
  if ((qlen << 1) >>> 0 > Math.max(8, sk_listener.sk_max_ack_backlog)) {
    let young = reqsk_queue_len_young(queue) << 1;
    while (thresh > 2) {
      if (qlen < young) break;
      thresh--;
      young <<= 1;
    }
    if (thresh < max_retries) host.rule('reqsk_timer_handler/half-full');
  }
  const defer_accept = queue.rskq_defer_accept;
  if (defer_accept !== 0) max_retries = defer_accept;
  const verdict = syn_ack_recalc(host, req, thresh, max_retries, defer_accept);
  tcp_syn_ack_timeout(host);
  if ((verdict & EXPIRE) === 0 && ((verdict & RESEND) === 0 || stillSent(host, sk_listener, req))) {
    if (req.num_timeout === 0) queue.young--;
    req.num_timeout = (req.num_timeout + 1) & 0x7f;
    arm(host, req, host.release.reqsk_timeout(host, req));
    return;
  }
  inet_csk_reqsk_queue_drop(host, sk_listener, req);
}

/** Sends the SYN-ACK again; false when that fails and the request has not been acknowledged either. */
function stillSent(host: Machine, sk_listener: sock, req: request_sock): boolean {
  if (inet_rtx_syn_ack(host, sk_listener, req)) return true;
  host.rule(req.acked ? 'reqsk_timer_handler/synack-not-sent-acked' : 'reqsk_timer_handler/synack-not-sent');
  return req.acked;
}

function arm(host: Machine, req: request_sock, timeout: number): void {
  req.rsk_timer ??= timer_setup(reqsk_timer_handler, req, TIMER_PINNED);
  host.timers.mod_timer(host, req.rsk_timer, host.now + timeout);
}

/**
 * Starts a new request's timer and puts it into the hash.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c reqsk_queue_hash_req
 */
function reqsk_queue_hash_req(host: Machine, req: request_sock, timeout: number): void {
  req.num_retrans = 0;
  req.num_timeout = 0;
  req.sk = undefined;
  arm(host, req, timeout);
  inet_ehash_insert(host, req, undefined);
}

/**
 * Adds a request to the SYN queue.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_reqsk_queue_hash_add
 */
export function inet_csk_reqsk_queue_hash_add(host: Machine, sk: sock, req: request_sock, timeout: number): void {
  reqsk_queue_hash_req(host, req, timeout);
  inet_csk_reqsk_queue_added(sk);
}

/**
 * A new socket in SYN_RECV with the listener's options; undefined where memory is short.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_clone_lock
 */
export function inet_csk_clone_lock(host: Machine, sk: sock, req: request_sock): sock | undefined {
  if (host.faults.has('tcp_create_openreq_child')) return undefined;
  return sk_clone_lock(sk, req.peer, TCP_SYN_RECV);
}

/**
 * Prepares a half-made child for being closed.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_prepare_forced_close
 */
export function inet_csk_prepare_forced_close(sk: sock): void {
  sk.dead = true;
}

/**
 * Makes a socket listen.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_listen_start
 */
export function inet_csk_listen_start(host: Machine, sk: sock, backlog: number): 0 | 'EADDRINUSE' {
  reqsk_queue_alloc(sk.icsk_accept_queue);
  sk.sk_max_ack_backlog = backlog >>> 0;
  sk.sk_ack_backlog = 0;
  sk.sk_state = TCP_LISTEN;
  if (inet_csk_get_port(host)) return 0;
  host.rule('inet_csk_listen_start/port-taken');
  sk.sk_state = TCP_CLOSE;
  return 'EADDRINUSE';
}

/**
 * Ends a child that nobody has accepted: a reset, unless it is closed already.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_child_forget
 */
function inet_child_forget(host: Machine, req: request_sock, child: sock): void {
  host.release.tcp_disconnect(host, child);
  child.dead = true;
  if (req.tfo_listener) child.fastopen_rsk = undefined;
  inet_csk_destroy_sock(host, child);
}

/**
 * Puts a child at the end of the accept queue.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_reqsk_queue_add
 */
export function inet_csk_reqsk_queue_add(host: Machine, sk: sock, req: request_sock, child: sock): sock | undefined {
  const queue = sk.icsk_accept_queue;
  if (sk.sk_state !== TCP_LISTEN) {
    // The listener was closed on another CPU. With one CPU this cannot be.
    inet_child_forget(host, req, child);
    return undefined;
  }
  req.sk = child;
  req.dl_next = undefined;
  if (queue.rskq_accept_head === undefined) queue.rskq_accept_head = req;
  else (queue.rskq_accept_tail as request_sock).dl_next = req;
  queue.rskq_accept_tail = req;
  sk_acceptq_added(sk);
  return child;
}

/**
 * Moves a completed request from the SYN queue to the accept queue. Only who made the child that took the request's place may do so.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_complete_hashdance
 */
export function inet_csk_complete_hashdance(
  host: Machine,
  sk: sock,
  child: sock,
  req: request_sock,
  own_req: boolean,
): sock | undefined {
  if (!own_req) return undefined;
  inet_csk_reqsk_queue_drop(host, sk, req);
  reqsk_queue_removed(sk.icsk_accept_queue, req);
  return inet_csk_reqsk_queue_add(host, sk, req, child);
}

/**
 * Ends every child that nobody has accepted, the oldest first. Requests are left to their timers.
 * @kernel 4.15.11 net/ipv4/inet_connection_sock.c inet_csk_listen_stop
 */
export function inet_csk_listen_stop(host: Machine, sk: sock): void {
  const queue: request_sock_queue = sk.icsk_accept_queue;
  for (let req = reqsk_queue_remove(queue, sk); req !== undefined; req = reqsk_queue_remove(queue, sk)) {
    const child = req.sk as sock;
    host.rule(
      child.sk_state === TCP_CLOSE ? 'inet_csk_listen_stop/child-already-closed' : 'inet_csk_listen_stop/reset-child',
    );
    inet_child_forget(host, req, child);
  }
  if (queue.fastopenq.rskq_rst_head !== undefined) queue.fastopenq.rskq_rst_head = undefined;
}
