/** How many ACKs go out without delay (net/ipv4/tcp_input.c and include/net/tcp.h). */

import type { tcp_sock_base } from '../../../linux-2.6.32/include/linux/tcp.js';
import { inet_csk_ack_scheduled, TCP_ATO_MIN, TCP_MAX_QUICKACKS } from '../../../linux-4.15/include/net/icsk-ack.js';

/**
 * Allows as many ACKs without delay as the window has pairs of segments. As in 4.15, but never takes back one that is allowed already.
 * @kernel 5.10.262 net/ipv4/tcp_input.c tcp_incr_quickack
 */
export function tcp_incr_quickack(sk: tcp_sock_base): void {
  const quickacks = Math.floor(sk.rcv_wnd / (2 * sk.icsk_ack.rcv_mss)) || 2;
  sk.icsk_ack.quick = Math.max(sk.icsk_ack.quick, Math.min(quickacks, TCP_MAX_QUICKACKS));
}

/**
 * Uses up one of the ACKs that are sent without delay. As in 4.15, but only for an ACK of something new.
 * @kernel 5.10.262 include/net/tcp.h tcp_dec_quickack_mode
 */
export function tcp_dec_quickack_mode(sk: tcp_sock_base): void {
  const ack = sk.icsk_ack;
  if (ack.quick === 0 || !inet_csk_ack_scheduled(sk)) return;
  ack.quick--;
  if (ack.quick === 0) ack.ato = TCP_ATO_MIN;
}
