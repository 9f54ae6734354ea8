/** SYN cookies (net/ipv4/syncookies.c). */

import type { SkBuff } from '../../../host/segment.js';
import { type SequenceNumber, u32 } from '../../../host/sequence.js';
import type { request_sock } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { MAX_SYNCOOKIE_AGE } from '../../include/net/tcp.js';
import { tcp_full_space } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { inet_csk_reqsk_queue_add, inet_csk_route_req } from './inet-connection-sock.js';
import { inet_reqsk_alloc } from './tcp-input.js';

/** The segment sizes that a cookie can remember. */
const msstab = [536, 1300, 1440, 1460] as const;

/**
 * Makes a cookie for a SYN and notes that the listener sends cookies.
 * @kernel 4.15.11 include/net/tcp.h cookie_init_sequence
 */
export function cookie_init_sequence(host: Machine, sk: sock, skb: SkBuff): SequenceNumber {
  host.release.tcp_synq_overflow(host, sk);
  host.count('SyncookiesSent');
  return __cookie_v4_init_sequence(host, skb);
}

/**
 * The cookie, with the index of the peer's segment size hidden in it. Every SYN of a trace offers 1460.
 * @kernel 4.15.11 net/ipv4/syncookies.c __cookie_v4_init_sequence
 */
function __cookie_v4_init_sequence(host: Machine, skb: SkBuff): SequenceNumber {
  return host.cookies.make(host.env, host.clock, host.now, skb.peer, skb.seq, msstab.length - 1);
}

/**
 * The segment size that a cookie remembers; 0: it is none, or too old. A number that is off by up to three still passes, and means
 * another size.
 * @kernel 4.15.11 net/ipv4/syncookies.c __cookie_v4_check
 */
function __cookie_v4_check(host: Machine, skb: SkBuff, cookie: SequenceNumber): number {
  const { env, clock, now } = host;
  const mssind = host.cookies.check(env, clock, now, cookie, skb.peer, u32(skb.seq - 1), MAX_SYNCOOKIE_AGE);
  return mssind === undefined ? 0 : (msstab[mssind] ?? 0);
}

/**
 * Makes the child of a cookie's handshake. One that finds the accept queue full is dropped in silence, whatever tcp_abort_on_overflow says.
 * @kernel 4.15.11 net/ipv4/syncookies.c tcp_get_cookie_sock
 */
function tcp_get_cookie_sock(host: Machine, sk: sock, skb: SkBuff, req: request_sock): sock | undefined {
  const child = host.release.tcp_v4_syn_recv_sock(host, sk, skb, req, true, undefined);
  if (child === undefined) {
    host.rule('tcp_get_cookie_sock/no-child');
    return undefined;
  }
  inet_csk_reqsk_queue_add(host, sk, req, child);
  host.rule('tcp_get_cookie_sock/handshake-complete');
  return child;
}

/**
 * A segment without SYN that no connection wanted: if it acknowledges a cookie, the child that it makes; `sk` when it does not; undefined
 * when it does but no child could be made.
 * @kernel 4.15.11 net/ipv4/syncookies.c cookie_v4_check
 */
export function cookie_v4_check(host: Machine, sk: sock, skb: SkBuff): sock | undefined {
  const cookie = u32(skb.ack_seq - 1);
  if (sysctl(host, 'net.ipv4.tcp_syncookies') === 0 || !skb.ack || skb.rst) {
    host.rule('cookie_v4_check/cookies-off');
    return sk;
  }
  if (host.release.tcp_synq_no_recent_overflow(host, sk)) {
    host.rule('cookie_v4_check/no-recent-cookie');
    return sk;
  }
  const mss = __cookie_v4_check(host, skb, cookie);
  if (mss === 0) {
    host.rule('cookie_v4_check/not-a-cookie');
    host.count('SyncookiesFailed');
    return sk;
  }
  host.rule('cookie_v4_check/valid');
  host.count('SyncookiesRecv');
  if (host.faults.has('inet_reqsk_alloc')) {
    host.rule('cookie_v4_check/no-memory');
    return undefined;
  }
  const req = inet_reqsk_alloc(skb.peer, sk);
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
  if (!inet_csk_route_req(host)) {
    host.rule('cookie_v4_check/no-route');
    return undefined;
  }
  req.rsk_rcv_wnd = host.release.tcp_select_initial_window(host, tcp_full_space(host, sk), mss);
  return tcp_get_cookie_sock(host, sk, skb, req);
}
