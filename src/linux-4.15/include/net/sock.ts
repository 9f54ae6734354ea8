/** A socket: listener or child. One flat object for what the C casts between sock, inet_connection_sock and tcp_sock. */

import type { Instant } from '../../../host/clock.js';
import type { timer_list } from '../../kernel/time/timer.js';
import type { socket } from '../linux/net.js';
import type { tcp_sock } from '../linux/tcp.js';
import type { request_sock, request_sock_queue } from './request-sock.js';
import type { TcpState } from './tcp-states.js';

/** Bit of `sk_shutdown`: nothing more is received. */
export const RCV_SHUTDOWN = 1;
export const SHUTDOWN_MASK = 3;

/** `struct sock` and `struct inet_connection_sock`. */
export interface sock extends tcp_sock {
  /** The other end; -1 for the listener. */
  peer: number;
  sk_state: TcpState;
  /** RCV_SHUTDOWN and SEND_SHUTDOWN. */
  sk_shutdown: number;
  /** Children that wait to be accepted. 32 bits. */
  sk_ack_backlog: number;
  /** The limit that `listen` set. 32 bits. */
  sk_max_ack_backlog: number;
  /** Segments dropped at this socket. */
  sk_drops: number;
  /** SOCK_DEAD: no process has it. */
  dead: boolean;
  /** The process's end; undefined for a child that nobody has accepted yet. */
  sk_socket: socket | undefined;
  /** SO_LINGER is on with 0 seconds. */
  sk_lingertime_zero: boolean;
  /** The next in this peer's chain of the established hash. */
  hash_next: sock | request_sock | undefined;
  hashed: boolean;

  icsk_accept_queue: request_sock_queue;
  /** TCP_SYNCNT; 0: the sysctl decides. */
  icsk_syn_retries: number;
  icsk_retransmits: number;
  /** ICSK_TIME_RETRANS while the retransmission timer means something; 0 otherwise. */
  icsk_pending: number;
  /** When the retransmission timer is due. */
  icsk_timeout: Instant;
  /** Made when first armed. */
  icsk_retransmit_timer: timer_list | undefined;
  /** The request of a Fast Open child whose handshake is not finished. */
  fastopen_rsk: request_sock | undefined;
  /**
   * `rx_opt.ts_recent_stamp` of a listener: when it last sent a SYN cookie, to the second. C starts it at 0, which lies far in the
   * past by the time that anything listens; here that is undefined.
   */
  ts_recent_stamp: Instant | undefined;
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

/**
 * Whether the accept queue takes no more: it holds one more than its limit. Both are unsigned and of 32 bits.
 * @kernel 4.15.11 include/net/sock.h sk_acceptq_is_full
 */
export function sk_acceptq_is_full(sk: sock): boolean {
  return sk.sk_ack_backlog > sk.sk_max_ack_backlog;
}
