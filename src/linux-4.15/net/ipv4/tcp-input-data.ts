/** What a connection does with data, and how soon it acknowledges it (net/ipv4/tcp_input.c). */

import type { SkBuff } from '../../../host/segment.js';
import { after, before } from '../../../host/sequence.js';
import type { QueuedSegment } from '../../include/linux/tcp.js';
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
  sk_mem_reclaim,
  skb_set_owner_r,
  sock_rfree,
  tcp_fast_path_check,
  tcp_full_space,
  tcp_receive_window,
  tcp_space,
  truesize,
} from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { tcp_fin } from './tcp-input-child.js';
import { __tcp_select_window, tcp_send_ack } from './tcp-output.js';
import {
  acknowledgeAtOnce,
  learnDelay,
  looksFull,
  tcp_enter_quickack_mode,
  tcp_in_quickack_mode,
} from './tcp-quickack.js';

/** The third number of `net.ipv4.tcp_rmem` on a machine with enough memory. */
const MAX_RCVBUF = 6 * 1024 * 1024;
/** The receive buffer that 20 segments of 1460 bytes need for a window that can grow. */
const WANTED_RCVBUF = 4 * 2 * 20 * (1460 + 320 + 256 + 320);

/**
 * Guesses the peer's segment size from a data segment. One that isn't full is taken for the end of what the peer had to say. Unlike in
 * 2.6.32 the guess never exceeds the size that we announced.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_measure_rcv_mss
 */
