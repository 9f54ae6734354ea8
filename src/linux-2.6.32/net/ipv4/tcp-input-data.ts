/** What a connection does with data, and how soon it acknowledges it (net/ipv4/tcp_input.c). */

import type { SkBuff } from '../../../host/segment.js';
import { after, before } from '../../../host/sequence.js';
import type { QueuedSegment, tcp_sock_base } from '../../include/linux/tcp.js';
import {
  ICSK_ACK_PUSHED,
  ICSK_ACK_PUSHED2,
  inet_csk_ack_scheduled,
  inet_csk_schedule_ack,
} from '../../include/net/icsk-ack.js';
import type { sock } from '../../include/net/sock.js';
import {
  headerLength,
  queuedSegment,
  queueTail,
  sk_rmem_schedule,
  skb_set_owner_r,
  tcp_fast_path_check,
  tcp_full_space,
  tcp_receive_window,
  tcp_space,
  tcp_win_from_space,
  truesize,
} from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { tcp_fin } from './tcp-input.js';
import { __tcp_select_window, tcp_send_ack, tcp_send_delayed_ack } from './tcp-output.js';
import {
  learnDelay,
  looksFull,
  tcp_enter_quickack_mode,
  tcp_in_quickack_mode,
  tcp_incr_quickack,
} from './tcp-quickack.js';

/** The third number of `net.ipv4.tcp_rmem` on a machine with enough memory. */
const MAX_RCVBUF = 4 * 1024 * 1024;

/**
 * Guesses the peer's segment size from a data segment. One that isn't full is taken for the end of what the peer had to say.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_measure_rcv_mss
 */
function tcp_measure_rcv_mss(sk: sock, skb: SkBuff): void {
  const ack = sk.icsk_ack;
  const last = ack.last_seg_size;
  ack.last_seg_size = 0;
  if (skb.len >= ack.rcv_mss) {
    ack.rcv_mss = skb.len;
    return;
  }
  if (looksFull(skb)) {
    const size = skb.len + headerLength(skb) - sk.tcp_header_len;
    ack.last_seg_size = size;
    if (size === last) {
      ack.rcv_mss = size;
      return;
    }
  }
  if ((ack.pending & ICSK_ACK_PUSHED) !== 0) ack.pending |= ICSK_ACK_PUSHED2;
  ack.pending |= ICSK_ACK_PUSHED;
}

/**
 * By how much the window may grow although a segment's memory is larger than its data.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c __tcp_grow_window
 */
function __tcp_grow_window(sk: sock, skb: SkBuff): number {
  let size = tcp_win_from_space(truesize(skb)) >> 1;
  let window = tcp_win_from_space(MAX_RCVBUF) >> 1;
  while (sk.rcv_ssthresh <= window) {
    if (size <= skb.len) return 2 * sk.icsk_ack.rcv_mss;
    size >>= 1;
    window >>= 1;
  }
  return 0;
}

/**
 * Lets the window grow with the data that comes.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_grow_window
 */
function tcp_grow_window(sk: sock, skb: SkBuff): void {
  if (sk.rcv_ssthresh >= sk.window_clamp || sk.rcv_ssthresh >= tcp_space(sk)) return;
  const incr = tcp_win_from_space(truesize(skb)) <= skb.len ? 2 * sk.advmss : __tcp_grow_window(sk, skb);
  if (incr === 0) return;
  sk.rcv_ssthresh = Math.min(sk.rcv_ssthresh + incr, sk.window_clamp);
  sk.icsk_ack.quick |= 1;
}

/**
 * Fits the window's bounds to the receive buffer, once the handshake is complete. The default buffer is never too small for this.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_init_buffer_space
 */
export function tcp_init_buffer_space(sk: sock): void {
  const maxwin = tcp_full_space(sk);
  if (sk.window_clamp >= maxwin) sk.window_clamp = maxwin;
  if (sk.window_clamp > 2 * sk.advmss && sk.window_clamp + sk.advmss > maxwin) {
    sk.window_clamp = Math.max(2 * sk.advmss, maxwin - sk.advmss);
  }
  sk.rcv_ssthresh = Math.min(sk.rcv_ssthresh, sk.window_clamp);
}

/**
 * Data came, which has to be acknowledged and may let the window grow.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_event_data_recv
 */
function tcp_event_data_recv(host: Machine, sk: sock, skb: SkBuff): void {
  inet_csk_schedule_ack(sk);
  tcp_measure_rcv_mss(sk, skb);
  learnDelay(host, sk, tcp_incr_quickack);
  if (skb.len >= 128) tcp_grow_window(sk, skb);
}

/**
 * Queues what came out of order and is in order now.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_ofo_queue
 */
function tcp_ofo_queue(host: Machine, sk: sock): void {
  for (let queue = sk.out_of_order_queue; queue !== null; queue = sk.out_of_order_queue) {
    const segment = queue[0] as QueuedSegment;
    if (after(segment.seq, sk.rcv_nxt)) return;
    if (queue.length === 1) sk.out_of_order_queue = null;
    else queue.shift();
    if (!after(segment.end_seq, sk.rcv_nxt)) {
      sk.sk_rmem_alloc -= segment.truesize;
      continue;
    }
    queueTail(sk, segment);
    sk.rcv_nxt = segment.end_seq;
    if (segment.fin) tcp_fin(host, sk);
  }
}

