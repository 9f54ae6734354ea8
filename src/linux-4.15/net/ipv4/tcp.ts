/** How a connection ends (net/ipv4/tcp.c). Nobody writes to a connection here, so none ends with a FIN of ours. */

import { tcp_need_reset, tcp_set_state, unreadBytes } from '../../../linux-2.6.32/net/ipv4/tcp.js';
import { inet_csk_delack_init } from '../../include/net/icsk-ack.js';
import { inet_csk_clear_xmit_timer } from '../../include/net/inet-connection-sock.js';
import { SHUTDOWN_MASK, type sock } from '../../include/net/sock.js';
import { TCP_CLOSE, TCP_LISTEN, TCP_SYN_RECV } from '../../include/net/tcp-states.js';
import { sock_rfree } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { reqsk_fastopen_remove } from '../core/request-sock.js';
import { inet_csk_destroy_sock, inet_csk_listen_stop } from './inet-connection-sock.js';
import { tcp_send_active_reset } from './tcp-output.js';

export { tcp_need_reset, tcp_set_state } from '../../../linux-2.6.32/net/ipv4/tcp.js';

/**
 * Closes a socket that no process has any more: a listener, or a connection with SO_LINGER of 0 seconds.
 * @kernel 4.15.11 net/ipv4/tcp.c tcp_close
 */
export function tcp_close(host: Machine, sk: sock): void {
  sk.sk_shutdown = SHUTDOWN_MASK;
  if (sk.sk_state === TCP_LISTEN) {
    tcp_set_state(host, sk, TCP_CLOSE);
    inet_csk_listen_stop(host, sk);
  } else {
    closeConnection(host, sk);
  }
  sk.dead = true;
  sk.sk_socket = undefined;
  if (sk.fastopen_rsk !== undefined) reqsk_fastopen_remove(host, sk, sk.fastopen_rsk, false);
  inet_csk_destroy_sock(host, sk);
}

/** A connection that was reset already is past caring. */
function closeConnection(host: Machine, sk: sock): void {
  for (const { truesize } of sk.sk_receive_queue ?? []) sock_rfree(host, sk, truesize);
  const unread = unreadBytes(sk);
  if (sk.sk_state === TCP_CLOSE) {
    host.rule('tcp_close/reset-already');
  } else if (unread !== 0) {
    host.rule('tcp_close/unread-data');
    host.count('TCPAbortOnClose');
    tcp_set_state(host, sk, TCP_CLOSE);
    tcp_send_active_reset(host, sk);
  } else if (sk.sk_lingertime_zero) {
    host.rule('tcp_close/linger-zero');
    host.release.tcp_disconnect(host, sk);
    host.count('TCPAbortOnData');
  }
}

/**
 * Takes a socket back to the state of a new one. A connection is reset, a listener loses its accept queue. The text is
 * that of 2.6.32, but none of the requests is dropped underneath.
 * @kernel 4.15.11 net/ipv4/tcp.c tcp_disconnect
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
  sk.srtt_us = 0;
  inet_csk_delack_init(sk);
  sk.tstamp_ok = false;
  sk.ts_recent_stamp = undefined;
}

/**
 * Stops a socket's timers.
 * @kernel 4.15.11 include/net/tcp.h tcp_clear_xmit_timers
 */
export function tcp_clear_xmit_timers(host: Machine, sk: sock): void {
  inet_csk_clear_xmit_timer(host, sk);
  sk.icsk_ack.pending = 0;
  if (sk.icsk_delack_timer !== undefined) host.timers.del_timer(host, sk.icsk_delack_timer);
}

/**
 * The end of a connection. One that waits in the accept queue keeps its place there; a Fast Open request is given up.
 * @kernel 4.15.11 net/ipv4/tcp.c tcp_done
 */
export function tcp_done(host: Machine, sk: sock): void {
  const req = sk.fastopen_rsk;
  if (sk.sk_state === TCP_SYN_RECV) host.count('AttemptFails');
  tcp_set_state(host, sk, TCP_CLOSE);
  tcp_clear_xmit_timers(host, sk);
  if (req !== undefined) reqsk_fastopen_remove(host, sk, req, false);
  sk.sk_shutdown = SHUTDOWN_MASK;
  if (sk.dead) inet_csk_destroy_sock(host, sk);
}

/**
 * TCP's part of a new socket: its receive buffer.
 * @kernel 4.15.11 net/ipv4/tcp.c tcp_init_sock
 */
export function tcp_init_sock(host: Machine, sk: sock): void {
  sk.sk_rcvbuf = host.release.tcp_rmem;
}
