/** SYNs that ask a listener for a connection (the listener's part of net/ipv4/tcp_input.c). */

import { HZ, type Instant } from '../../../host/clock.js';
import type { CounterName } from '../../../host/counters.js';
import type { SkBuff } from '../../../host/segment.js';
import { u32 } from '../../../host/sequence.js';
import { inet_csk_reqsk_queue_len } from '../../include/net/inet-connection-sock.js';
import type { request_sock } from '../../include/net/request-sock.js';
import { sk_acceptq_is_full, type sock } from '../../include/net/sock.js';
import { TCP_TIMEOUT_INIT, tcp_listendrop } from '../../include/net/tcp.js';
import { TCP_NEW_SYN_RECV } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { inet_csk_reqsk_queue_add, inet_csk_reqsk_queue_hash_add, inet_csk_route_req } from './inet-connection-sock.js';
import { cookie_init_sequence } from './syncookies.js';
import { tcp_try_fastopen } from './tcp-fastopen.js';
import { tcp_v4_send_synack } from './tcp-ipv4.js';
import { tcp_peer_is_proven } from './tcp-metrics.js';
import { tcp_openreq_init_rwin } from './tcp-minisocks.js';
import { ADVMSS } from './tcp-output-synack.js';

/** What remembers when it last answered a segment that was out of place: a socket or a request. */
interface Answering {
  last_oow_ack_time: Instant | undefined;
}

/**
 * Whether the last answer was less than `tcp_invalid_ratelimit` ago; if not, the last is now.
 * @kernel 4.15.11 net/ipv4/tcp_input.c __tcp_oow_rate_limited
 */
export function __tcp_oow_rate_limited(host: Machine, counter: CounterName, answering: Answering): boolean {
  const last = answering.last_oow_ack_time;
  // The sysctl is in milliseconds, but kept in whole jiffies.
  const limit = host.clock.wholeJiffies(sysctl(host, 'net.ipv4.tcp_invalid_ratelimit') * (HZ / 1000));
  if (last !== undefined && !host.time_after_eq(host.now, last + limit)) {
    host.count(counter);
    return true;
  }
  answering.last_oow_ack_time = host.now;
  return false;
}

/**
 * Whether a segment that is out of place goes without an answer. Data without a SYN always gets one.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_oow_rate_limited
 */
export function tcp_oow_rate_limited(host: Machine, skb: SkBuff, counter: CounterName, answering: Answering): boolean {
  if (skb.seq !== skb.end_seq && !skb.syn) return false;
  return __tcp_oow_rate_limited(host, counter, answering);
}

/**
 * Fills in a request from its SYN.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_openreq_init
 */
function tcp_openreq_init(host: Machine, req: request_sock, skb: SkBuff): void {
  const saw_tstamp = skb.saw_tstamp && sysctl(host, 'net.ipv4.tcp_timestamps') !== 0;
  req.rcv_isn = skb.seq;
  req.snt_synack = host.now;
  req.rcv_nxt = u32(skb.seq + 1);
  req.ts_recent = saw_tstamp ? skb.rcv_tsval : 0;
  req.tstamp_ok = saw_tstamp;
}

/**
 * A request for a connection from `peer`.
 * @kernel 4.15.11 net/ipv4/tcp_input.c inet_reqsk_alloc
 */
export function inet_reqsk_alloc(peer: number, sk_listener: sock): request_sock {
  return {
    sk_state: TCP_NEW_SYN_RECV,
    peer,
    rsk_listener: sk_listener,
    hash_next: undefined,
    hashed: false,
    dl_next: undefined,
    rsk_timer: undefined,
    rst_expires: 0,
    num_retrans: 0,
    num_timeout: 0,
    sk: undefined,
    rcv_isn: 0,
    snt_isn: 0,
    rcv_nxt: 0,
    rsk_rcv_wnd: 0,
    snt_synack: undefined,
    mss: ADVMSS,
    ts_recent: 0,
    tstamp_ok: false,
    acked: false,
    last_oow_ack_time: undefined,
    tfo_listener: false,
  };
}

/**
 * The SYN queue is full: whether a cookie is sent. Warns of it once in a listener's life.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_syn_flood_action
 */
