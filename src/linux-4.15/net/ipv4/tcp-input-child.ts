/** What a socket does with a segment, by its state (net/ipv4/tcp_input.c). */

import type { SkBuff } from '../../../host/segment.js';
import { after, before, u32 } from '../../../host/sequence.js';
import { inet_csk_ack_scheduled } from '../../include/net/icsk-ack.js';
import { inet_csk_clear_xmit_timer } from '../../include/net/inet-connection-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCPOLEN_TSTAMP_ALIGNED } from '../../include/net/tcp.js';
import { TCP_CLOSE, TCP_CLOSE_WAIT, TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_RECV } from '../../include/net/tcp-states.js';
import { isPredicted, tcp_fast_path_on, tcp_sequence } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { reqsk_fastopen_remove } from '../core/request-sock.js';
import { tcp_done, tcp_set_state } from './tcp.js';
import { tcp_send_dupack } from './tcp-challenge-ack.js';
import { tcp_init_transfer, tcp_synack_rtt_meas } from './tcp-init-transfer.js';
import { tcp_oow_rate_limited } from './tcp-input.js';
import { queuePredicted, tcp_ack_snd_check } from './tcp-input-data.js';
import { tcp_v4_conn_request } from './tcp-ipv4.js';
import { tcp_initialize_rcv_mss } from './tcp-quickack.js';

export { tcp_fin } from '../../../linux-2.6.32/net/ipv4/tcp-input.js';
export { tcp_initialize_rcv_mss } from './tcp-quickack.js';

/**
 * Looks at an acknowledgement number. Nothing was sent that could be acknowledged: 1 is good, 0 an old number, -1 one that is yet to come
 * or older than the window.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_ack
 */
export function tcp_ack(host: Machine, sk: sock, skb: SkBuff, challenge: boolean): number {
  if (before(skb.ack_seq, sk.snd_una)) {
    if (before(skb.ack_seq, u32(sk.snd_una - sk.max_window))) {
      host.rule('tcp_ack/too-old');
      if (challenge) host.release.tcp_send_challenge_ack(host, sk);
      return -1;
    }
    host.rule('tcp_ack/old');
    return 0;
  }
  if (after(skb.ack_seq, sk.snd_nxt)) {
    host.rule('tcp_ack/not-yet-sent');
    return -1;
  }
  if (skb.seq === skb.end_seq) {
    host.rule('tcp_ack/pure');
    host.count('TCPPureAcks');
  }
  return 1;
}

/**
 * A valid reset ends the connection. As in 2.6.32, but `tcp_done` gives up a Fast Open request, too.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_reset
 */
export function tcp_reset(host: Machine, sk: sock): void {
  if (sk.sk_state === TCP_CLOSE) return;
  tcp_done(host, sk);
}

/**
 * After a FIN, a reset may also come with the FIN's own number.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_reset_check
 */
function tcp_reset_check(sk: sock, skb: SkBuff): boolean {
  return skb.seq === u32(sk.rcv_nxt - 1) && sk.sk_state === TCP_CLOSE_WAIT;
}

/**
 * Sequence number, RST and SYN (RFC 5961): true to go on, false when the segment is done with. Timestamps are taken to be in order.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_validate_incoming
 */
export function tcp_validate_incoming(host: Machine, sk: sock, skb: SkBuff, syn_inerr: boolean): boolean {
  sk.saw_tstamp = skb.saw_tstamp;
  const inWindow = tcp_sequence(sk, skb.seq, skb.end_seq);
  if (!inWindow && !(skb.syn && !skb.rst)) {
    if (!skb.rst) {
      outsideWindow(host, sk, skb);
    } else resetOutside(host, sk, skb);
    return false;
  }
  return goesOn(host, sk, skb, syn_inerr);
}

/** A reset outside of the window is ignored, but for one with the number of a FIN. */
export function resetOutside(host: Machine, sk: sock, skb: SkBuff): void {
  if (tcp_reset_check(sk, skb)) {
    host.rule('tcp_validate_incoming/reset-with-number-of-fin');
    tcp_reset(host, sk);
  } else {
    host.rule('tcp_validate_incoming/reset-outside-window');
  }
}

/** The steps of `tcp_validate_incoming` after the first, for a segment within the window: a reset and a SYN end here. */
export function goesOn(host: Machine, sk: sock, skb: SkBuff, syn_inerr: boolean): boolean {
  if (skb.rst) {
    if (skb.seq === sk.rcv_nxt) {
      host.rule('tcp_validate_incoming/reset-at-rcv-nxt');
      tcp_reset(host, sk);
    } else if (tcp_reset_check(sk, skb)) {
      host.rule('tcp_validate_incoming/reset-with-number-of-fin');
      tcp_reset(host, sk);
    } else {
      host.rule('tcp_validate_incoming/reset-elsewhere-in-window');
      host.release.tcp_send_challenge_ack(host, sk);
    }
    return false;
  }
  if (skb.syn) {
    host.rule('tcp_validate_incoming/syn');
    if (syn_inerr) host.count('InErrs');
    host.count('TCPSYNChallenge');
    host.release.tcp_send_challenge_ack(host, sk);
    return false;
  }
  return true;
}

/** Answers a segment outside the window, if one without data not more often than allowed. */
export function outsideWindow(host: Machine, sk: sock, skb: SkBuff): void {
  if (tcp_oow_rate_limited(host, skb, 'TCPACKSkippedSeq', sk)) {
    host.rule('tcp_validate_incoming/outside-window-rate-limited');
    return;
  }
  host.rule('tcp_validate_incoming/outside-window');
  tcp_send_dupack(host, sk, skb);
}

/**
 * A segment for an established connection.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_rcv_established
 */
