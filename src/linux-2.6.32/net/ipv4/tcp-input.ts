/** What a socket does with a segment, by its state (net/ipv4/tcp_input.c). */

import { HZ } from '../../../host/clock.js';
import type { SkBuff } from '../../../host/segment.js';
import { after, before } from '../../../host/sequence.js';
import { inet_csk_ack_scheduled, inet_csk_schedule_ack } from '../../include/net/icsk-ack.js';
import { RCV_SHUTDOWN, type sock, type sock_base } from '../../include/net/sock.js';
import { TCP_CLOSE, TCP_CLOSE_WAIT, TCP_ESTABLISHED, TCP_LISTEN, TCP_SYN_RECV } from '../../include/net/tcp-states.js';
import { isPredicted, TCPOLEN_TSTAMP_ALIGNED, tcp_fast_path_on, tcp_sequence } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import type { MachineBase } from '../../machine-base.js';
import { tcp_done, tcp_set_state } from './tcp.js';
import {
  __tcp_ack_snd_check,
  purgeOutOfOrder,
  queuePredicted,
  tcp_ack_snd_check,
  tcp_data_queue,
  tcp_init_buffer_space,
} from './tcp-input-data.js';
import { tcp_v4_conn_request } from './tcp-ipv4.js';
import { tcp_send_ack } from './tcp-output.js';
import { tcp_enter_quickack_mode, tcp_initialize_rcv_mss } from './tcp-quickack.js';

/** The least variation that the retransmission timeout allows for, µs. */
const TCP_RTO_MIN = HZ / 5;

/**
 * Looks at an acknowledgement number. Nothing was sent that could be acknowledged: 1 is good, 0 an old number, -1 one that is yet to come.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_ack
 */
