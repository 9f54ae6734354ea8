/** What a connection does with acknowledgements and data (net/ipv4/tcp_input.c). */

import type { SkBuff } from '../../../host/segment.js';
import { after, before } from '../../../host/sequence.js';
import { ICSK_ACK_PUSHED, inet_csk_schedule_ack } from '../../../linux-4.15/include/net/icsk-ack.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import { TCP_INIT_CWND } from '../../../linux-4.15/include/net/tcp.js';
import {
  queuedSegment,
  skb_set_owner_r,
  tcp_fast_path_check,
  tcp_full_space,
  tcp_receive_window,
  tcp_space,
} from '../../../linux-4.15/include/net/tcp-window.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { tcp_fin } from '../../../linux-4.15/net/ipv4/tcp-input-child.js';
import * as earlier from '../../../linux-4.15/net/ipv4/tcp-input-data.js';
import { tcp_send_ack } from '../../../linux-4.15/net/ipv4/tcp-output.js';
import { acknowledgeAtOnce } from '../../../linux-4.15/net/ipv4/tcp-quickack.js';
import { ICSK_ACK_NOW } from '../../include/net/inet-connection-sock.js';

/**
 * Looks at an acknowledgement number. Nothing was sent that could be acknowledged: 1 is good, -1 a number that is old or yet to come. Unlike in
 * 4.15 no old number is good, as none of what it acknowledges was ever sent.
 * @kernel 5.10.262 net/ipv4/tcp_input.c tcp_ack
 */
