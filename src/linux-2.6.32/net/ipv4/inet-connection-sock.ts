/** The listener: how it starts and stops, its timer's work on the SYN queue, and accept. */

import type { SkBuff } from '../../../host/segment.js';
import { inet_csk_delack_init } from '../../include/net/icsk-ack.js';
import { inet_csk_reqsk_queue_added, inet_csk_reqsk_queue_unlink } from '../../include/net/inet-connection-sock.js';
import {
  isDrained,
  type listen_sock,
  listenOpt,
  reqsk_queue_empty,
  reqsk_queue_get_child,
  reqsk_queue_hash_req,
  reqsk_queue_removed,
  reqsk_queue_yank_acceptq,
  type request_sock,
} from '../../include/net/request-sock.js';
import { sk_acceptq_removed, type sock, type sock_base } from '../../include/net/sock.js';
import { TCP_CLOSE, TCP_LISTEN, TCP_SYN_RECV } from '../../include/net/tcp-states.js';
import { setup_timer } from '../../kernel/timer.js';
import type { Machine } from '../../machine.js';
import type { MachineBase } from '../../machine-base.js';
import { sysctl } from '../../sysctl.js';
import { __reqsk_queue_destroy, reqsk_queue_alloc, reqsk_queue_destroy } from '../core/request-sock.js';
import { sk_clone } from '../core/sock.js';
import { tcp_disconnect } from './tcp.js';
import { tcp_v4_send_synack } from './tcp-ipv4.js';

/**
 * Makes sure that the socket has a port; true where that fails. A socket whose `bind` failed gets a free one.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_get_port
 */
function inet_csk_get_port(host: Machine, sk: sock): boolean {
  if (host.faults.has('get_port')) return true;
  sk.bound = true;
  return false;
}

/**
 * Takes the oldest connection out of the accept queue, or says why there is none. The model's process never sleeps in it.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_accept
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
  const newsk = reqsk_queue_get_child(queue, sk);
  host.rule(newsk.sk_state === TCP_CLOSE ? 'inet_csk_accept/child-already-closed' : 'inet_csk_accept/oldest-first');
  return newsk;
}

/**
 * Gives a socket its timers.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_init_xmit_timers
 */
export function inet_csk_init_xmit_timers(sk: sock, keepalive_handler: (host: Machine, sk: sock) => void): void {
  sk.sk_timer = setup_timer(keepalive_handler, sk);
}

/**
 * Stops the keepalive timer.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_delete_keepalive_timer
 */
export function inet_csk_delete_keepalive_timer(host: Machine, sk: sock): void {
  if (sk.sk_timer !== undefined) host.timers.del_timer(host, sk.sk_timer);
}

/**
 * Sets the keepalive timer to fire after `len`.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_reset_keepalive_timer
 */
export function inet_csk_reset_keepalive_timer(host: Machine, sk: sock, len: number): void {
  if (sk.sk_timer !== undefined) host.timers.mod_timer(host, sk.sk_timer, host.now + len);
}

/**
 * The request that a segment belongs to, if there is one. None has a broadcast address for its own.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_search_req
 */
export function inet_csk_search_req(sk: sock, skb: SkBuff): request_sock | undefined {
  return skb.broadcast ? undefined : listenOpt(sk.icsk_accept_queue).syn_table.find(skb.peer);
}

/**
 * Puts a new request into the SYN queue.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_reqsk_queue_hash_add
 */
export function inet_csk_reqsk_queue_hash_add(host: Machine, sk: sock, req: request_sock, timeout: number): void {
  reqsk_queue_hash_req(host, sk.icsk_accept_queue, req, timeout);
  inet_csk_reqsk_queue_added(host, sk, timeout);
}

/** What `syn_ack_recalc` decides, as bits. */
const EXPIRE = 1;
const RESEND = 2;

/**
 * Decides whether a request that has timed out is dropped, and whether its SYN-ACK is sent again. Under TCP_DEFER_ACCEPT one that was
 * acknowledged lives longer, and is left alone until the time to wait for data is nearly over.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c syn_ack_recalc
 */
function syn_ack_recalc(req: request_sock, thresh: number, max_retries: number, rskq_defer_accept: number): number {
  if (rskq_defer_accept === 0) return (req.retrans >= thresh ? EXPIRE : 0) | RESEND;
  const expire = req.retrans >= thresh && (!req.acked || req.retrans >= max_retries);
  const resend = !req.acked || req.retrans >= rskq_defer_accept - 1;
  return (expire ? EXPIRE : 0) | (resend ? RESEND : 0);
}

/**
 * The deadline of the next SYN-ACK after `retrans` timeouts. The C shifts 64-bit jiffies, by the shift's low six bits, so that beyond 60
 * timeouts nothing is left of the time for a while.
 */
function backoff(host: Machine, timeout: number, retrans: number, max_rto: number): number {
  if (retrans < 20) return Math.min(timeout * 2 ** retrans, max_rto);
  const { tick } = host.clock;
  const jiffies = BigInt.asUintN(64, BigInt(Math.round(timeout / tick)) << BigInt(retrans & 63));
  return Math.min(Number(jiffies) * tick, max_rto);
}

/** The retransmission limit once the SYN queue is half full: young requests keep half of the room, so old ones may try less often. */
function lowered(thresh: number, lopt: listen_sock): number {
  return lopt.syn_table.decide(lopt.qlen, lopt.qlen_young, (qlen, qlen_young) => {
    let limit = thresh;
    if (qlen >> (lopt.max_qlen_log - 1) !== 0) {
      let young = qlen_young * 2;
      while (limit > 2) {
        if (qlen < young) break;
        limit--;
        young *= 2;
      }
    }
    return limit;
  });
}

