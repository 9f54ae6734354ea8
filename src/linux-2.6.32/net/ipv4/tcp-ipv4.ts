/** TCP over IPv4 as the listen path sees it: where a segment goes, what a SYN does, how a request becomes a socket. */

import { HZ } from '../../../host/clock.js';
import type { RuleId } from '../../../host/rule.js';
import type { SkBuff } from '../../../host/segment.js';
import { type SequenceNumber, u32 } from '../../../host/sequence.js';
import { inet_csk_reqsk_queue_is_full } from '../../include/net/inet-connection-sock.js';
import { inet_reqsk_alloc, listenOpt, type request_sock } from '../../include/net/request-sock.js';
import { sk_acceptq_is_full, type sock } from '../../include/net/sock.js';
import { TCP_PAWS_MSL, TCP_PAWS_WINDOW, TCP_TIMEOUT_INIT } from '../../include/net/tcp.js';
import { TCP_ESTABLISHED, TCP_LISTEN } from '../../include/net/tcp-states.js';
import { TCPOLEN_TSTAMP_ALIGNED } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { sk_alloc } from '../core/sock.js';
import { LIMIT_NETDEBUG } from '../core/utils.js';
import {
  inet_csk_init_xmit_timers,
  inet_csk_reqsk_queue_hash_add,
  inet_csk_search_req,
} from './inet-connection-sock.js';
import {
  __inet_hash_nolisten,
  __inet_inherit_port,
  __inet_lookup_established,
  __inet_lookup_listener,
} from './inet-hashtables.js';
import { cookie_v4_check, cookie_v4_init_sequence } from './syncookies.js';
import { tcp_clear_xmit_timers } from './tcp.js';
import { tcp_rcv_established, tcp_rcv_state_process } from './tcp-input.js';
import { tcp_check_req, tcp_child_process, tcp_create_openreq_child } from './tcp-minisocks.js';
import { ADVMSS, tcp_make_synack } from './tcp-output-synack.js';
import { tcp_initialize_rcv_mss } from './tcp-quickack.js';
import { tcp_keepalive_timer } from './tcp-timer.js';

/**
 * Answers a segment with a reset, which is built from nothing but that segment. A reset is never answered.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_send_reset
 */
export function tcp_v4_send_reset(host: Machine, skb: SkBuff, rule: RuleId): void {
  if (skb.rst) {
    host.rule('tcp_v4_send_reset/never-for-a-reset');
    return;
  }
  if (skb.broadcast) {
    host.rule('tcp_v4_send_reset/never-for-broadcast');
    return;
  }
  host.rule(skb.ack ? 'tcp_v4_send_reset/for-an-ack' : 'tcp_v4_send_reset/for-no-ack');
  host.transmit({
    peer: skb.peer,
    syn: false,
    ack: !skb.ack,
    rst: true,
    fin: false,
    psh: false,
    seq: skb.ack ? skb.ack_seq : 0,
    ack_seq: skb.ack ? 0 : skb.end_seq,
    len: 0,
    rule,
  });
  host.count('OutSegs');
  host.count('OutRsts');
}

/**
 * Sends an ACK on behalf of something that is not a full socket.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_send_ack
 */
function tcp_v4_send_ack(host: Machine, skb: SkBuff, seq: SequenceNumber, ack: SequenceNumber, rule: RuleId): void {
  host.transmit({
    peer: skb.peer,
    syn: false,
    ack: true,
    rst: false,
    fin: false,
    psh: false,
    seq: u32(seq),
    ack_seq: u32(ack),
    len: 0,
    rule,
  });
  host.count('OutSegs');
}

/**
 * Repeats what a request has acknowledged so far.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_reqsk_send_ack
 */
export function tcp_v4_reqsk_send_ack(host: Machine, skb: SkBuff, req: request_sock, rule: RuleId): void {
  tcp_v4_send_ack(host, skb, req.snt_isn + 1, req.rcv_isn + 1, rule);
}

/** True when there is a way to the peer (`inet_csk_route_req`). */
function hasRoute(host: Machine): boolean {
  return !host.faults.has('inet_csk_route_req');
}

/**
 * Sends a request's SYN-ACK; nonzero where that fails, be it for lack of a route or below TCP. In the latter case it counts as sent.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c __tcp_v4_send_synack
 */
function __tcp_v4_send_synack(host: Machine, sk: sock, req: request_sock, dst: boolean, rule: RuleId): number {
  if (!dst && !hasRoute(host)) return -1;
  const segment = tcp_make_synack(host, sk, req, rule);
  if (host.faults.has('send_synack')) return 1;
  host.transmit(segment);
  return 0;
}

/**
 * Sends a request's SYN-ACK again.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_send_synack
 */