function tcp_ack(host: Machine, sk: sock, skb: SkBuff): number {
  if (before(skb.ack_seq, sk.snd_una)) {
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
 * A valid reset ends the connection.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_reset
 */
export function tcp_reset(host: Machine, sk: sock): void {
  if (sk.sk_state === TCP_CLOSE) return;
  tcp_done(host, sk);
}

/**
 * The peer sends no more. The ACK may wait for an answer, and what came out of order is dropped.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_fin
 */
export function tcp_fin(host: MachineBase, sk: sock_base): void {
  inet_csk_schedule_ack(sk);
  sk.sk_shutdown |= RCV_SHUTDOWN;
  if (sk.sk_state === TCP_SYN_RECV || sk.sk_state === TCP_ESTABLISHED) {
    host.rule('tcp_fin/close-wait');
    tcp_set_state(host, sk, TCP_CLOSE_WAIT);
    sk.icsk_ack.pingpong = true;
  }
  purgeOutOfOrder(sk);
}

/**
 * Tells a peer that sends what is out of place where things stand.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_send_dupack
 */
function tcp_send_dupack(host: Machine, sk: sock, skb: SkBuff): void {
  if (skb.end_seq !== skb.seq && before(skb.seq, sk.rcv_nxt)) {
    host.rule('tcp_send_dupack/old-data');
    host.count('DelayedACKLost');
    tcp_enter_quickack_mode(sk);
  }
  tcp_send_ack(host, sk);
}

/**
 * Sequence number, RST and SYN: 1 to go on, 0 when the segment is done with, -1 when the caller shall answer with a reset.
 * Timestamps are taken to be in order.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_validate_incoming
 */
function tcp_validate_incoming(host: Machine, sk: sock, skb: SkBuff, syn_inerr: boolean): number {
  sk.saw_tstamp = skb.saw_tstamp;
  if (!tcp_sequence(sk, skb.seq, skb.end_seq)) {
    if (skb.rst) {
      host.rule('tcp_validate_incoming/reset-outside-window');
    } else {
      host.rule('tcp_validate_incoming/outside-window');
      tcp_send_dupack(host, sk, skb);
    }
    return 0;
  }
  if (skb.rst) {
    host.rule('tcp_validate_incoming/reset-in-window');
    tcp_reset(host, sk);
    return 0;
  }
  if (skb.syn && !before(skb.seq, sk.rcv_nxt)) {
    host.rule('tcp_validate_incoming/syn-in-window');
    if (syn_inerr) host.count('InErrs');
    host.count('TCPAbortOnSyn');
    tcp_reset(host, sk);
    return -1;
  }
  return 1;
}

/**
 * A segment for an established connection; nonzero: the caller answers with a reset.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_rcv_established
 */
export function tcp_rcv_established(host: Machine, sk: sock, skb: SkBuff): number {
  sk.saw_tstamp = false;
  const predicted = isPredicted(sk, skb);
  if (predicted) {
    if (skb.len === 0) {
      tcp_ack(host, sk, skb);
      return 0;
    }
    if (queuePredicted(host, sk, skb)) {
      if (skb.ack_seq !== sk.snd_una) {
        tcp_ack(host, sk, skb);
        if (!inet_csk_ack_scheduled(sk)) return 0;
      }
      __tcp_ack_snd_check(host, sk, false);
      return 0;
    }
  } else {
    const res = tcp_validate_incoming(host, sk, skb, true);
    if (res <= 0) return res < 0 ? 1 : 0;
  }
  if (skb.ack && tcp_ack(host, sk, skb) < 0) return 0;
  tcp_data_queue(host, sk, skb);
  tcp_ack_snd_check(host, sk);
  return 0;
}

/**
 * Round-trip time and timeout at the end of the handshake. Without timestamps the sample is thrown away again, as routes
 * remember nothing here; with them, the peer's echo is unknown and the shortest time is assumed.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_init_metrics
 */
function tcp_init_metrics(host: Machine, sk: sock): void {
  if (!sk.saw_tstamp) return;
  sk.srtt = 1 << 3;
  sk.icsk_rto = host.clock.tick + TCP_RTO_MIN;
}

/**
 * A segment for a socket in any other state; nonzero: the caller answers with a reset.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_rcv_state_process
 */
export function tcp_rcv_state_process(host: Machine, sk: sock, skb: SkBuff): number {
  switch (sk.sk_state) {
    case TCP_CLOSE:
      return 0;
    case TCP_LISTEN:
      return segmentForListener(host, sk, skb);
  }

  const res = tcp_validate_incoming(host, sk, skb, false);
  if (res <= 0) return res < 0 ? 1 : 0;

  if (!skb.ack) {
    host.rule('tcp_rcv_state_process/no-ack');
    return 0;
  }
  const acceptable = tcp_ack(host, sk, skb) > 0;
  if (sk.sk_state === TCP_SYN_RECV) {
    if (!acceptable) return 1;
    sk.copied_seq = sk.rcv_nxt;
    tcp_set_state(host, sk, TCP_ESTABLISHED);
    sk.snd_una = skb.ack_seq;
    if (sk.tstamp_ok) sk.advmss -= TCPOLEN_TSTAMP_ALIGNED;
    tcp_init_metrics(host, sk);
    tcp_initialize_rcv_mss(sk);
    tcp_init_buffer_space(sk);
    tcp_fast_path_on(sk);
  }

  if (sk.sk_state === TCP_CLOSE_WAIT) {
    if (before(skb.seq, sk.rcv_nxt)) {
      if (skb.end_seq !== skb.seq && after(skb.end_seq - (skb.fin ? 1 : 0), sk.rcv_nxt)) {
        host.rule('tcp_rcv_state_process/data-after-fin');
        host.count('TCPAbortOnData');
        tcp_reset(host, sk);
        return 1;
      }
      tcp_data_queue(host, sk, skb);
    }
  } else {
    tcp_data_queue(host, sk, skb);
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
    if (skb.fin && host.mainline) {
      host.rule('tcp_rcv_state_process/listen-syn-fin');
      return 0;
    }
    return tcp_v4_conn_request(host, sk, skb) < 0 ? 1 : 0;
  }
  host.rule('tcp_rcv_state_process/listen-other');
  return 0;
}