export function tcp_measure_rcv_mss(_host: Machine, sk: sock, skb: SkBuff): void {
  const ack = sk.icsk_ack;
  const last = ack.last_seg_size;
  ack.last_seg_size = 0;
  if (skb.len >= ack.rcv_mss) {
    ack.rcv_mss = Math.min(skb.len, sk.advmss);
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
 * By how much the window may grow although a segment's memory is larger than its data. As in 2.6.32, with this kernel's
 * sizes.
 * @kernel 4.15.11 net/ipv4/tcp_input.c __tcp_grow_window
 */
function __tcp_grow_window(host: Machine, sk: sock, skb: SkBuff): number {
  const { tcp_win_from_space } = host.release;
  let size = tcp_win_from_space(host, sk, truesize(host, skb)) >> 1;
  let window = tcp_win_from_space(host, sk, MAX_RCVBUF) >> 1;
  while (sk.rcv_ssthresh <= window) {
    if (size <= skb.len) return 2 * sk.icsk_ack.rcv_mss;
    size >>= 1;
    window >>= 1;
  }
  return 0;
}

/** By how much the window may grow with a segment. */
export function growth(host: Machine, sk: sock, skb: SkBuff): number {
  const pays = host.release.tcp_win_from_space(host, sk, truesize(host, skb)) <= skb.len;
  return pays ? 2 * sk.advmss : __tcp_grow_window(host, sk, skb);
}

/**
 * Lets the window grow with the data that comes, unlike in 2.6.32 by at least twice its length.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_grow_window
 */
export function tcp_grow_window(host: Machine, sk: sock, skb: SkBuff): void {
  if (sk.rcv_ssthresh >= sk.window_clamp || sk.rcv_ssthresh >= tcp_space(host, sk)) return;
  const incr = growth(host, sk, skb);
  if (incr === 0) return;
  sk.rcv_ssthresh = Math.min(sk.rcv_ssthresh + Math.max(incr, 2 * skb.len), sk.window_clamp);
  sk.icsk_ack.quick |= 1;
}

/**
 * Enlarges the receive buffer once the handshake is complete, and fits the window's bounds to it.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_init_buffer_space
 */
export function tcp_init_buffer_space(host: Machine, sk: sock): void {
  sk.sk_rcvbuf = Math.max(sk.sk_rcvbuf, WANTED_RCVBUF);
  const maxwin = tcp_full_space(host, sk);
  if (sk.window_clamp >= maxwin) sk.window_clamp = maxwin;
  if (sk.window_clamp > 2 * sk.advmss && sk.window_clamp + sk.advmss > maxwin) {
    sk.window_clamp = Math.max(2 * sk.advmss, maxwin - sk.advmss);
  }
  sk.rcv_ssthresh = Math.min(sk.rcv_ssthresh, sk.window_clamp);
}

/**
 * Data came, which has to be acknowledged and may let the window grow. As in 2.6.32, with this kernel's guess and growth.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_event_data_recv
 */
export function tcp_event_data_recv(host: Machine, sk: sock, skb: SkBuff): void {
  if (learnFromData(host, sk, skb)) sk_mem_reclaim(sk);
}

/** What data teaches: the peer's segment size, how long an ACK should wait, how large the window may be. True after a long pause. */
export function learnFromData(host: Machine, sk: sock, skb: SkBuff): boolean {
  inet_csk_schedule_ack(sk);
  host.release.tcp_measure_rcv_mss(host, sk, skb);
  const paused = learnDelay(host, sk, host.release.tcp_incr_quickack);
  if (skb.len >= 128) host.release.tcp_grow_window(host, sk, skb);
  return paused;
}

/**
 * Appends a segment to the one that it follows, where its data fits behind that one's.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_try_coalesce
 */
function tcp_try_coalesce(host: Machine, to: QueuedSegment, from: QueuedSegment): boolean {
  const bytes = ((from.end_seq - from.seq) | 0) - (from.fin ? 1 : 0);
  if (from.seq !== to.end_seq || bytes > to.tailroom) return false;
  host.count('TCPRcvCoalesce');
  to.end_seq = from.end_seq;
  to.tailroom -= bytes;
  to.fin ||= from.fin;
  return true;
}

/**
 * Queues what came out of order and is in order now.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_ofo_queue
 */
export function tcp_ofo_queue(host: Machine, sk: sock): void {
  for (let queue = sk.out_of_order_queue; queue !== null; queue = sk.out_of_order_queue) {
    const segment = queue[0] as QueuedSegment;
    if (after(segment.seq, sk.rcv_nxt)) return;
    removeOutOfOrder(sk, queue, 0, 1);
    if (!after(segment.end_seq, sk.rcv_nxt)) {
      sock_rfree(host, sk, segment.truesize);
      continue;
    }
    const tail = sk.sk_receive_queue?.[sk.sk_receive_queue.length - 1];
    if (tail !== undefined && tcp_try_coalesce(host, tail, segment)) sock_rfree(host, sk, segment.truesize);
    else queueTail(sk, segment);
    sk.rcv_nxt = segment.end_seq;
    if (segment.fin) {
      tcp_fin(host, sk);
      return;
    }
  }
}

function removeOutOfOrder(sk: sock, queue: QueuedSegment[], at: number, count: number): void {
  queue.splice(at, count);
  if (queue.length === 0) sk.out_of_order_queue = null;
}

/**
 * Queues a segment, if need be as part of the one before.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_queue_rcv
 */
export function tcp_queue_rcv(host: Machine, sk: sock, segment: QueuedSegment): void {
  const tail = sk.sk_receive_queue?.[sk.sk_receive_queue.length - 1];
  const eaten = tail !== undefined && tcp_try_coalesce(host, tail, segment);
  sk.rcv_nxt = segment.end_seq;
  if (eaten) return;
  queueTail(sk, segment);
  skb_set_owner_r(sk, segment.truesize);
}

/** Queues a segment that begins at `rcv_nxt` or, if it was partly there already, before it. */
function queueInOrder(host: Machine, sk: sock, skb: SkBuff): void {
  const segment = queuedSegment(host, skb);
  host.release.sk_rmem_schedule(sk, segment.truesize);
  tcp_queue_rcv(host, sk, segment);
  if (skb.len !== 0) host.release.tcp_event_data_recv(host, sk, skb);
  if (skb.fin) tcp_fin(host, sk);
  if (sk.out_of_order_queue !== null) {
    tcp_ofo_queue(host, sk);
    if (sk.out_of_order_queue === null) sk.icsk_ack.pingpong = false;
  }
  tcp_fast_path_check(sk);
}

/** Data that comes again does not make this kernel look for another path to the peer. */
export function keepPath(_host: Machine, _skb: SkBuff): void {}

/**
 * Queues data and FIN. What the receive buffer can't hold is not modelled: the window ends before. As in 2.6.32 up to what came too
 * early; underneath, segments are coalesced.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_data_queue
 */
export function tcp_data_queue(host: Machine, sk: sock, skb: SkBuff): void {
  if (skb.seq === skb.end_seq) return;
  if (skb.seq === sk.rcv_nxt) {
    if (tcp_receive_window(sk) === 0) {
      host.rule('tcp_data_queue/zero-window');
      acknowledgeAtOnce(host, sk);
      return;
    }
    host.rule('tcp_data_queue/in-order');
    queueInOrder(host, sk, skb);
    return;
  }
  if (!after(skb.end_seq, sk.rcv_nxt)) {
    host.rule('tcp_data_queue/duplicate');
    host.count('DelayedACKLost');
    acknowledgeAtOnce(host, sk);
    return;
  }
  if (!before(skb.seq, sk.rcv_nxt + tcp_receive_window(sk))) {
    host.rule('tcp_data_queue/beyond-window');
    acknowledgeAtOnce(host, sk);
    return;
  }
  tcp_enter_quickack_mode(host, sk);
  if (before(skb.seq, sk.rcv_nxt)) {
    if (tcp_receive_window(sk) === 0) {
      host.rule('tcp_data_queue/zero-window');
      acknowledgeAtOnce(host, sk);
      return;
    }
    host.rule('tcp_data_queue/partly-duplicate');
    queueInOrder(host, sk, skb);
    return;
  }
  host.release.tcp_data_queue_ofo(host, sk, skb);
}

/**
 * Keeps a segment that came too early. Segments there may overlap, but none covers another.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_data_queue_ofo
 */
export function tcp_data_queue_ofo(host: Machine, sk: sock, skb: SkBuff): void {
  host.rule('tcp_data_queue_ofo/out-of-order');
  const segment = queuedSegment(host, skb);
  host.release.sk_rmem_schedule(sk, segment.truesize);
  sk.pred_flags = 0;
  inet_csk_schedule_ack(sk);
  host.count('TCPOFOQueue');
  const fate = insertOutOfOrder(host, sk, segment);
  if (fate !== 'covered') host.release.tcp_grow_window(host, sk, skb);
  if (fate === 'inserted') skb_set_owner_r(sk, segment.truesize);
}

/** Where a segment that came too early goes: into the queue, behind the data of another one, or nowhere as it brings nothing new. */
export function insertOutOfOrder(
  host: Machine,
  sk: sock,
  segment: QueuedSegment,
): 'inserted' | 'coalesced' | 'covered' {
  const queue = sk.out_of_order_queue;
  if (queue === null) {
    sk.out_of_order_queue = [segment];
    return 'inserted';
  }
  let at = queue.length;
  while (at > 0 && after((queue[at - 1] as QueuedSegment).seq, segment.seq)) at--;
  const previous = queue[at - 1];
  if (previous !== undefined) {
    if (tcp_try_coalesce(host, previous, segment)) return 'coalesced';
    if (before(segment.seq, previous.end_seq)) {
      if (!after(segment.end_seq, previous.end_seq)) {
        host.count('TCPOFOMerge');
        return 'covered';
      }
      if (segment.seq === previous.seq) at--;
    }
  }
  let covered = 0;
  for (let next = queue[at]; next !== undefined && !before(segment.end_seq, next.end_seq); next = queue[at + covered]) {
    host.count('TCPOFOMerge');
    sock_rfree(host, sk, next.truesize);
    covered++;
  }
  queue.splice(at, covered, segment);
  return 'inserted';
}

/** Takes a predicted segment straight to the reader. False where no memory is reserved for it yet, which is so for the first data. */
export function queuePredicted(host: Machine, sk: sock, skb: SkBuff): boolean {
  const segment = queuedSegment(host, skb);
  if (segment.truesize > sk.sk_forward_alloc) return false;
  host.rule('tcp_rcv_established/predicted-data');
  host.count('TCPHPHits');
  tcp_queue_rcv(host, sk, segment);
  host.release.tcp_event_data_recv(host, sk, skb);
  return true;
}

/**
 * Acknowledges now or later: now when more than a segment is unacknowledged, in quick mode, or when something is missing.
 * As in 2.6.32, with this kernel's window.
 * @kernel 4.15.11 net/ipv4/tcp_input.c __tcp_ack_snd_check
 */
export function __tcp_ack_snd_check(host: Machine, sk: sock, ofo_possible: boolean): void {
  const unacknowledged = (sk.rcv_nxt - sk.rcv_wup) | 0;
  if (
    (unacknowledged > sk.icsk_ack.rcv_mss && __tcp_select_window(host, sk) >= sk.rcv_wnd) ||
    tcp_in_quickack_mode(sk) ||
    (ofo_possible && sk.out_of_order_queue !== null)
  ) {
    host.rule('__tcp_ack_snd_check/now');
    tcp_send_ack(host, sk);
  } else {
    host.release.tcp_send_delayed_ack(host, sk);
  }
}

/**
 * Acknowledges, if there is something to acknowledge. As in 2.6.32, with this kernel's window.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_ack_snd_check
 */
export function tcp_ack_snd_check(host: Machine, sk: sock): void {
  if (inet_csk_ack_scheduled(sk)) host.release.__tcp_ack_snd_check(host, sk, true);
}
