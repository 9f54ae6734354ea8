/** SYN cookies: when one is made, and which acknowledgements prove that one was. */

import type { SkBuff } from '../../../host/segment.js';
import { type SequenceNumber, u32 } from '../../../host/sequence.js';
import { inet_csk_reqsk_queue_add } from '../../include/net/inet-connection-sock.js';
import { inet_reqsk_alloc, type request_sock } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { tcp_synq_no_recent_overflow, tcp_synq_overflow } from '../../include/net/tcp.js';
import { tcp_full_space } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { tcp_v4_syn_recv_sock } from './tcp-ipv4.js';
import { tcp_select_initial_window } from './tcp-output-synack.js';

/** The segment sizes that a cookie can carry. */
const msstab = [63, 255, 511, 535, 1023, 1439, 1459, 4311, 65535] as const;

const NUM_MSS = msstab.length - 1;

/** A cookie is good in the minute in which it was made and in the three that follow. */
const COUNTER_TRIES = 4;

/**
 * The cookie for a SYN. It fits the request's segment size to what a cookie can carry, and marks the listener.
 * @kernel 2.6.32-220.el6 net/ipv4/syncookies.c cookie_v4_init_sequence
 */
export function cookie_v4_init_sequence(host: Machine, sk: sock, skb: SkBuff, req: request_sock): SequenceNumber {
  tcp_synq_overflow(host, sk);
  let mssind = 0;
  while (req.mss > (msstab[mssind + 1] ?? 65535)) mssind++;
  req.mss = (msstab[mssind] ?? 0) + 1;
  host.count('SyncookiesSent');
  return host.cookies.make(host.env, host.clock, host.now, skb.peer, skb.seq, mssind);
}

/**
 * The segment size in a cookie; 0 if it isn't one or is too old.
 * @kernel 2.6.32-220.el6 net/ipv4/syncookies.c cookie_check
 */
function cookie_check(host: Machine, skb: SkBuff, cookie: SequenceNumber): number {
  const { env, clock, now } = host;
  const mssind = host.cookies.check(env, clock, now, cookie, skb.peer, u32(skb.seq - 1), COUNTER_TRIES);
  return mssind !== undefined && mssind < NUM_MSS ? (msstab[mssind] as number) + 1 : 0;
}

/**
 * Makes a child out of a cookie, and puts it into the accept queue; undefined where that fails. The peer is told nothing, even if
 * overflows are to be aborted.
 * @kernel 2.6.32-220.el6 net/ipv4/syncookies.c get_cookie_sock
 */
function get_cookie_sock(host: Machine, sk: sock, skb: SkBuff, req: request_sock): sock | undefined {
  const child = tcp_v4_syn_recv_sock(host, sk, skb, req, true);
  if (child === undefined) {
    host.rule('get_cookie_sock/no-child');
    return undefined;
  }
  inet_csk_reqsk_queue_add(sk, req, child);
  host.rule('get_cookie_sock/handshake-complete');
  return child;
}

/**
 * An ACK that belongs to no request: the child if it acknowledges a cookie, undefined if that came to nothing, or the listener.
 * @kernel 2.6.32-220.el6 net/ipv4/syncookies.c cookie_v4_check
 */
export function cookie_v4_check(host: Machine, sk: sock, skb: SkBuff): sock | undefined {
  const cookie = u32(skb.ack_seq - 1);

  if (sysctl(host, 'net.ipv4.tcp_syncookies') === 0 || !skb.ack) {
    host.rule('cookie_v4_check/cookies-off');
    return sk;
  }

  if (tcp_synq_no_recent_overflow(host, sk)) {
    host.rule('cookie_v4_check/no-recent-cookie');
    host.count('SyncookiesFailed');
    return sk;
  }
  const mss = cookie_check(host, skb, cookie);
  if (mss === 0) {
    host.rule('cookie_v4_check/not-a-cookie');
    host.count('SyncookiesFailed');
    return sk;
  }

  host.rule('cookie_v4_check/valid');
  host.count('SyncookiesRecv');

  const req = inet_reqsk_alloc(host, skb.peer);
  if (req === undefined) {
    host.rule('cookie_v4_check/no-memory');
    return undefined;
  }
  const saw_tstamp = skb.saw_tstamp && sysctl(host, 'net.ipv4.tcp_timestamps') !== 0;
  req.rcv_isn = u32(skb.seq - 1);
  req.snt_isn = cookie;
  req.mss = mss;
  req.tstamp_ok = saw_tstamp;
  req.ts_recent = saw_tstamp ? skb.rcv_tsval : 0;

  if (host.faults.has('security_inet_conn_request')) {
    host.rule('cookie_v4_check/security');
    return undefined;
  }
  if (host.faults.has('inet_csk_route_req')) {
    host.rule('cookie_v4_check/no-route');
    return undefined;
  }
  req.rcv_wnd = tcp_select_initial_window(host, tcp_full_space(sk), req.mss);
  return get_cookie_sock(host, sk, skb, req);
}
