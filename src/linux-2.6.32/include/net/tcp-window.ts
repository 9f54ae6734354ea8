/** The receive window, and what memory has to do with it (the window part of include/net/tcp.h). */

import type { SkBuff } from '../../../host/segment.js';
import { after, before, type SequenceNumber } from '../../../host/sequence.js';
import type { QueuedSegment, tcp_sock_base } from '../linux/tcp.js';

export const TCP_MIN_MSS = 88;
export const TCP_MIN_RCVMSS = 536;
/** Bytes of a timestamp option with its padding. */
export const TCPOLEN_TSTAMP_ALIGNED = 12;

const SK_MEM_QUANTUM = 4096;
const SIZEOF_SK_BUFF = 232;
const CACHE_LINE = 64;
const IP_HEADER = 20;

/** Length of a segment's TCP header, bytes. */
export function headerLength(skb: SkBuff): number {
  return skb.saw_tstamp ? 20 + TCPOLEN_TSTAMP_ALIGNED : 20;
}

/** What a segment takes of the receive buffer, as the TUN driver allocates it: bytes. */
export function truesize(skb: SkBuff): number {
  return Math.ceil((IP_HEADER + headerLength(skb) + skb.len) / CACHE_LINE) * CACHE_LINE + SIZEOF_SK_BUFF;
}

/** What is kept of a segment in a receive queue. */
export function queuedSegment(skb: SkBuff, size: number): QueuedSegment {
  return { seq: skb.seq, end_seq: skb.end_seq, fin: skb.fin, truesize: size, tailroom: 0 };
}

/**
 * What is left of the window that was last advertised.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_receive_window
 */
export function tcp_receive_window(sk: tcp_sock_base): number {
  const win = (sk.rcv_wup + sk.rcv_wnd - sk.rcv_nxt) | 0;
  return Math.max(win, 0);
}

/**
 * True when a segment overlaps the window. Its left edge is `rcv_wup`: the peer may not know of what came since.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_sequence
 */
export function tcp_sequence(sk: tcp_sock_base, seq: SequenceNumber, end_seq: SequenceNumber): boolean {
  return !before(end_seq, sk.rcv_wup) && !after(seq, sk.rcv_nxt + tcp_receive_window(sk));
}

/**
 * How much window `space` bytes of memory are good for: three quarters, by `tcp_adv_win_scale`.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_win_from_space
 */
export function tcp_win_from_space(space: number): number {
  return space - (space >> 2);
}

/**
 * Window for what is left of the receive buffer.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_space
 */
export function tcp_space(sk: tcp_sock_base): number {
  return tcp_win_from_space(sk.sk_rcvbuf - sk.sk_rmem_alloc);
}

/**
 * Window for the whole receive buffer.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_full_space
 */
export function tcp_full_space(sk: tcp_sock_base): number {
  return tcp_win_from_space(sk.sk_rcvbuf);
}

/**
 * Header prediction may begin.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_fast_path_on
 */
export function tcp_fast_path_on(sk: tcp_sock_base): void {
  sk.pred_flags = sk.tcp_header_len;
}

/**
 * Header prediction may begin again if nothing is missing.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_fast_path_check
 */
export function tcp_fast_path_check(sk: tcp_sock_base): void {
  if (sk.out_of_order_queue === null && sk.rcv_wnd !== 0 && sk.sk_rmem_alloc < sk.sk_rcvbuf) tcp_fast_path_on(sk);
}

/**
 * Reserves memory for a segment, in whole pages. That there is always some is an assumption.
 * @kernel 2.6.32-220.el6 include/net/sock.h sk_rmem_schedule
 */
export function sk_rmem_schedule(sk: tcp_sock_base, size: number): void {
  if (size > sk.sk_forward_alloc) sk.sk_forward_alloc += Math.ceil(size / SK_MEM_QUANTUM) * SK_MEM_QUANTUM;
}

/**
 * Charges a segment to the receive buffer.
 * @kernel 2.6.32-220.el6 include/net/sock.h skb_set_owner_r
 */
export function skb_set_owner_r(sk: tcp_sock_base, size: number): void {
  sk.sk_rmem_alloc += size;
  sk.sk_forward_alloc -= size;
}

/** `__skb_queue_tail` on the receive queue. */
export function queueTail(sk: tcp_sock_base, segment: QueuedSegment): void {
  if (sk.sk_receive_queue === null) sk.sk_receive_queue = [segment];
  else sk.sk_receive_queue.push(segment);
}

/** The prediction: an ACK with nothing unusual in its header, in order, for nothing that was not sent. */
export function isPredicted(sk: tcp_sock_base, skb: SkBuff): boolean {
  return (
    headerLength(skb) === sk.pred_flags &&
    skb.ack &&
    !skb.syn &&
    !skb.fin &&
    !skb.rst &&
    skb.seq === sk.rcv_nxt &&
    !after(skb.ack_seq, sk.snd_nxt)
  );
}