/** Queues a segment that begins at `rcv_nxt` or, if it was partly there already, before it. */
function queueInOrder(host: Machine, sk: sock, skb: SkBuff): void {
  const size = truesize(skb);
  sk_rmem_schedule(sk, size);
  skb_set_owner_r(sk, size);
  queueTail(sk, queuedSegment(skb, size));
  sk.rcv_nxt = skb.end_seq;
  if (skb.len !== 0) tcp_event_data_recv(host, sk, skb);
  if (skb.fin) tcp_fin(host, sk);
  if (sk.out_of_order_queue !== null) {
    tcp_ofo_queue(host, sk);
    if (sk.out_of_order_queue === null) sk.icsk_ack.pingpong = false;
  }
  tcp_fast_path_check(sk);
}

/** `out_of_window` of tcp_data_queue: dropped, and acknowledged at once. */
export function acknowledgeAtOnce(sk: tcp_sock_base): void {
  tcp_enter_quickack_mode(sk);
  inet_csk_schedule_ack(sk);
}

/**
 * Queues data and FIN. What the receive buffer can't hold is not modelled: the window ends before.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_data_queue
 */
export function tcp_data_queue(host: Machine, sk: sock, skb: SkBuff): void {
  if (skb.seq === skb.end_seq) return;
  if (skb.seq === sk.rcv_nxt) {
    if (tcp_receive_window(sk) === 0) {
      host.rule('tcp_data_queue/zero-window');
      acknowledgeAtOnce(sk);
      return;
    }
    host.rule('tcp_data_queue/in-order');
    queueInOrder(host, sk, skb);
    return;
  }
  if (!after(skb.end_seq, sk.rcv_nxt)) {
    host.rule('tcp_data_queue/duplicate');
    host.count('DelayedACKLost');
    acknowledgeAtOnce(sk);
    return;
  }
  if (!before(skb.seq, sk.rcv_nxt + tcp_receive_window(sk))) {
    host.rule('tcp_data_queue/beyond-window');
    acknowledgeAtOnce(sk);
    return;
  }
  tcp_enter_quickack_mode(sk);
  if (before(skb.seq, sk.rcv_nxt)) {
    if (tcp_receive_window(sk) === 0) {
      host.rule('tcp_data_queue/zero-window');
      acknowledgeAtOnce(sk);
      return;
    }
    host.rule('tcp_data_queue/partly-duplicate');
    queueInOrder(host, sk, skb);
    return;
  }
  host.rule('tcp_data_queue/out-of-order');
  const size = truesize(skb);
  sk_rmem_schedule(sk, size);
  sk.pred_flags = 0;
  inet_csk_schedule_ack(sk);
  skb_set_owner_r(sk, size);
  insertOutOfOrder(sk, queuedSegment(skb, size));
}

/** Puts `segment` into the queue of what came too early. Segments there may overlap, but none covers another. */
function insertOutOfOrder(sk: sock, segment: QueuedSegment): void {
  const queue = sk.out_of_order_queue;
  if (queue === null) {
    sk.out_of_order_queue = [segment];
    return;
  }
  let at = queue.length;
  while (at > 0 && after((queue[at - 1] as QueuedSegment).seq, segment.seq)) at--;
  const previous = queue[at - 1];
  if (previous !== undefined && before(segment.seq, previous.end_seq)) {
    if (!after(segment.end_seq, previous.end_seq)) {
      sk.sk_rmem_alloc -= segment.truesize;
      return;
    }
    if (segment.seq === previous.seq) at--;
  }
  let covered = 0;
  for (let next = queue[at]; next !== undefined && !before(segment.end_seq, next.end_seq); next = queue[at + covered]) {
    if (!after(segment.end_seq, next.seq)) break;
    sk.sk_rmem_alloc -= next.truesize;
    covered++;
  }
  queue.splice(at, covered, segment);
}

/** Drops what came too early. */
export function purgeOutOfOrder(sk: tcp_sock_base): void {
  for (const segment of sk.out_of_order_queue ?? []) sk.sk_rmem_alloc -= segment.truesize;
  sk.out_of_order_queue = null;
}

/**
 * A segment that the prediction takes straight to the reader.
 * True unless no memory is reserved for it yet, which is so for the first data.
 */
export function queuePredicted(host: Machine, sk: sock, skb: SkBuff): boolean {
  const size = truesize(skb);
  if (size > sk.sk_forward_alloc) return false;
  host.rule('tcp_rcv_established/predicted-data');
  host.count('TCPHPHits');
  queueTail(sk, queuedSegment(skb, size));
  skb_set_owner_r(sk, size);
  sk.rcv_nxt = skb.end_seq;
  tcp_event_data_recv(host, sk, skb);
  return true;
}

/**
 * Acknowledges now or later: now when more than a segment is unacknowledged, in quick mode, or when something is missing.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c __tcp_ack_snd_check
 */
export function __tcp_ack_snd_check(host: Machine, sk: sock, ofo_possible: boolean): void {
  const unacknowledged = (sk.rcv_nxt - sk.rcv_wup) | 0;
  if (
    (unacknowledged > sk.icsk_ack.rcv_mss && __tcp_select_window(sk) >= sk.rcv_wnd) ||
    tcp_in_quickack_mode(sk) ||
    (ofo_possible && sk.out_of_order_queue !== null)
  ) {
    host.rule('__tcp_ack_snd_check/now');
    tcp_send_ack(host, sk);
  } else {
    tcp_send_delayed_ack(host, sk);
  }
}

/**
 * Acknowledges, if there is something to acknowledge.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_ack_snd_check
 */
export function tcp_ack_snd_check(host: Machine, sk: sock): void {
  if (inet_csk_ack_scheduled(sk)) __tcp_ack_snd_check(host, sk, true);
}