export function tcp_v4_send_synack(host: Machine, sk: sock, req: request_sock, rule: RuleId): number {
  return __tcp_v4_send_synack(host, sk, req, false, rule);
}

/**
 * Says that cookies are being sent, at most once a minute, whichever listener it is.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c syn_flood_warning
 */
function syn_flood_warning(host: Machine): void {
  if (host.warntime !== undefined && !host.time_after(host.now, host.warntime + 60 * HZ)) {
    host.rule('syn_flood_warning/not-again');
    return;
  }
  host.warntime = host.now;
  host.rule('syn_flood_warning/logged');
  host.log.push("<6> possible SYN flooding on the listener's port. Sending cookies.");
}

/**
 * A SYN to a listener that has no request of the peer. Nothing that is dropped here is counted.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_conn_request
 */
export function tcp_v4_conn_request(host: Machine, sk: sock, skb: SkBuff): number {
  let isn = skb.tw_isn;
  let dst = false;
  let want_cookie = false;

  if (skb.broadcast) {
    host.rule('tcp_v4_conn_request/broadcast');
    return 0;
  }

  if (inet_csk_reqsk_queue_is_full(sk) && isn === 0) {
    if (sysctl(host, 'net.ipv4.tcp_syncookies') === 0) {
      host.rule('tcp_v4_conn_request/syn-queue-full');
      return 0;
    }
    want_cookie = true;
  }

  const lopt = listenOpt(sk.icsk_accept_queue);
  if (sk_acceptq_is_full(sk) && lopt.syn_table.decide(lopt.qlen, lopt.qlen_young, severalYoung)) {
    host.rule('tcp_v4_conn_request/accept-queue-full');
    return 0;
  }

  const req = inet_reqsk_alloc(host, skb.peer);
  if (req === undefined) {
    host.rule('tcp_v4_conn_request/no-memory');
    return 0;
  }

  const saw_tstamp = skb.saw_tstamp && sysctl(host, 'net.ipv4.tcp_timestamps') !== 0;
  tcp_openreq_init(req, skb, saw_tstamp);

  if (host.faults.has('security_inet_conn_request')) {
    host.rule('tcp_v4_conn_request/security');
    return 0;
  }

  if (want_cookie) {
    syn_flood_warning(host);
    isn = cookie_v4_init_sequence(host, sk, skb, req);
  } else if (isn === 0) {
    const remembers = saw_tstamp && sysctl(host, 'net.ipv4.tcp_tw_recycle') !== 0;
    dst = remembers && hasRoute(host);
    const peer = dst ? host.peers.get(skb.peer) : undefined;
    if (peer !== undefined) {
      if (
        !host.time_after_eq(host.now, peer.tcp_ts_stamp + TCP_PAWS_MSL) &&
        ((peer.tcp_ts - req.ts_recent) | 0) > TCP_PAWS_WINDOW
      ) {
        host.rule('tcp_v4_conn_request/old-timestamp');
        host.count('PAWSPassive');
        return 0;
      }
    } else if (isLastQuarter(host, sk) && !(dst && (host.routeRtt.get(skb.peer) ?? 0) !== 0)) {
      host.rule('tcp_v4_conn_request/last-quarter');
      LIMIT_NETDEBUG(host, `<7> TCP: drop open request from peer ${skb.peer}`);
      return 0;
    }
    isn = host.env.random32();
  }
  req.snt_isn = isn;

  const rule = want_cookie ? 'tcp_v4_conn_request/cookie' : 'tcp_v4_conn_request/synack';
  if (__tcp_v4_send_synack(host, sk, req, dst, rule) !== 0) {
    host.rule('tcp_v4_conn_request/synack-not-sent');
    return 0;
  }
  host.rule(rule);
  if (want_cookie) return 0;

  inet_csk_reqsk_queue_hash_add(host, sk, req, TCP_TIMEOUT_INIT);
  return 0;
}

const severalYoung = (_qlen: number, young: number): boolean => young > 1;

/** True when cookies are off and three quarters of `tcp_max_syn_backlog` are taken, as it is now: only peers known from before get in. */
function isLastQuarter(host: Machine, sk: sock): boolean {
  if (sysctl(host, 'net.ipv4.tcp_syncookies') !== 0) return false;
  const max_syn_backlog = sysctl(host, 'net.ipv4.tcp_max_syn_backlog');
  const lopt = listenOpt(sk.icsk_accept_queue);
  return lopt.syn_table.decide(
    lopt.qlen,
    lopt.qlen_young,
    (qlen) => ((max_syn_backlog - qlen) | 0) < max_syn_backlog >> 2,
  );
}

/**
 * Fills in a request from its SYN.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_openreq_init
 */
