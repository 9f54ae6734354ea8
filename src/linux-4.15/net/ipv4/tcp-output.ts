/** What a connection sends when nobody writes to it: acknowledgements and resets (net/ipv4/tcp_output.c). */

import { HZ } from '../../../host/clock.js';
import { lastRule, transmitHeader } from '../../../linux-2.6.32/net/ipv4/tcp-output.js';
import {
  ICSK_ACK_PUSHED,
  ICSK_ACK_SCHED,
  ICSK_ACK_TIMER,
  TCP_DELACK_MAX,
  TCP_DELACK_MIN,
} from '../../include/net/icsk-ack.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_CLOSE } from '../../include/net/tcp-states.js';
import { tcp_full_space, tcp_receive_window, tcp_space } from '../../include/net/tcp-window.js';
import { timer_setup } from '../../kernel/time/timer.js';
import type { Machine } from '../../machine.js';
import { tcp_delack_timer } from './tcp-delack-timer.js';

/**
 * Advertises a window, which never takes back what was offered before. As in 2.6.32, but counted where it closes, or would if it could, and where it opens
 * again: nobody reads, but what a connection has received is freed when it is closed.
 * @kernel 4.15.11 net/ipv4/tcp_output.c tcp_select_window
 */
export function tcp_select_window(host: Machine, sk: sock): void {
  const old_win = sk.rcv_wnd;
  const cur_win = tcp_receive_window(sk);
  const new_win = __tcp_select_window(host, sk);
  if (new_win === 0 && cur_win !== 0) {
    host.rule('tcp_select_window/wants-to-close');
    host.count('TCPWantZeroWindowAdv');
  }
  sk.rcv_wnd = Math.max(new_win, cur_win);
  sk.rcv_wup = sk.rcv_nxt;
  if (sk.rcv_wnd !== 0) {
    if (old_win === 0) host.count('TCPFromZeroWindowAdv');
    return;
  }
  sk.pred_flags = 0;
  if (old_win !== 0) {
    host.rule('tcp_select_window/closed');
    host.count('TCPToZeroWindowAdv');
  }
}

/**
 * The window that memory allows, in whole segments where that is worth a change. Unlike 2.6.32 it closes the window already at a
 * sixteenth of the buffer.
 * @kernel 4.15.11 net/ipv4/tcp_output.c __tcp_select_window
 */
export function __tcp_select_window(host: Machine, sk: sock): number {
  const allowed_space = tcp_full_space(host, sk);
  const full_space = Math.min(sk.window_clamp, allowed_space);
  const mss = Math.min(sk.icsk_ack.rcv_mss, full_space);
  if (mss <= 0) return 0;
  let free_space = tcp_space(host, sk);
  if (free_space < full_space >> 1) {
    sk.icsk_ack.quick = 0;
    if (free_space < allowed_space >> 4 || free_space < mss) return 0;
  }
  if (free_space > sk.rcv_ssthresh) free_space = sk.rcv_ssthresh;
  const window = sk.rcv_wnd;
  if (window <= free_space - mss || window > free_space) return Math.floor(free_space / mss) * mss;
  if (mss === full_space && free_space > window + (full_space >> 1)) return free_space;
  return window;
}

/**
 * `tcp_transmit_skb` of a segment without data: it carries the newest acknowledgement, so none is pending any more. As in 2.6.32,
 * with this kernel's window.
 */
function tcp_transmit_skb(host: Machine, sk: sock, rst: boolean, cause: string): void {
  const rule = lastRule(host) ?? cause;
  tcp_select_window(host, sk);
  host.release.tcp_dec_quickack_mode(sk, 1);
  transmitHeader(host, sk, rst, rule);
}

/**
 * Resets a connection of our own accord. As in 2.6.32, but counted before the window is chosen.
 * @kernel 4.15.11 net/ipv4/tcp_output.c tcp_send_active_reset
 */
export function tcp_send_active_reset(host: Machine, sk: sock): void {
  host.count('OutRsts');
  tcp_transmit_skb(host, sk, true, 'tcp_send_active_reset');
}

/**
 * Makes sure that an ACK is sent in a while: now, if a delayed one is nearly due. As in 2.6.32, but the round-trip time is in µs.
 * @kernel 4.15.11 net/ipv4/tcp_output.c tcp_send_delayed_ack
 */
export function tcp_send_delayed_ack(host: Machine, sk: sock): void {
  sendAckIn(host, sk, boundedDelay(host, sk));
}

/** For how long an ACK should wait: as long as the peer's rhythm says, within a bound, which is the round-trip time where that is known; µs. */
export function boundedDelay(host: Machine, sk: sock): number {
  const { ato, pingpong, pending } = sk.icsk_ack;
  if (ato <= TCP_DELACK_MIN) return ato;
  const max_ato = pingpong || (pending & ICSK_ACK_PUSHED) !== 0 ? TCP_DELACK_MAX : HZ / 2;
  if (sk.srtt_us === 0) return Math.min(ato, max_ato);
  return Math.min(ato, max_ato, Math.max(host.clock.wholeJiffies(sk.srtt_us >>> 3), TCP_DELACK_MIN));
}

/** Sends an ACK in `ato` µs, or when an earlier one said, or now, if a delayed one is nearly due. */
export function sendAckIn(host: Machine, sk: sock, ato: number): void {
  const ack = sk.icsk_ack;
  const { tick } = host.clock;
  let timeout = host.now + ato;
  if ((ack.pending & ICSK_ACK_TIMER) !== 0) {
    if (host.time_after_eq(host.now + Math.floor(ato / 4 / tick) * tick, ack.timeout)) {
      host.rule('tcp_send_delayed_ack/nearly-due');
      tcp_send_ack(host, sk);
      return;
    }
    if (host.time_after_eq(timeout, ack.timeout)) timeout = ack.timeout;
  }
  host.rule('tcp_send_delayed_ack/later');
  ack.pending |= ICSK_ACK_SCHED | ICSK_ACK_TIMER;
  ack.timeout = timeout;
  sk.icsk_delack_timer ??= timer_setup(tcp_delack_timer, sk, 0);
  host.timers.mod_timer(host, sk.icsk_delack_timer, timeout);
}

/**
 * Sends an ACK, unless the connection was reset. As in 2.6.32, with this kernel's window.
 * @kernel 4.15.11 net/ipv4/tcp_output.c tcp_send_ack
 */
export function tcp_send_ack(host: Machine, sk: sock): void {
  if (sk.sk_state === TCP_CLOSE) return;
  tcp_transmit_skb(host, sk, false, 'tcp_send_ack');
}
