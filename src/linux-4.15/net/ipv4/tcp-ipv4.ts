/** Where TCP segments arrive, and what TCP sends on behalf of requests (net/ipv4/tcp_ipv4.c). */

import type { SkBuff } from '../../../host/segment.js';
import { type SequenceNumber, u32 } from '../../../host/sequence.js';
import type { MachineBase } from '../../../linux-2.6.32/machine-base.js';
import type { request_sock } from '../../include/net/request-sock.js';
import { sk_acceptq_is_full, type sock } from '../../include/net/sock.js';
import { TCPOLEN_TSTAMP_ALIGNED, tcp_listendrop } from '../../include/net/tcp.js';
import { TCP_ESTABLISHED, TCP_LISTEN } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';
import { sk_alloc } from '../core/sock.js';
import {
  inet_csk_prepare_forced_close,
  inet_csk_reqsk_queue_drop,
  inet_csk_route_child_sock,
  inet_csk_route_req,
} from './inet-connection-sock.js';
import { __inet_inherit_port, __inet_lookup, inet_ehash_nolisten, isRequest } from './inet-hashtables.js';
import { ip_send_unicast_reply } from './ip-output.js';
import { cookie_v4_check } from './syncookies.js';
import { tcp_clear_xmit_timers, tcp_done } from './tcp.js';
import { tcp_conn_request } from './tcp-input.js';
import { tcp_rcv_state_process } from './tcp-input-child.js';
import { tcp_child_process, tcp_create_openreq_child } from './tcp-minisocks.js';
import { ADVMSS, tcp_make_synack } from './tcp-output-synack.js';
import { tcp_initialize_rcv_mss } from './tcp-quickack.js';

/**
 * Answers a segment with a reset; nothing answers a reset.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_send_reset
 */
export function tcp_v4_send_reset(host: Machine, sk: sock | undefined, skb: SkBuff): void {
  if (skb.rst) {
    host.rule('tcp_v4_send_reset/never-for-a-reset');
    return;
  }
  if (sk === undefined && skb.broadcast) {
    host.rule('tcp_v4_send_reset/never-for-broadcast');
    return;
  }
  host.rule(skb.ack ? 'tcp_v4_send_reset/for-an-ack' : 'tcp_v4_send_reset/for-no-ack');
  if (skb.ack) ip_send_unicast_reply(host, skb, { rst: true, ack: false, seq: skb.ack_seq, ack_seq: 0 });
  else ip_send_unicast_reply(host, skb, { rst: true, ack: true, seq: 0, ack_seq: skb.end_seq });
  host.count('OutSegs');
  host.count('OutRsts');
}

/**
 * Sends an ACK that no socket has to know of.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_send_ack
 */
function tcp_v4_send_ack(host: Machine, skb: SkBuff, seq: SequenceNumber, ack: SequenceNumber): void {
  ip_send_unicast_reply(host, skb, { rst: false, ack: true, seq, ack_seq: ack });
  host.count('OutSegs');
}

/**
 * Tells the peer of a request, or of a Fast Open child, which number is expected.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_reqsk_send_ack
 */
export function tcp_v4_reqsk_send_ack(host: Machine, sk: sock, skb: SkBuff, req: request_sock): void {
  tcp_v4_send_ack(host, skb, sk.sk_state === TCP_LISTEN ? u32(req.snt_isn + 1) : sk.snd_nxt, req.rcv_nxt);
}

/**
 * Sends a request's SYN-ACK; false where there is no way to the peer or no memory. `dst`: the way is known.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_send_synack
 */
export function tcp_v4_send_synack(host: Machine, _sk: sock, dst: boolean, req: request_sock): boolean {
  if (!dst && !inet_csk_route_req(host)) return false;
  return tcp_make_synack(host, req);
}

/**
 * A SYN for a listener.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_conn_request
 */
export function tcp_v4_conn_request(host: Machine, sk: sock, skb: SkBuff): number {
  if (skb.broadcast) {
    host.rule('tcp_v4_conn_request/broadcast');
    tcp_listendrop(host, sk);
    return 0;
  }
  return tcp_conn_request(host, sk, skb);
}

/**
 * Makes the child of a completed handshake, and puts it into the hash in place of `req_unhash`. `dst`: the way to the peer is known.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_syn_recv_sock
 */
