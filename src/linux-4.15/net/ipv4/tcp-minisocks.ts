/** Segments for requests, and the birth of children (net/ipv4/tcp_minisocks.c). */

import type { SkBuff } from '../../../host/segment.js';
import { after, u32 } from '../../../host/sequence.js';
import { tcp_in_window } from '../../../linux-2.6.32/net/ipv4/tcp-minisocks.js';
import type { request_sock } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_PAWS_24DAYS, TCP_PAWS_MSL, TCP_TIMEOUT_INIT, TCPOLEN_TSTAMP_ALIGNED } from '../../include/net/tcp.js';
import { headerLength, TCP_MSS_DEFAULT, tcp_full_space } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { reqsk_fastopen_remove } from '../core/request-sock.js';
import {
  inet_csk_clone_lock,
  inet_csk_complete_hashdance,
  inet_csk_reqsk_queue_drop,
  inet_rtx_syn_ack,
} from './inet-connection-sock.js';
import { tcp_synack_rtt_meas } from './tcp-init-transfer.js';
import { tcp_oow_rate_limited } from './tcp-input.js';
import { tcp_rcv_state_process, tcp_reset } from './tcp-input-child.js';
import { tcp_v4_reqsk_send_ack, tcp_v4_send_reset } from './tcp-ipv4.js';
import { ADVMSS } from './tcp-output-synack.js';

export { tcp_in_window } from '../../../linux-2.6.32/net/ipv4/tcp-minisocks.js';

/**
 * The window that a SYN-ACK offers.
 * @kernel 4.15.11 net/ipv4/tcp_minisocks.c tcp_openreq_init_rwin
 */
export function tcp_openreq_init_rwin(host: Machine, req: request_sock, sk_listener: sock): void {
  const mss = ADVMSS - (req.tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0);
  req.rsk_rcv_wnd = host.release.tcp_select_initial_window(host, tcp_full_space(host, sk_listener), mss);
}

/**
 * Makes a child for a request; undefined where memory is short.
 * @kernel 4.15.11 net/ipv4/tcp_minisocks.c tcp_create_openreq_child
 */
export function tcp_create_openreq_child(host: Machine, sk: sock, req: request_sock, skb: SkBuff): sock | undefined {
  const newsk = inet_csk_clone_lock(host, sk, req);
  if (newsk === undefined) return undefined;
  newsk.rcv_wup = newsk.copied_seq = newsk.rcv_nxt = u32(req.rcv_isn + 1);
  newsk.snd_una = newsk.snd_nxt = u32(req.snt_isn + 1);
  newsk.icsk_rto = TCP_TIMEOUT_INIT;
  newsk.icsk_ack.lrcvtime = host.now;
  newsk.tstamp_ok = req.tstamp_ok;
  newsk.window_clamp = 65535;
  newsk.rcv_ssthresh = req.rsk_rcv_wnd;
  newsk.rcv_wnd = req.rsk_rcv_wnd;
  newsk.tcp_header_len = req.tstamp_ok ? 20 + TCPOLEN_TSTAMP_ALIGNED : 20;
  const length = headerLength(skb) + skb.len;
  if (length >= TCP_MSS_DEFAULT + newsk.tcp_header_len) newsk.icsk_ack.last_seg_size = length - newsk.tcp_header_len;
  host.count('PassiveOpens');
  return newsk;
}

/** Whether the segment's timestamp is older than the one that came with the request's SYN (`tcp_paws_reject`). */
export function isOldTimestamp(host: Machine, req: request_sock, skb: SkBuff): boolean {
  if (!skb.saw_tstamp || sysctl(host, 'net.ipv4.tcp_timestamps') === 0 || req.ts_recent === 0) return false;
  if (((req.ts_recent - skb.rcv_tsval) | 0) <= 0) return false;
  const age = host.release.requestAge(host, req);
  return age < TCP_PAWS_24DAYS && !(skb.rst && age >= TCP_PAWS_MSL);
}

/**
 * A segment for a request. The result is the child that completes the handshake, `sk` when the listener has to look at the segment (or,
 * for a Fast Open child, when the child may go on with it), or undefined when nothing remains to be done. `sk` is the listener; with
 * `fastopen` it is the child.
 * @kernel 4.15.11 net/ipv4/tcp_minisocks.c tcp_check_req
 */
export function tcp_check_req(
  host: Machine,
  sk: sock,
  skb: SkBuff,
  req: request_sock,
  fastopen: boolean,
): sock | undefined {
  const paws_reject = isOldTimestamp(host, req, skb);

  if (skb.seq === req.rcv_isn && skb.syn && !skb.rst && !skb.ack && !paws_reject) {
    retransmittedSyn(host, sk, skb, req, fastopen);
    return undefined;
  }

  if (skb.ack && !fastopen && skb.ack_seq !== u32(req.snt_isn + 1)) {
    host.rule('tcp_check_req/bad-ack');
    return sk;
  }

  if (outOfPlace(host, sk, skb, req, paws_reject)) return undefined;

  if (skb.saw_tstamp && sysctl(host, 'net.ipv4.tcp_timestamps') !== 0 && !after(skb.seq, req.rcv_nxt)) {
    req.ts_recent = skb.rcv_tsval;
  }

  return inOrder(host, sk, skb, req, fastopen);
}