export function tcp_rcv_established(host: Machine, sk: sock, skb: SkBuff): void {
  sk.saw_tstamp = false;
  if (isPredicted(sk, skb)) {
    if (takePredicted(host, sk, skb)) return;
  } else if (!isValid(host, sk, skb)) return;
  acknowledgeAndQueue(host, sk, skb);
}

/** What is done with a predicted segment. False where it has to go the long way, as no memory is reserved for its data. */
export function takePredicted(host: Machine, sk: sock, skb: SkBuff): boolean {
  if (skb.len === 0) {
    host.release.tcp_ack(host, sk, skb, true);
    return true;
  }
  if (!queuePredicted(host, sk, skb)) return false;
  if (skb.ack_seq !== sk.snd_una) {
    host.release.tcp_ack(host, sk, skb, true);
    if (!inet_csk_ack_scheduled(sk)) return true;
  }
  host.release.__tcp_ack_snd_check(host, sk, false);
  return true;
}

/** Whether a segment that was not predicted is looked at any further. */
export function isValid(host: Machine, sk: sock, skb: SkBuff): boolean {
  if (!skb.ack && !skb.rst && !skb.syn) {
    host.rule('tcp_rcv_established/no-flags');
    return false;
  }
  return host.release.tcp_validate_incoming(host, sk, skb, true);
}

/** The end of the long way: the acknowledgement number, the data, and an ACK for it. */
export function acknowledgeAndQueue(host: Machine, sk: sock, skb: SkBuff): void {
  if (host.release.tcp_ack(host, sk, skb, true) < 0) return;
  host.release.tcp_data_queue(host, sk, skb);
  tcp_ack_snd_check(host, sk);
}

/**
 * Nothing is on its way that could be lost.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_rearm_rto
 */
function tcp_rearm_rto(host: Machine, sk: sock): void {
  if (sk.fastopen_rsk === undefined) inet_csk_clear_xmit_timer(host, sk);
}

/**
 * An acceptable ACK completes the handshake.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_rcv_state_process
 */
export function establish(host: Machine, sk: sock, skb: SkBuff): void {
  completeHandshake(host, sk, skb);
  if (sk.tstamp_ok) sk.advmss -= TCPOLEN_TSTAMP_ALIGNED;
  tcp_initialize_rcv_mss(sk);
  tcp_fast_path_on(sk);
}

/** The round trip is measured, a Fast Open request given up, and the window's bounds are set. */
export function completeHandshake(host: Machine, sk: sock, skb: SkBuff): void {
  const req = sk.fastopen_rsk;
  if (sk.srtt_us === 0) tcp_synack_rtt_meas(host, sk, req);
  if (req !== undefined) {
    host.rule('tcp_rcv_state_process/fastopen-established');
    sk.icsk_retransmits = 0;
    reqsk_fastopen_remove(host, sk, req, false);
    tcp_rearm_rto(host, sk);
  } else {
    tcp_init_transfer(host, sk);
    sk.copied_seq = sk.rcv_nxt;
  }
  tcp_set_state(host, sk, TCP_ESTABLISHED);
  sk.snd_una = skb.ack_seq;
}

/**
 * A segment for a socket in any other state; nonzero: the caller answers with a reset.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_rcv_state_process
 */
export function tcp_rcv_state_process(host: Machine, sk: sock, skb: SkBuff): number {
  switch (sk.sk_state) {
    case TCP_CLOSE:
      return 0;
    case TCP_LISTEN:
      return segmentForListener(host, sk, skb);
  }

  sk.saw_tstamp = false;
  const { fastopen_rsk } = sk;
  if (fastopen_rsk !== undefined && host.release.tcp_check_req(host, sk, skb, fastopen_rsk, true) === undefined)
    return 0;
  if (!skb.ack && !skb.rst && !skb.syn) {
    host.rule('tcp_rcv_state_process/no-flags');
    return 0;
  }
  if (!host.release.tcp_validate_incoming(host, sk, skb, false)) return 0;

  if (host.release.tcp_ack(host, sk, skb, false) <= 0) {
    if (sk.sk_state === TCP_SYN_RECV) {
      host.rule('tcp_rcv_state_process/fastopen-bad-ack');
      return 1;
    }
    host.rule('tcp_rcv_state_process/bad-ack');
    host.release.tcp_send_challenge_ack(host, sk);
    return 0;
  }
  if (sk.sk_state === TCP_SYN_RECV) host.release.establish(host, sk, skb);

  if (sk.sk_state === TCP_CLOSE_WAIT) {
    if (before(skb.seq, sk.rcv_nxt)) {
      if (skb.end_seq !== skb.seq && after(skb.end_seq - (skb.fin ? 1 : 0), sk.rcv_nxt)) {
        host.rule('tcp_rcv_state_process/data-after-fin');
        host.count('TCPAbortOnData');
        tcp_reset(host, sk);
        return 1;
      }
      host.release.tcp_data_queue(host, sk, skb);
    }
  } else {
    host.release.tcp_data_queue(host, sk, skb);
  }
  tcp_ack_snd_check(host, sk);
  return 0;
}

/** A segment that found no request and no connection, but a listener. */
function segmentForListener(host: Machine, sk: sock, skb: SkBuff): number {
  if (skb.ack) {
    host.rule('tcp_rcv_state_process/listen-ack');
    return 1;
  }
  if (skb.rst) {
    host.rule('tcp_rcv_state_process/listen-reset');
    return 0;
  }
  if (skb.syn) {
    if (skb.fin) {
      host.rule('tcp_rcv_state_process/listen-syn-fin');
      return 0;
    }
    return tcp_v4_conn_request(host, sk, skb) < 0 ? 1 : 0;
  }
  host.rule('tcp_rcv_state_process/listen-other');
  return 0;
}
