/** How many ACKs go out without delay, and the guess at the peer's segment size on which that hangs (net/ipv4/tcp_input.c). */

import type { Host } from '../../../host/host.js';
import type { SkBuff } from '../../../host/segment.js';
import type { tcp_sock_base } from '../../include/linux/tcp.js';
import { TCP_MAX_QUICKACKS } from '../../include/net/icsk-ack.js';
import { TCP_ATO_MIN } from '../../include/net/tcp.js';
import { headerLength, TCP_MIN_MSS, TCP_MIN_RCVMSS } from '../../include/net/tcp-window.js';

const TCP_HEADER = 20;

/** A segment that may be as large as the peer can send: not small, or not so small and without PSH or FIN. */
export function looksFull(skb: SkBuff): boolean {
  const size = skb.len + headerLength(skb);
  return size >= TCP_MIN_RCVMSS + TCP_HEADER || (size >= TCP_MIN_MSS + TCP_HEADER && !skb.fin && !skb.syn && !skb.psh);
}

/**
 * Allows as many ACKs without delay as the window has pairs of segments.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_incr_quickack
 */
export function tcp_incr_quickack(sk: tcp_sock_base): void {
  const quickacks = Math.floor(sk.rcv_wnd / (2 * sk.icsk_ack.rcv_mss)) || 2;
  if (quickacks > sk.icsk_ack.quick) sk.icsk_ack.quick = Math.min(quickacks, TCP_MAX_QUICKACKS);
}

/**
 * The part of `tcp_event_data_recv` that learns from the timing of data how long an ACK should wait. The first data is acknowledged at
 * once, and so is data after a pause. True after a pause longer than the retransmission timeout.
 * `incr_quickack` is the kernel's `tcp_incr_quickack`.
 */
export function learnDelay(host: Host, sk: tcp_sock_base, incr_quickack: (sk: tcp_sock_base) => void): boolean {
  const ack = sk.icsk_ack;
  const { now, clock, env } = host;
  let paused = false;
  if (ack.ato === 0) {
    incr_quickack(sk);
    ack.ato = TCP_ATO_MIN;
  } else {
    const half = Math.floor(ack.ato / 2 / clock.tick) * clock.tick;
    if (host.time_after_eq(ack.lrcvtime + TCP_ATO_MIN / 2, now)) {
      ack.ato = half + TCP_ATO_MIN / 2;
    } else if (host.time_after(ack.lrcvtime + ack.ato, now)) {
      ack.ato = Math.min(half + (clock.jiffy(env, now) - clock.jiffy(env, ack.lrcvtime)) * clock.tick, sk.icsk_rto);
    } else if (host.time_after(now, ack.lrcvtime + sk.icsk_rto)) {
      incr_quickack(sk);
      paused = true;
    }
  }
  ack.lrcvtime = now;
  return paused;
}

/**
 * Acknowledges at once for a while.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_enter_quickack_mode
 */
export function tcp_enter_quickack_mode(sk: tcp_sock_base): void {
  tcp_incr_quickack(sk);
  sk.icsk_ack.pingpong = false;
  sk.icsk_ack.ato = TCP_ATO_MIN;
}

/**
 * Whether the next ACK goes out at once.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_in_quickack_mode
 */
export function tcp_in_quickack_mode(sk: tcp_sock_base): boolean {
  return sk.icsk_ack.quick !== 0 && !sk.icsk_ack.pingpong;
}

/**
 * The first guess at the peer's segment size, rather too low than too high.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp_input.c tcp_initialize_rcv_mss
 */
export function tcp_initialize_rcv_mss(sk: tcp_sock_base): void {
  const hint = Math.min(sk.advmss, sk.mss_cache, sk.rcv_wnd >> 1, TCP_MIN_RCVMSS);
  sk.icsk_ack.rcv_mss = Math.max(hint, TCP_MIN_MSS);
}