export function tcp_ack(host: Machine, sk: sock, skb: SkBuff, challenge: boolean): number {
  if (before(skb.ack_seq, sk.snd_una)) {
    host.rule('tcp_ack/too-old');
    if (challenge) host.release.tcp_send_challenge_ack(host, sk);
    return -1;
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
 * Guesses the peer's segment size from a data segment. Unlike in 4.15 a full one with PSH is taken for the end of what the peer had to say, too.
 * @kernel 5.10.262 net/ipv4/tcp_input.c tcp_measure_rcv_mss
 */
export function tcp_measure_rcv_mss(host: Machine, sk: sock, skb: SkBuff): void {
  const full = skb.len >= sk.icsk_ack.rcv_mss;
  earlier.tcp_measure_rcv_mss(host, sk, skb);
  if (full && skb.psh) sk.icsk_ack.pending |= ICSK_ACK_PUSHED;
}

/**
 * Lets the window grow with the data that comes. As in 4.15, but not beyond what memory is good for.
 * @kernel 5.10.262 net/ipv4/tcp_input.c tcp_grow_window
 */
export function tcp_grow_window(host: Machine, sk: sock, skb: SkBuff): void {
  const room = Math.min(sk.window_clamp, tcp_space(host, sk)) - sk.rcv_ssthresh;
  if (room <= 0) return;
  const incr = earlier.growth(host, sk, skb);
  if (incr === 0) return;
  sk.rcv_ssthresh += Math.min(room, Math.max(incr, 2 * skb.len));
  sk.icsk_ack.quick |= 1;
}

/**
 * Fits the window's bounds to the receive buffer, which unlike in 4.15 stays as it is.
 * @kernel 5.10.262 net/ipv4/tcp_input.c tcp_init_buffer_space
 */
export function tcp_init_buffer_space(host: Machine, sk: sock): void {
  const maxwin = tcp_full_space(host, sk);
  if (sk.window_clamp >= maxwin) sk.window_clamp = maxwin;
  if (sk.window_clamp > 2 * sk.advmss && sk.window_clamp + sk.advmss > maxwin) {
    sk.window_clamp = Math.max(2 * sk.advmss, maxwin - sk.advmss);
  }
  sk.rcv_ssthresh = Math.min(sk.rcv_ssthresh, sk.window_clamp);
  sk.rcvq_space = Math.min(sk.rcv_ssthresh, sk.rcv_wnd, TCP_INIT_CWND * sk.advmss);
}

/** Queues a segment that begins at `rcv_nxt` or, if it was partly there already, before it. What fills a gap is acknowledged at once. */
export function queueInOrder(host: Machine, sk: sock, skb: SkBuff): void {
  const segment = queuedSegment(host, skb);
  host.release.sk_rmem_schedule(sk, segment.truesize);
  earlier.tcp_queue_rcv(host, sk, segment);
  if (skb.len !== 0) host.release.tcp_event_data_recv(host, sk, skb);
  if (skb.fin) tcp_fin(host, sk);
  if (sk.out_of_order_queue !== null) {
    earlier.tcp_ofo_queue(host, sk);
    if (sk.out_of_order_queue === null) sk.icsk_ack.pending |= ICSK_ACK_NOW;
  }
  tcp_fast_path_check(sk);
}

/** The window is closed, or the segment lies outside of it. */
function zeroWindow(host: Machine, sk: sock): void {
  host.rule('tcp_data_queue/zero-window');
  host.count('TCPZeroWindowDrop');
  acknowledgeAtOnce(host, sk);
}

/**
 * Takes another path to a peer that sends again what it sent last time. The number that this is told by is 0 for a peer without selective
 * acknowledgements, so it is any segment that begins there.
 * @kernel 5.10.262 net/ipv4/tcp_input.c tcp_rcv_spurious_retrans
 */
export function tcp_rcv_spurious_retrans(host: Machine, skb: SkBuff): void {
  if (skb.seq !== 0) return;
  host.rule('tcp_rcv_spurious_retrans/number-0');
  host.count('TcpDuplicateDataRehash');
}

/**
 * Queues data and FIN. As in 4.15, but segments out of order don't make ACKs quick for longer than they come, and a closed window is counted.
 * @kernel 5.10.262 net/ipv4/tcp_input.c tcp_data_queue
 */
export function tcp_data_queue(host: Machine, sk: sock, skb: SkBuff): void {
  if (skb.seq === skb.end_seq) return;
  if (skb.seq === sk.rcv_nxt) {
    if (tcp_receive_window(sk) === 0) {
      zeroWindow(host, sk);
      return;
    }
    host.rule('tcp_data_queue/in-order');
    queueInOrder(host, sk, skb);
    return;
  }
  if (!after(skb.end_seq, sk.rcv_nxt)) {
    host.rule('tcp_data_queue/duplicate');
    host.release.tcp_rcv_spurious_retrans(host, skb);
    host.count('DelayedACKLost');
    acknowledgeAtOnce(host, sk);
    return;
  }
  if (!before(skb.seq, sk.rcv_nxt + tcp_receive_window(sk))) {
    host.rule('tcp_data_queue/beyond-window');
    acknowledgeAtOnce(host, sk);
    return;
  }
  if (before(skb.seq, sk.rcv_nxt)) {
    if (tcp_receive_window(sk) === 0) {
      zeroWindow(host, sk);
      return;
    }
    host.rule('tcp_data_queue/partly-duplicate');
    queueInOrder(host, sk, skb);
    return;
  }
  host.release.tcp_data_queue_ofo(host, sk, skb);
}

/**
 * Keeps a segment that came too early. As in 4.15, but the window does not grow, as no peer here knows selective acknowledgements.
 * @kernel 5.10.262 net/ipv4/tcp_input.c tcp_data_queue_ofo
 */
export function tcp_data_queue_ofo(host: Machine, sk: sock, skb: SkBuff): void {
  host.rule('tcp_data_queue_ofo/out-of-order');
  const segment = queuedSegment(host, skb);
  host.release.sk_rmem_schedule(sk, segment.truesize);
  sk.pred_flags = 0;
  inet_csk_schedule_ack(sk);
  host.count('TCPOFOQueue');
  if (earlier.insertOutOfOrder(host, sk, segment) === 'inserted') skb_set_owner_r(sk, segment.truesize);
}

/**
 * Acknowledges now or later. As in 4.15, but at once also where a gap was filled.
 * @kernel 5.10.262 net/ipv4/tcp_input.c __tcp_ack_snd_check
 */
export function __tcp_ack_snd_check(host: Machine, sk: sock, ofo_possible: boolean): void {
  if ((sk.icsk_ack.pending & ICSK_ACK_NOW) === 0) {
    earlier.__tcp_ack_snd_check(host, sk, ofo_possible);
    return;
  }
  host.rule('__tcp_ack_snd_check/gap-closed');
  tcp_send_ack(host, sk);
}