/**
 * One tick of a listener's timer: looks at the next few buckets of the SYN queue and, for each request in them that has timed out, sends
 * the SYN-ACK again or drops the request. No counter tells.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_reqsk_queue_prune
 */
export function inet_csk_reqsk_queue_prune(
  host: Machine,
  parent: sock,
  interval: number,
  timeout: number,
  max_rto: number,
): void {
  const queue = parent.icsk_accept_queue;
  const lopt = queue.listen_opt;
  const now = host.now;
  if (lopt === undefined || isDrained(lopt)) return;

  const retries = parent.icsk_syn_retries || sysctl(host, 'net.ipv4.tcp_synack_retries');
  const thresh = lowered(retries, lopt);
  if (thresh !== retries) host.rule('inet_csk_reqsk_queue_prune/half-full');

  const { rskq_defer_accept } = queue;
  const max_retries = rskq_defer_accept !== 0 ? rskq_defer_accept : retries;

  const budget = Math.max(2 * Math.floor(lopt.nr_table_entries / Math.floor(timeout / interval)), 1);
  const i = lopt.clock_hand;
  const answers = (req: request_sock): boolean =>
    syn_ack_recalc(req, thresh, max_retries, rskq_defer_accept) === RESEND && !host.faults.has('send_synack');

  for (const req of lopt.syn_table.expired(i, budget, now, answers)) {
    const decision = syn_ack_recalc(req, thresh, max_retries, rskq_defer_accept);
    if (stays(host, parent, req, decision, thresh)) {
      if (req.retrans === 0) lopt.qlen_young--;
      req.retrans = (req.retrans + 1) & 0xff;
      req.expires = now + backoff(host, timeout, req.retrans, max_rto);
      continue;
    }
    inet_csk_reqsk_queue_unlink(parent, req);
    reqsk_queue_removed(queue, req);
  }

  lopt.clock_hand = (i + budget) & (lopt.nr_table_entries - 1);

  if (!isDrained(lopt)) inet_csk_reset_keepalive_timer(host, parent, interval);
}

/** Sends the SYN-ACK again if it is time; true when the request stays in the queue. */
function stays(host: Machine, parent: sock, req: request_sock, decision: number, thresh: number): boolean {
  if ((decision & EXPIRE) !== 0) {
    host.rule('syn_ack_recalc/expire');
    return false;
  }
  if (req.retrans >= thresh) host.rule('syn_ack_recalc/acked-outlives-limit');
  if ((decision & RESEND) === 0) {
    host.rule('syn_ack_recalc/wait-for-data');
    return true;
  }
  if (tcp_v4_send_synack(host, parent, req, 'syn_ack_recalc/resend') === 0) {
    host.rule('syn_ack_recalc/resend');
    return true;
  }
  host.rule(
    req.acked ? 'inet_csk_reqsk_queue_prune/synack-not-sent-acked' : 'inet_csk_reqsk_queue_prune/synack-not-sent',
  );
  return req.acked;
}

/**
 * A child of `sk` for `req`, in SYN_RECV for the moment.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_clone
 */
export function inet_csk_clone(sk: sock, req: request_sock): sock {
  return sk_clone(sk, req.peer, TCP_SYN_RECV);
}

/**
 * Ends a socket that no process has any more.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_destroy_sock
 */
export function inet_csk_destroy_sock(host: MachineBase, sk: sock_base): void {
  host.inetsw.prot.destroy(host, sk);
}

/**
 * Starts listening with an empty SYN queue.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_listen_start
 */
export function inet_csk_listen_start(host: Machine, sk: sock, nr_table_entries: number): 0 | 'ENOMEM' | 'EADDRINUSE' {
  const rc = reqsk_queue_alloc(host, sk.icsk_accept_queue, nr_table_entries);
  if (rc !== 0) return rc;
  sk.sk_max_ack_backlog = 0;
  sk.sk_ack_backlog = 0;
  inet_csk_delack_init(sk);
  sk.sk_state = TCP_LISTEN;
  if (!inet_csk_get_port(host, sk)) return 0;
  sk.sk_state = TCP_CLOSE;
  __reqsk_queue_destroy(sk.icsk_accept_queue);
  host.rule('inet_csk_listen_start/port-taken');
  return 'EADDRINUSE';
}

/**
 * Ends all connections that nobody has accepted: those in the accept queue with a reset each, oldest first, requests in silence.
 * @kernel 2.6.32-220.el6 net/ipv4/inet_connection_sock.c inet_csk_listen_stop
 */
export function inet_csk_listen_stop(host: Machine, sk: sock): void {
  inet_csk_delete_keepalive_timer(host, sk);
  let acc_req = reqsk_queue_yank_acceptq(sk.icsk_accept_queue);
  reqsk_queue_destroy(host, sk.icsk_accept_queue);
  while (acc_req !== undefined) {
    const child = acc_req.sk;
    acc_req = acc_req.dl_next;
    if (child === undefined) continue;
    host.rule(
      child.sk_state === TCP_CLOSE ? 'inet_csk_listen_stop/child-already-closed' : 'inet_csk_listen_stop/reset-child',
    );
    tcp_disconnect(host, child);
    child.dead = true;
    child.sk_socket = undefined;
    inet_csk_destroy_sock(host, child);
    sk_acceptq_removed(sk);
  }
}
