/** The state of a socket's delayed acknowledgement (include/net/inet_connection_sock.h and the ACK part of include/net/tcp.h). */

import type { icsk_ack, tcp_sock_base } from '../linux/tcp.js';
import { TCP_ATO_MIN } from './tcp.js';

/** Bit of `icsk_ack.pending`: something has to be acknowledged. */
export const ICSK_ACK_SCHED = 1;
/** Bit of `icsk_ack.pending`: the delayed ACK's timer means something. */
export const ICSK_ACK_TIMER = 2;
/** Bit of `icsk_ack.pending`: a segment came that was not full. */
export const ICSK_ACK_PUSHED = 4;
/** Bit of `icsk_ack.pending`: another one came. */
export const ICSK_ACK_PUSHED2 = 8;

/** How many ACKs in a row may be sent without delay. */
export const TCP_MAX_QUICKACKS = 16;

/**
 * Notes that there is something to acknowledge.
 * @kernel 2.6.32-220.el6 include/net/inet_connection_sock.h inet_csk_schedule_ack
 */
export function inet_csk_schedule_ack(sk: tcp_sock_base): void {
  sk.icsk_ack.pending |= ICSK_ACK_SCHED;
}

/**
 * Whether there is something to acknowledge.
 * @kernel 2.6.32-220.el6 include/net/inet_connection_sock.h inet_csk_ack_scheduled
 */
export function inet_csk_ack_scheduled(sk: tcp_sock_base): boolean {
  return (sk.icsk_ack.pending & ICSK_ACK_SCHED) !== 0;
}

/**
 * Forgets everything about acknowledgements.
 * @kernel 2.6.32-220.el6 include/net/inet_connection_sock.h inet_csk_delack_init
 */
export function inet_csk_delack_init(sk: tcp_sock_base): void {
  sk.icsk_ack = nothingToAcknowledge();
}

/** What a new socket has. */
export function nothingToAcknowledge(): icsk_ack {
  return { pending: 0, quick: 0, pingpong: false, ato: 0, timeout: 0, lrcvtime: 0, last_seg_size: 0, rcv_mss: 0 };
}

/**
 * Uses up one of the ACKs that are sent without delay; with the last, the delay is the shortest again.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_dec_quickack_mode
 */
export function tcp_dec_quickack_mode(sk: tcp_sock_base, pkts: number): void {
  const ack = sk.icsk_ack;
  if (ack.quick === 0) return;
  if (pkts >= ack.quick) {
    ack.quick = 0;
    ack.ato = TCP_ATO_MIN;
  } else {
    ack.quick -= pkts;
  }
}
