/** What a connection sends when nobody writes to it: acknowledgements and resets (net/ipv4/tcp_output.c). */

import { HZ } from '../../../host/clock.js';
import type { Host } from '../../../host/host.js';
import { ICSK_ACK_PUSHED, ICSK_ACK_SCHED, ICSK_ACK_TIMER, tcp_dec_quickack_mode } from '../../include/net/icsk-ack.js';
import type { sock, sock_base } from '../../include/net/sock.js';
import { TCP_DELACK_MAX, TCP_DELACK_MIN } from '../../include/net/tcp.js';
import { TCP_CLOSE } from '../../include/net/tcp-states.js';
import { tcp_full_space, tcp_receive_window, tcp_space } from '../../include/net/tcp-window.js';
import { setup_timer } from '../../kernel/timer.js';
import type { Machine } from '../../machine.js';
import { tcp_delack_timer } from './tcp-delack-timer.js';

/**
 * Advertises a window, which never takes back what was offered before.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_output.c tcp_select_window
 */
export function tcp_select_window(sk: sock): void {
  const current = tcp_receive_window(sk);
  const window = __tcp_select_window(sk);
  sk.rcv_wnd = Math.max(window, current);
  sk.rcv_wup = sk.rcv_nxt;
  if (sk.rcv_wnd === 0) sk.pred_flags = 0;
}

/**
 * The window that memory allows, in whole segments where that is worth a change.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_output.c __tcp_select_window
 */
export function __tcp_select_window(sk: sock): number {
  const full_space = Math.min(sk.window_clamp, tcp_full_space(sk));
  const mss = Math.min(sk.icsk_ack.rcv_mss, full_space);
  let free_space = tcp_space(sk);
  if (free_space < full_space >> 1) {
    sk.icsk_ack.quick = 0;
    if (free_space < mss) return 0;
  }
  if (free_space > sk.rcv_ssthresh) free_space = sk.rcv_ssthresh;
  const window = sk.rcv_wnd;
  if (window <= free_space - mss || window > free_space) return Math.floor(free_space / mss) * mss;
  if (mss === full_space && free_space > window + (full_space >> 1)) return free_space;
  return window;
}

/** `tcp_transmit_skb` of a segment without data: it carries the newest acknowledgement, so none is pending any more. */
function tcp_transmit_skb(host: Machine, sk: sock, rst: boolean, cause: string): void {
  const rule = lastRule(host) ?? cause;
  tcp_select_window(sk);
  tcp_dec_quickack_mode(sk, 1);
  transmitHeader(host, sk, rst, rule);
}

/** What decided last, which is why something is sent. */
export function lastRule(host: Host): string | undefined {
  return host.fired[host.fired.length - 1];
}

/** What is left of `tcp_transmit_skb` once there is a window to advertise and a quick ACK is used up. `rule` sends it. */
export function transmitHeader(host: Host, sk: sock_base, rst: boolean, rule: string): void {
  sk.icsk_ack.pending = 0;
  host.count('OutSegs');
  host.transmit({
    peer: sk.peer,
    syn: false,
    ack: true,
    rst,
    fin: false,
    psh: false,
    seq: sk.snd_nxt,
    ack_seq: sk.rcv_nxt,
    len: 0,
    rule,
  });
}

/**
 * Resets a connection of our own accord.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_output.c tcp_send_active_reset
 */
export function tcp_send_active_reset(host: Machine, sk: sock): void {
  tcp_transmit_skb(host, sk, true, 'tcp_send_active_reset');
  host.count('OutRsts');
}

/**
 * Makes sure that an ACK is sent in a while: now, if a delayed one is nearly due.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_output.c tcp_send_delayed_ack
 */
export function tcp_send_delayed_ack(host: Machine, sk: sock): void {
  const ack = sk.icsk_ack;
  const { tick } = host.clock;
  let ato = ack.ato;
  if (ato > TCP_DELACK_MIN) {
    let max_ato = ack.pingpong || (ack.pending & ICSK_ACK_PUSHED) !== 0 ? TCP_DELACK_MAX : HZ / 2;
    if (sk.srtt !== 0) max_ato = Math.min(max_ato, Math.max((sk.srtt >> 3) * tick, TCP_DELACK_MIN));
    ato = Math.min(ato, max_ato);
  }
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
  sk.icsk_delack_timer ??= setup_timer(tcp_delack_timer, sk);
  host.timers.mod_timer(host, sk.icsk_delack_timer, timeout);
}

/**
 * Sends an ACK, unless the connection was reset.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_output.c tcp_send_ack
 */
export function tcp_send_ack(host: Machine, sk: sock): void {
  if (sk.sk_state === TCP_CLOSE) return;
  tcp_transmit_skb(host, sk, false, 'tcp_send_ack');
}