export function tcp_syn_flood_action(host: Machine, sk: sock): boolean {
  return floodAction(host, sk, (msg) => `on the listener's port. ${msg}.  Check SNMP counters.`);
}

/** Whether a cookie is sent; and the warning, whose end `text` makes of what is done. */
export function floodAction(host: Machine, sk: sock, text: (msg: string) => string): boolean {
  const queue = sk.icsk_accept_queue;
  const syncookies = sysctl(host, 'net.ipv4.tcp_syncookies');
  const want_cookie = syncookies !== 0;
  host.count(want_cookie ? 'TCPReqQFullDoCookies' : 'TCPReqQFullDrop');
  if (!queue.synflood_warned && syncookies !== 2) {
    host.rule('tcp_syn_flood_action/warn');
    queue.synflood_warned = true;
    const msg = want_cookie ? 'Sending cookies' : 'Dropping request';
    host.log.push(`<6> TCP: request_sock_TCP: Possible SYN flooding ${text(msg)}`);
  }
  return want_cookie;
}

/**
 * A SYN: it is dropped, answered with a cookie, or becomes a request or a Fast Open child.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_conn_request
 */
export function tcp_conn_request(host: Machine, sk: sock, skb: SkBuff): number {
  let isn = skb.tw_isn;
  let want_cookie = false;
  const syncookies = sysctl(host, 'net.ipv4.tcp_syncookies');

  if ((syncookies === 2 || host.release.inet_csk_reqsk_queue_is_full(sk)) && isn === 0) {
    want_cookie = host.release.tcp_syn_flood_action(host, sk);
    if (!want_cookie) {
      host.rule('tcp_conn_request/syn-queue-full');
      return drop(host, sk);
    }
  }

  if (sk_acceptq_is_full(sk)) {
    host.rule(want_cookie ? 'tcp_conn_request/cookie-accept-queue-full' : 'tcp_conn_request/accept-queue-full');
    host.count('ListenOverflows');
    return drop(host, sk);
  }

  if (host.faults.has('inet_reqsk_alloc')) {
    host.rule('tcp_conn_request/no-memory');
    return drop(host, sk);
  }
  const req = inet_reqsk_alloc(skb.peer, sk);
  tcp_openreq_init(host, req, skb);

  if (host.faults.has('security_inet_conn_request')) {
    host.rule('tcp_conn_request/security');
    return drop(host, sk);
  }

  if (!inet_csk_route_req(host)) {
    host.rule('tcp_conn_request/no-route');
    return drop(host, sk);
  }

  if (!want_cookie && isn === 0) {
    const max_syn_backlog = sysctl(host, 'net.ipv4.tcp_max_syn_backlog');
    if (syncookies === 0 && ((max_syn_backlog - inet_csk_reqsk_queue_len(sk)) | 0) < max_syn_backlog >> 2) {
      if (!tcp_peer_is_proven(host, req)) {
        host.rule('tcp_conn_request/last-quarter');
        return drop(host, sk);
      }
      host.rule('tcp_conn_request/last-quarter-proven');
    }
    isn = host.env.random32();
  }

  if (want_cookie) isn = cookie_init_sequence(host, sk, skb);

  req.snt_isn = isn;
  tcp_openreq_init_rwin(host, req, sk);

  const fastopen_sk = want_cookie ? undefined : tcp_try_fastopen(host, sk, skb, req);
  if (fastopen_sk !== undefined) {
    host.rule('tcp_conn_request/fastopen');
    tcp_v4_send_synack(host, fastopen_sk, true, req);
    inet_csk_reqsk_queue_add(host, sk, req, fastopen_sk);
    return 0;
  }
  if (want_cookie) host.rule('tcp_conn_request/cookie');
  else {
    host.rule('tcp_conn_request/synack');
    inet_csk_reqsk_queue_hash_add(host, sk, req, TCP_TIMEOUT_INIT);
  }
  tcp_v4_send_synack(host, sk, true, req);
  return 0;
}

function drop(host: Machine, sk: sock): number {
  tcp_listendrop(host, sk);
  return 0;
}
