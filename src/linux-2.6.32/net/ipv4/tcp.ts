/** How a connection ends (net/ipv4/tcp.c). Nobody writes to a connection here, so none ends with a FIN of ours. */

import { inet_csk_delack_init } from '../../include/net/icsk-ack.js';
import { SHUTDOWN_MASK, type sock, type sock_base } from '../../include/net/sock.js';
import {
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_LISTEN,
  TCP_SYN_RECV,
  type TcpState,
} from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';
import type { MachineBase } from '../../machine-base.js';
import { inet_csk_destroy_sock, inet_csk_listen_stop } from './inet-connection-sock.js';
import { tcp_send_active_reset } from './tcp-output.js';

/**
 * Changes a socket's state. A connection that closes without a FIN from both sides counts as reset.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp.c tcp_set_state
 */
export function tcp_set_state(host: MachineBase, sk: sock_base, state: TcpState): void {
  const old = sk.sk_state;
  if (state === TCP_CLOSE) {
    if (old === TCP_CLOSE_WAIT || old === TCP_ESTABLISHED) host.count('EstabResets');
    host.inetsw.prot.unhash(host, sk);
  }
  sk.sk_state = state;
}

/**
 * Closes a socket that no process has any more: a listener, or a connection with SO_LINGER of 0 seconds.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp.c tcp_close
 */
export function tcp_close(host: Machine, sk: sock): void {
  sk.sk_shutdown = SHUTDOWN_MASK;
  if (sk.sk_state === TCP_LISTEN) {
    tcp_set_state(host, sk, TCP_CLOSE);
    inet_csk_listen_stop(host, sk);
  } else if (unreadBytes(sk) !== 0) {
    host.rule(sk.sk_state === TCP_CLOSE ? 'tcp_close/unread-data-after-reset' : 'tcp_close/unread-data');
    host.count('TCPAbortOnClose');
    tcp_set_state(host, sk, TCP_CLOSE);
    tcp_send_active_reset(host, sk);
  } else if (sk.sk_lingertime_zero) {
    host.rule(sk.sk_state === TCP_CLOSE ? 'tcp_close/linger-zero-after-reset' : 'tcp_close/linger-zero');
    tcp_disconnect(host, sk);
    host.count('TCPAbortOnData');
  }
  sk.dead = true;
  sk.sk_socket = undefined;
  inet_csk_destroy_sock(host, sk);
}

/** Empties the receive queue; how many bytes were in it. */
export function unreadBytes(sk: sock_base): number {
  let bytes = 0;
  for (const { seq, end_seq, fin } of sk.sk_receive_queue ?? []) bytes += ((end_seq - seq) | 0) - (fin ? 1 : 0);
  sk.sk_receive_queue = null;
  return bytes;
}

/**
 * States in which the peer has to be told by a reset that the connection is gone.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp.c tcp_need_reset
 */
export function tcp_need_reset(state: TcpState): boolean {
  return state === TCP_ESTABLISHED || state === TCP_CLOSE_WAIT || state === TCP_SYN_RECV;
}

/**
 * Takes a socket back to the state of a new one. A connection is reset, a listener loses its queues.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp.c tcp_disconnect
 */
export function tcp_disconnect(host: Machine, sk: sock): void {
  const old = sk.sk_state;
  if (old !== TCP_CLOSE) tcp_set_state(host, sk, TCP_CLOSE);
  if (old === TCP_LISTEN) {
    inet_csk_listen_stop(host, sk);
  } else if (tcp_need_reset(old)) {
    host.rule('tcp_disconnect/reset');
    tcp_send_active_reset(host, sk);
  }
  tcp_clear_xmit_timers(host, sk);
  sk.sk_receive_queue = null;
  sk.out_of_order_queue = null;
  sk.sk_shutdown = 0;
  sk.srtt = 0;
  inet_csk_delack_init(sk);
  sk.tstamp_ok = false;
  sk.ts_recent_stamp = undefined;
}

/**
 * Stops a socket's timers.
 * @kernel 2.6.32-220.el6 include/net/tcp.h tcp_clear_xmit_timers
 */
export function tcp_clear_xmit_timers(host: Machine, sk: sock): void {
  sk.icsk_ack.pending = 0;
  if (sk.icsk_delack_timer !== undefined) host.timers.del_timer(host, sk.icsk_delack_timer);
  if (sk.sk_timer !== undefined) host.timers.del_timer(host, sk.sk_timer);
}

/**
 * The end of a connection. One that waits in the accept queue keeps its place there.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp.c tcp_done
 */
export function tcp_done(host: Machine, sk: sock): void {
  if (sk.sk_state === TCP_SYN_RECV) host.count('AttemptFails');
  tcp_set_state(host, sk, TCP_CLOSE);
  tcp_clear_xmit_timers(host, sk);
  sk.sk_shutdown = SHUTDOWN_MASK;
  if (sk.dead) inet_csk_destroy_sock(host, sk);
}