/** Whether a segment's timestamp is old or its numbers lie outside of the request's window. Then it is done with: a reset is ignored, others are answered. */
export function outOfPlace(host: Machine, sk: sock, skb: SkBuff, req: request_sock, paws_reject: boolean): boolean {
  const end = u32(req.rcv_nxt + req.rsk_rcv_wnd);
  if (!paws_reject && tcp_in_window(skb.seq, skb.end_seq, req.rcv_nxt, end)) return false;
  if (skb.rst) host.rule('tcp_check_req/reset-out-of-window');
  else if (!tcp_oow_rate_limited(host, skb, 'TCPACKSkippedSynRecv', req)) {
    host.rule('tcp_check_req/out-of-window');
    tcp_v4_reqsk_send_ack(host, sk, skb, req);
  } else host.rule('tcp_check_req/out-of-window-rate-limited');
  if (paws_reject) {
    host.rule('tcp_check_req/old-timestamp');
    host.count('PAWSEstab');
  }
  return true;
}

/** The rest of `tcp_check_req`, for a segment whose numbers are good: it ends the request, waits, or completes the handshake. */
export function inOrder(host: Machine, sk: sock, skb: SkBuff, req: request_sock, fastopen: boolean): sock | undefined {
  const syn = skb.syn && skb.seq !== req.rcv_isn;
  if (skb.rst || syn) {
    host.count('AttemptFails');
    return embryonicReset(
      host,
      sk,
      skb,
      req,
      fastopen,
      skb.rst ? 'tcp_check_req/reset' : 'tcp_check_req/syn-in-window',
    );
  }

  if (!skb.ack) {
    host.rule('tcp_check_req/no-ack');
    return undefined;
  }

  if (fastopen) return sk;

  if (req.num_timeout < sk.icsk_accept_queue.rskq_defer_accept && skb.end_seq === u32(req.rcv_isn + 1)) {
    host.rule('tcp_check_req/defer-accept');
    req.acked = true;
    host.count('TCPDeferAcceptDrop');
    return undefined;
  }

  const child = host.release.tcp_v4_syn_recv_sock(host, sk, skb, req, false, req);
  if (child === undefined) {
    if (sysctl(host, 'net.ipv4.tcp_abort_on_overflow') === 0) {
      host.rule('tcp_check_req/overflow-ignored');
      req.acked = true;
      return undefined;
    }
    return embryonicReset(host, sk, skb, req, fastopen, 'tcp_check_req/overflow-aborted');
  }
  tcp_synack_rtt_meas(host, child, req);
  host.rule('tcp_check_req/handshake-complete');
  return inet_csk_complete_hashdance(host, sk, child, req, child.hashed);
}

/** The SYN again: its SYN-ACK again, and a new deadline, but the number of timeouts stays. A Fast Open child's timer stays, too. */
export function retransmittedSyn(host: Machine, sk: sock, skb: SkBuff, req: request_sock, fastopen: boolean): void {
  if (tcp_oow_rate_limited(host, skb, 'TCPACKSkippedSynRecv', req)) {
    host.rule('tcp_check_req/duplicate-syn-rate-limited');
    return;
  }
  host.rule(fastopen ? 'tcp_check_req/duplicate-syn-fastopen' : 'tcp_check_req/duplicate-syn');
  if (!inet_rtx_syn_ack(host, sk, req)) {
    host.rule('tcp_check_req/duplicate-syn-not-answered');
    return;
  }
  const expires = host.now + host.release.reqsk_timeout(host, req);
  if (fastopen) req.rst_expires = expires;
  else if (req.rsk_timer !== undefined) host.timers.mod_timer_pending(host, req.rsk_timer, expires);
}

/** The end of a request, told to the peer unless the peer itself ended it. A Fast Open child ends only for a reset. */
function embryonicReset(
  host: Machine,
  sk: sock,
  skb: SkBuff,
  req: request_sock,
  fastopen: boolean,
  rule: 'tcp_check_req/reset' | 'tcp_check_req/syn-in-window' | 'tcp_check_req/overflow-aborted',
): undefined {
  if (!fastopen) {
    host.rule(rule);
    if (!skb.rst) tcp_v4_send_reset(host, sk, skb);
    inet_csk_reqsk_queue_drop(host, sk, req);
    host.count('EmbryonicRsts');
  } else if (skb.rst) {
    host.rule('tcp_check_req/reset-fastopen');
    reqsk_fastopen_remove(host, sk, req, true);
    tcp_reset(host, sk);
  } else {
    host.rule('tcp_check_req/syn-in-window-fastopen');
    tcp_v4_send_reset(host, sk, skb);
  }
}

/**
 * Hands the segment that completed the handshake to the child; nonzero: it is to be answered with a reset.
 * @kernel 4.15.11 net/ipv4/tcp_minisocks.c tcp_child_process
 */
export function tcp_child_process(host: Machine, _parent: sock, child: sock, skb: SkBuff): number {
  return tcp_rcv_state_process(host, child, skb);
}