export function tcp_v4_syn_recv_sock(
  host: Machine,
  sk: sock,
  skb: SkBuff,
  req: request_sock,
  dst: boolean,
  req_unhash: request_sock | undefined,
): sock | undefined {
  if (sk_acceptq_is_full(sk)) {
    host.rule('tcp_v4_syn_recv_sock/accept-queue-full');
    host.count('ListenOverflows');
    tcp_listendrop(host, sk);
    return undefined;
  }
  const newsk = tcp_create_openreq_child(host, sk, req, skb);
  if (newsk === undefined) {
    host.rule('tcp_v4_syn_recv_sock/no-memory');
    tcp_listendrop(host, sk);
    return undefined;
  }
  if (!dst && !inet_csk_route_child_sock(host)) {
    host.rule('tcp_v4_syn_recv_sock/no-route');
    return putAndExit(host, sk, newsk);
  }
  newsk.advmss = ADVMSS;
  newsk.mss_cache = Math.min(ADVMSS, req.mss) - (req.tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0);
  tcp_initialize_rcv_mss(newsk);
  if (!__inet_inherit_port(host, sk, newsk)) {
    host.rule('tcp_v4_syn_recv_sock/port-not-inherited');
    return putAndExit(host, sk, newsk);
  }
  if (inet_ehash_nolisten(host, newsk, req_unhash)) host.rule('tcp_v4_syn_recv_sock/child');
  return newsk;
}

/** The end of a half-made child: it counts as a failed attempt, and as a drop of the listener. */
function putAndExit(host: Machine, sk: sock, newsk: sock): undefined {
  inet_csk_prepare_forced_close(newsk);
  tcp_done(host, newsk);
  tcp_listendrop(host, sk);
}

/**
 * A segment without SYN that came to the listener may complete a cookie's handshake.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_cookie_check
 */
function tcp_v4_cookie_check(host: Machine, sk: sock, skb: SkBuff): sock | undefined {
  return skb.syn ? sk : cookie_v4_check(host, sk, skb);
}

/**
 * Hands a segment to a socket.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_do_rcv
 */
function tcp_v4_do_rcv(host: Machine, sk: sock, skb: SkBuff): void {
  if (sk.sk_state === TCP_ESTABLISHED) {
    host.release.tcp_rcv_established(host, sk, skb);
    return;
  }
  if (sk.sk_state === TCP_LISTEN) {
    const nsk = tcp_v4_cookie_check(host, sk, skb);
    if (nsk === undefined) return;
    if (nsk !== sk) {
      if (tcp_child_process(host, sk, nsk, skb) !== 0) tcp_v4_send_reset(host, nsk, skb);
      return;
    }
  }
  if (tcp_rcv_state_process(host, sk, skb) !== 0) tcp_v4_send_reset(host, sk, skb);
}

/**
 * Finds the socket of a segment that arrived, or the request, whose listener then decides.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_rcv
 */
export function tcp_v4_rcv(host: Machine, skb: SkBuff): void {
  host.count('InSegs');
  for (;;) {
    const found = __inet_lookup(host, skb);
    if (found === undefined) {
      host.rule('tcp_v4_rcv/no-socket');
      tcp_v4_send_reset(host, undefined, skb);
      return;
    }
    if (!isRequest(found)) {
      tcp_v4_do_rcv(host, found, skb);
      return;
    }
    const sk = found.rsk_listener;
    if (sk.sk_state !== TCP_LISTEN) {
      host.rule('tcp_v4_rcv/listener-gone');
      inet_csk_reqsk_queue_drop(host, sk, found);
      continue;
    }
    const nsk = host.release.tcp_check_req(host, sk, skb, found, false);
    if (nsk === undefined) {
      sk.sk_drops++;
    } else if (nsk === sk) {
      tcp_v4_do_rcv(host, sk, skb);
    } else if (tcp_child_process(host, sk, nsk, skb) !== 0) {
      tcp_v4_send_reset(host, nsk, skb);
      sk.sk_drops++;
    }
    return;
  }
}

/**
 * A new TCP socket.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_init_sock
 */
export function tcp_v4_init_sock(host: MachineBase): sock {
  const sk = sk_alloc();
  (host as Machine).release.tcp_init_sock(host as Machine, sk);
  return sk;
}

/**
 * The last of a socket: its timers.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c tcp_v4_destroy_sock
 */
export function tcp_v4_destroy_sock(host: Machine, sk: sock): void {
  tcp_clear_xmit_timers(host, sk);
}
