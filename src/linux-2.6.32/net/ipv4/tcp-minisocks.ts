/** What a segment does to a request, and how a request becomes a socket. */

import { HZ } from '../../../host/clock.js';
import type { RuleId } from '../../../host/rule.js';
import type { SkBuff } from '../../../host/segment.js';
import { after, before, type SequenceNumber, u32 } from '../../../host/sequence.js';
import {
  inet_csk_reqsk_queue_add,
  inet_csk_reqsk_queue_drop,
  inet_csk_reqsk_queue_removed,
  inet_csk_reqsk_queue_unlink,
} from '../../include/net/inet-connection-sock.js';
import type { request_sock } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_PAWS_24DAYS, TCP_PAWS_MSL, TCP_TIMEOUT_INIT } from '../../include/net/tcp.js';
import { headerLength, TCP_MIN_RCVMSS, TCPOLEN_TSTAMP_ALIGNED } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { inet_csk_clone } from './inet-connection-sock.js';
import { tcp_rcv_state_process } from './tcp-input.js';
import { tcp_v4_reqsk_send_ack, tcp_v4_send_reset, tcp_v4_send_synack, tcp_v4_syn_recv_sock } from './tcp-ipv4.js';

/** Bytes of a TCP header without options. */
const TCP_HEADER = 20;

/**
 * True when a segment has anything to do with the window that begins at `s_win` and ends before `e_win`, or is empty and at its end.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_minisocks.c tcp_in_window
 */
export function tcp_in_window(
  seq: SequenceNumber,
  end_seq: SequenceNumber,
  s_win: SequenceNumber,
  e_win: SequenceNumber,
): boolean {
  if (seq === s_win) return true;
  if (after(end_seq, s_win) && before(seq, e_win)) return true;
  return seq === e_win && seq === end_seq;
}

/**
 * Makes a child for a request.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_minisocks.c tcp_create_openreq_child
 */
export function tcp_create_openreq_child(host: Machine, sk: sock, req: request_sock, skb: SkBuff): sock | undefined {
  if (host.faults.has('tcp_create_openreq_child')) return undefined;
  const newsk = inet_csk_clone(sk, req);
  newsk.rcv_wup = newsk.copied_seq = newsk.rcv_nxt = u32(req.rcv_isn + 1);
  newsk.snd_una = newsk.snd_nxt = u32(req.snt_isn + 1);
  newsk.icsk_rto = TCP_TIMEOUT_INIT;
  newsk.tstamp_ok = req.tstamp_ok;
  newsk.window_clamp = 65535;
  newsk.rcv_ssthresh = req.rcv_wnd;
  newsk.rcv_wnd = req.rcv_wnd;
  newsk.tcp_header_len = TCP_HEADER + (req.tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0);
  const length = headerLength(skb) + skb.len;
  if (length >= TCP_MIN_RCVMSS + newsk.tcp_header_len) newsk.icsk_ack.last_seg_size = length - newsk.tcp_header_len;
  host.count('PassiveOpens');
  return newsk;
}

/** True when the segment's timestamp is older than the one that came with the request's SYN (`tcp_paws_reject`). */
function isOldTimestamp(host: Machine, req: request_sock, skb: SkBuff): boolean {
  if (!skb.saw_tstamp || sysctl(host, 'net.ipv4.tcp_timestamps') === 0) return false;
  if (((req.ts_recent - skb.rcv_tsval) | 0) <= 0) return false;
  const age = ((TCP_TIMEOUT_INIT / HZ) << req.retrans) * HZ;
  return age < TCP_PAWS_24DAYS && !(skb.rst && age >= TCP_PAWS_MSL);
}

/**
 * A segment for a request: undefined when it is done with, the listener when that has to reset it, or the child that it made.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_minisocks.c tcp_check_req
 */
export function tcp_check_req(host: Machine, sk: sock, skb: SkBuff, req: request_sock): sock | undefined {
  const paws_reject = isOldTimestamp(host, req, skb);

  if (skb.seq === req.rcv_isn && skb.syn && !skb.ack && !skb.rst && !paws_reject) {
    host.rule('tcp_check_req/duplicate-syn');
    tcp_v4_send_synack(host, sk, req, 'tcp_check_req/duplicate-syn');
    return undefined;
  }

  if (skb.ack && skb.ack_seq !== u32(req.snt_isn + 1)) {
    host.rule('tcp_check_req/bad-ack');
    return sk;
  }

  const start = u32(req.rcv_isn + 1);
  if (paws_reject || !tcp_in_window(skb.seq, skb.end_seq, start, u32(start + req.rcv_wnd))) {
    if (!skb.rst) {
      host.rule('tcp_check_req/out-of-window');
      tcp_v4_reqsk_send_ack(host, skb, req, 'tcp_check_req/out-of-window');
    } else {
      host.rule('tcp_check_req/reset-out-of-window');
    }
    if (paws_reject) {
      host.rule('tcp_check_req/old-timestamp');
      host.count('PAWSEstab');
    }
    return undefined;
  }

  if (skb.saw_tstamp && sysctl(host, 'net.ipv4.tcp_timestamps') !== 0 && !after(skb.seq, start)) {
    req.ts_recent = skb.rcv_tsval;
  }

  const syn = skb.syn && skb.seq !== req.rcv_isn;

  if (skb.rst || syn) {
    host.rule(skb.rst ? 'tcp_check_req/reset' : 'tcp_check_req/syn-in-window');
    host.count('AttemptFails');
    return embryonicReset(host, sk, skb, req, 'tcp_check_req/syn-in-window');
  }

  if (!skb.ack) {
    host.rule('tcp_check_req/no-ack');
    return undefined;
  }

  if (req.retrans < sk.icsk_accept_queue.rskq_defer_accept && skb.end_seq === start) {
    host.rule('tcp_check_req/defer-accept');
    req.acked = true;
    return undefined;
  }

  const child = tcp_v4_syn_recv_sock(host, sk, skb, req, false);
  if (child === undefined) {
    if (sysctl(host, 'net.ipv4.tcp_abort_on_overflow') === 0) {
      host.rule('tcp_check_req/overflow-ignored');
      req.acked = true;
      return undefined;
    }
    host.rule('tcp_check_req/overflow-aborted');
    return embryonicReset(host, sk, skb, req, 'tcp_check_req/overflow-aborted');
  }

  inet_csk_reqsk_queue_unlink(sk, req);
  inet_csk_reqsk_queue_removed(host, sk, req);
  inet_csk_reqsk_queue_add(sk, req, child);
  host.rule('tcp_check_req/handshake-complete');
  return child;
}

/** Drops a request, and resets its peer unless that reset it. */
function embryonicReset(host: Machine, sk: sock, skb: SkBuff, req: request_sock, rule: RuleId): undefined {
  host.count('EmbryonicRsts');
  if (!skb.rst) tcp_v4_send_reset(host, skb, rule);
  inet_csk_reqsk_queue_drop(host, sk, req);
  return undefined;
}

/**
 * Lets a new child handle the segment that made it; nonzero when the segment has to be reset.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_minisocks.c tcp_child_process
 */
export function tcp_child_process(host: Machine, child: sock, skb: SkBuff): number {
  return tcp_rcv_state_process(host, child, skb);
}