function tcp_openreq_init(req: request_sock, skb: SkBuff, saw_tstamp: boolean): void {
  req.rcv_wnd = 0;
  req.rcv_isn = skb.seq;
  req.mss = ADVMSS;
  req.ts_recent = saw_tstamp ? skb.rcv_tsval : 0;
  req.tstamp_ok = saw_tstamp;
  req.acked = false;
}

/**
 * Makes the socket for a request whose handshake is complete; undefined where the accept queue is full or a resource is missing.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_syn_recv_sock
 */
export function tcp_v4_syn_recv_sock(
  host: Machine,
  sk: sock,
  skb: SkBuff,
  req: request_sock,
  dst: boolean,
): sock | undefined {
  if (sk_acceptq_is_full(sk)) {
    host.rule('tcp_v4_syn_recv_sock/accept-queue-full');
    host.count('ListenOverflows');
    host.count('ListenDrops');
    return undefined;
  }

  if (!dst && !hasRoute(host)) {
    host.rule('tcp_v4_syn_recv_sock/no-route');
    host.count('ListenDrops');
    return undefined;
  }

  const newsk = tcp_create_openreq_child(host, sk, req, skb);
  if (newsk === undefined) {
    host.rule('tcp_v4_syn_recv_sock/no-memory');
    host.count('ListenDrops');
    return undefined;
  }

  newsk.advmss = ADVMSS;
  newsk.mss_cache = Math.min(ADVMSS, req.mss) - (req.tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0);
  tcp_initialize_rcv_mss(newsk);

  if (__inet_inherit_port(host, sk, newsk) < 0) {
    host.rule('tcp_v4_syn_recv_sock/port-not-inherited');
    host.count('ListenDrops');
    return undefined;
  }
  __inet_hash_nolisten(host, newsk);
  host.rule('tcp_v4_syn_recv_sock/child');
  return newsk;
}

/**
 * Finds what a segment to a listener is meant for: undefined when it is done with, the listener itself, or a child.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_hnd_req
 */
function tcp_v4_hnd_req(host: Machine, sk: sock, skb: SkBuff): sock | undefined {
  const req = inet_csk_search_req(sk, skb);
  if (req !== undefined) return tcp_check_req(host, sk, skb, req);

  const nsk = __inet_lookup_established(host, skb);
  if (nsk !== undefined) return nsk;

  if (!skb.rst && !skb.syn && skb.ack) return cookie_v4_check(host, sk, skb);
  return sk;
}

/**
 * Hands a segment to a socket by its state.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_do_rcv
 */
function tcp_v4_do_rcv(host: Machine, sk: sock, skb: SkBuff): void {
  if (sk.sk_state === TCP_ESTABLISHED) {
    if (tcp_rcv_established(host, sk, skb) !== 0) reset(host, skb, 'tcp_v4_do_rcv/reset-from-connection');
    return;
  }

  if (sk.sk_state === TCP_LISTEN) {
    const nsk = tcp_v4_hnd_req(host, sk, skb);
    if (nsk === undefined) return;
    if (nsk !== sk) {
      if (tcp_child_process(host, nsk, skb) !== 0) reset(host, skb, 'tcp_v4_do_rcv/reset-from-connection');
      return;
    }
  }

  if (tcp_rcv_state_process(host, sk, skb) !== 0) {
    reset(
      host,
      skb,
      sk.sk_state === TCP_LISTEN ? 'tcp_v4_do_rcv/reset-from-listener' : 'tcp_v4_do_rcv/reset-from-connection',
    );
  }
}

/** Answers with a reset, and says why. */
function reset(host: Machine, skb: SkBuff, rule: RuleId): void {
  host.rule(rule);
  tcp_v4_send_reset(host, skb, rule);
}

/**
 * A segment arrives.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_rcv
 */
export function tcp_v4_rcv(host: Machine, skb: SkBuff): void {
  host.count('InSegs');
  const sk = __inet_lookup_established(host, skb) ?? __inet_lookup_listener(host);
  if (sk === undefined) {
    reset(host, skb, 'tcp_v4_rcv/no-socket');
    return;
  }
  tcp_v4_do_rcv(host, sk, skb);
}

/**
 * A new TCP socket.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_init_sock
 */
export function tcp_v4_init_sock(): sock {
  const sk = sk_alloc();
  inet_csk_init_xmit_timers(sk, tcp_keepalive_timer);
  return sk;
}

/**
 * Frees what a socket holds.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_ipv4.c tcp_v4_destroy_sock
 */
export function tcp_v4_destroy_sock(host: Machine, sk: sock): void {
  tcp_clear_xmit_timers(host, sk);
  sk.out_of_order_queue = null;
  sk.bound = false;
}
