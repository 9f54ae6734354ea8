/** A socket: listener or child. One flat object for what the C casts between sock, inet_connection_sock and tcp_sock. */

import type { Instant } from '../../../host/clock.js';
import type { sock_base } from '../../../linux-2.6.32/include/net/sock.js';
import type { timer_list } from '../../kernel/time/timer.js';
import type { tcp_sock } from '../linux/tcp.js';
import type { request_sock, request_sock_queue } from './request-sock.js';

export { RCV_SHUTDOWN, SHUTDOWN_MASK, sk_acceptq_is_full } from '../../../linux-2.6.32/include/net/sock.js';

/** `struct sock` and `struct inet_connection_sock`. */
export interface sock extends sock_base, tcp_sock {
  /** Segments dropped at this socket. */
  sk_drops: number;
  /** The next in this peer's chain of the established hash. */
  hash_next: sock | request_sock | undefined;
  hashed: boolean;

  icsk_accept_queue: request_sock_queue;
  icsk_retransmits: number;
  /** The longest timeout, µs: TCP_RTO_MAX, which in 7.2 can be set. */
  icsk_rto_max: number;
  /** ICSK_TIME_RETRANS while the retransmission timer means something; 0 otherwise. */
  icsk_pending: number;
  /** When the retransmission timer is due. */
  icsk_timeout: Instant;
  /** Made when first armed. */
  icsk_retransmit_timer: timer_list | undefined;
  /** The request of a Fast Open child whose handshake is not finished. */
  fastopen_rsk: request_sock | undefined;
}

/**
 * Counts a child out of the accept queue.
 * @kernel 4.15.11 include/net/sock.h sk_acceptq_removed
 */
export function sk_acceptq_removed(sk: sock): void {
  sk.sk_ack_backlog = (sk.sk_ack_backlog - 1) >>> 0;
}

/**
 * Counts a child into the accept queue.
 * @kernel 4.15.11 include/net/sock.h sk_acceptq_added
 */
export function sk_acceptq_added(sk: sock): void {
  sk.sk_ack_backlog = (sk.sk_ack_backlog + 1) >>> 0;
}
