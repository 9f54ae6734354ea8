/** What a connection learns from data and does with it, and the warning of a SYN flood (net/ipv4/tcp_input.c). */

import type { SkBuff } from '../../../host/segment.js';
import { TCP_DELACK_MAX } from '../../../linux-4.15/include/net/icsk-ack.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import { tcp_receive_window, truesize } from '../../../linux-4.15/include/net/tcp-window.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { floodAction } from '../../../linux-4.15/net/ipv4/tcp-input.js';
import { sysctl } from '../../../linux-4.15/sysctl.js';
import * as earlier from '../../../linux-5.10/net/ipv4/tcp-input.js';
import {
  tcp_challenge_ack_allowed as challengeAllowed,
  tcp_event_data_recv as tcp_event_data_recv_6_1,
} from '../../../linux-6.1/net/ipv4/tcp-input.js';
import { measuredRatio } from '../../include/net/tcp.js';

/**
 * Guesses the peer's segment size from a data segment. As in 5.10, but one that is longer than the guess also shows how much of a segment's memory
 * is data. With that the bound of the window is reckoned anew from the whole receive buffer: no segment's memory is held back any more, nor is
 * what a header without window scaling can say a limit.
 * @kernel 6.12.117 net/ipv4/tcp_input.c tcp_measure_rcv_mss
 */
export function tcp_measure_rcv_mss(host: Machine, sk: sock, skb: SkBuff): void {
  if (skb.len > sk.icsk_ack.rcv_mss) {
    const old_ratio = sk.scaling_ratio;
    sk.scaling_ratio = measuredRatio(skb.len, truesize(host, skb));
    if (old_ratio !== sk.scaling_ratio) {
      host.rule('tcp_measure_rcv_mss/new-ratio');
      sk.window_clamp = host.release.tcp_win_from_space(host, sk, sk.sk_rcvbuf);
      sk.rcvq_space = Math.min(sk.rcvq_space, sk.window_clamp);
    }
  }
  earlier.tcp_measure_rcv_mss(host, sk, skb);
}

/**
 * Data came, which has to be acknowledged. As in 6.1, but the delay that is learnt is never longer than any ACK may wait.
 * @kernel 6.12.117 net/ipv4/tcp_input.c tcp_event_data_recv
 */
export function tcp_event_data_recv(host: Machine, sk: sock, skb: SkBuff): void {
  tcp_event_data_recv_6_1(host, sk, skb);
  sk.icsk_ack.ato = Math.min(sk.icsk_ack.ato, TCP_DELACK_MAX);
}

/**
 * Queues data and FIN. As in 5.10, but a FIN without data is taken even where the window is closed.
 * @kernel 6.12.117 net/ipv4/tcp_input.c tcp_data_queue
 */
export function tcp_data_queue(host: Machine, sk: sock, skb: SkBuff): void {
  if (skb.fin && skb.len === 0 && skb.seq === sk.rcv_nxt && tcp_receive_window(sk) === 0) {
    host.rule('tcp_data_queue/fin-at-closed-window');
    earlier.queueInOrder(host, sk, skb);
    return;
  }
  earlier.tcp_data_queue(host, sk, skb);
}

/**
 * Looks for another path to a peer that sends again what it sent last time: unlike in 6.1 only with IPv6, whose flow labels tell.
 * @kernel 6.12.117 net/ipv4/tcp_input.c tcp_rcv_spurious_retrans
 */
export function tcp_rcv_spurious_retrans(_host: Machine, _skb: SkBuff): void {}

/**
 * Keeps a segment that came too early. As in 5.10, but the peer's segment size is guessed from it, too.
 * @kernel 6.12.117 net/ipv4/tcp_input.c tcp_data_queue_ofo
 */
export function tcp_data_queue_ofo(host: Machine, sk: sock, skb: SkBuff): void {
  host.release.tcp_measure_rcv_mss(host, sk, skb);
  earlier.tcp_data_queue_ofo(host, sk, skb);
}

/**
 * The SYN queue is full: whether a cookie is sent. As in 5.10, but the warning tells the listener's address, and not where to look.
 * @kernel 6.12.117 net/ipv4/tcp_input.c tcp_syn_flood_action
 */
export function tcp_syn_flood_action(host: Machine, sk: sock): boolean {
  return floodAction(host, sk, (msg) => `on the listener's address and port. ${msg}.`);
}

/**
 * Whether another challenge ACK may be sent in this second. As in 6.1, but a limit of 0 is none, by the arithmetic of the range in which the
 * number for a second is chosen: it wraps, and no second has time for so many.
 * @kernel 6.12.117 net/ipv4/tcp_input.c tcp_challenge_ack_allowed
 */
export function tcp_challenge_ack_allowed(host: Machine): boolean {
  return sysctl(host, 'net.ipv4.tcp_challenge_ack_limit') === 0 || challengeAllowed(host);
}
