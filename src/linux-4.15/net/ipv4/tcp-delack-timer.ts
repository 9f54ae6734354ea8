/** The timer of delayed acknowledgements (net/ipv4/tcp_timer.c). */

import { ICSK_ACK_TIMER, inet_csk_ack_scheduled, TCP_ATO_MIN } from '../../include/net/icsk-ack.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_CLOSE, TCP_LISTEN } from '../../include/net/tcp-states.js';
import { sk_mem_reclaim_partial } from '../../include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { tcp_send_ack } from './tcp-output.js';

/**
 * Sends the ACK that is due. An ACK that is sent earlier does not stop the timer, so it may also run out in vain. Unlike in
 * 2.6.32 not from a listener.
 * @kernel 4.15.11 net/ipv4/tcp_timer.c tcp_delack_timer_handler
 */
export function tcp_delack_timer_handler(host: Machine, sk: sock): void {
  sk_mem_reclaim_partial(sk);
  sendDueAck(host, sk);
}

/** Sends the ACK that is due, or puts the timer off. */
export function sendDueAck(host: Machine, sk: sock): void {
  const ack = sk.icsk_ack;
  if (sk.sk_state === TCP_CLOSE || sk.sk_state === TCP_LISTEN || (ack.pending & ICSK_ACK_TIMER) === 0) return;
  if (host.time_after(ack.timeout, host.now)) {
    if (sk.icsk_delack_timer !== undefined) host.timers.mod_timer(host, sk.icsk_delack_timer, ack.timeout);
    return;
  }
  ack.pending &= ~ICSK_ACK_TIMER;
  if (!inet_csk_ack_scheduled(sk)) return;
  host.rule('tcp_delack_timer_handler/send');
  if (!ack.pingpong) {
    ack.ato = Math.min(ack.ato * 2, sk.icsk_rto);
  } else {
    ack.pingpong = false;
    ack.ato = TCP_ATO_MIN;
  }
  tcp_send_ack(host, sk);
  host.count('DelayedACKs');
}

/**
 * The timer itself. No process ever holds the socket when it fires.
 * @kernel 4.15.11 net/ipv4/tcp_timer.c tcp_delack_timer
 */
export function tcp_delack_timer(host: Machine, sk: sock): void {
  host.release.tcp_delack_timer_handler(host, sk);
}
