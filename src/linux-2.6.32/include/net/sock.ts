/**
 * A TCP socket. The C casts between sock, inet_connection_sock and tcp_sock, which begin with one another, so here a socket
 * is one flat object with the fields of all of them.
 */

import type { Instant } from '../../../host/clock.js';
import type { timer_list } from '../../kernel/timer.js';
import type { socket } from '../linux/net.js';
import type { tcp_sock, tcp_sock_base } from '../linux/tcp.js';
import type { request_sock_queue } from './request-sock.js';
import type { TcpState } from './tcp-states.js';

/** Bits of {@link sock.sk_shutdown}. */
export const RCV_SHUTDOWN = 1;
export const SHUTDOWN_MASK = 3;

/** What a socket has in every kernel. */
export interface sock_base extends tcp_sock_base {
  sk_state: TcpState;
  /** Connections in the accept queue. In 2.6.32 it has 16 bits, in 4.15 it has 32. */
  sk_ack_backlog: number;
  /** The accept queue's limit. In 2.6.32 it has 16 bits, so that 65536 becomes 0; in 4.15 it has 32. */
  sk_max_ack_backlog: number;
  /** RCV_SHUTDOWN and SEND_SHUTDOWN. */
  sk_shutdown: number;
  /** The process's end; undefined for a child that nobody has accepted yet. */
  sk_socket: socket | undefined;
  /** The flag SOCK_DEAD: no process has the socket any more. */
  dead: boolean;
  /** SO_LINGER is on with a time of 0. */
  sk_lingertime_zero: boolean;
  /** The peer that it is connected to; -1: none. */
  peer: number;
  /** `TCP_SYNCNT`; 0: the sysctl decides. 8 bits. */
  icsk_syn_retries: number;
  /**
   * `rx_opt.ts_recent_stamp` of a listener: when it last noted that it sent a SYN cookie. C starts it at 0, which lies far in the past
   * by the time that anything listens; here that is undefined.
   */
  ts_recent_stamp: Instant | undefined;
}

/** `struct sock`, `struct inet_connection_sock` and `struct tcp_sock` in one. */
export interface sock extends sock_base, tcp_sock {
  /** The port is bound (`icsk_bind_hash`). */
  bound: boolean;
  /** The listener's queues. A child's is one that nothing may use. */
  icsk_accept_queue: request_sock_queue;
  /** The keepalive timer, which a listener uses for its SYN queue. A child has none, as nothing here would start it. */
  sk_timer: timer_list | undefined;
}

/**
 * One connection leaves the accept queue.
 * @kernel 2.6.32-220.el6 include/net/sock.h sk_acceptq_removed
 */
export function sk_acceptq_removed(sk: sock): void {
  sk.sk_ack_backlog = (sk.sk_ack_backlog - 1) & 0xffff;
}

/**
 * One connection enters the accept queue.
 * @kernel 2.6.32-220.el6 include/net/sock.h sk_acceptq_added
 */
export function sk_acceptq_added(sk: sock): void {
  sk.sk_ack_backlog = (sk.sk_ack_backlog + 1) & 0xffff;
}

/**
 * True when the accept queue holds more than its limit, which lets it grow to backlog + 1. Both numbers are unsigned.
 * @kernel 2.6.32-220.el6 include/net/sock.h sk_acceptq_is_full
 */
export function sk_acceptq_is_full(sk: sock_base): boolean {
  return sk.sk_ack_backlog > sk.sk_max_ack_backlog;
}
