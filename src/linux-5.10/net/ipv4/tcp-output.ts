/** The window that a SYN-ACK offers, and how long an ACK waits (net/ipv4/tcp_output.c). */

import { TCP_DELACK_MAX } from '../../../linux-4.15/include/net/icsk-ack.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { boundedDelay, sendAckIn } from '../../../linux-4.15/net/ipv4/tcp-output.js';
import { MAX_TCP_WINDOW } from '../../../linux-4.15/net/ipv4/tcp-output-synack.js';
import { sysctl } from '../../../linux-4.15/sysctl.js';

const U16_MAX = 65535;

/**
 * The first window, bytes: whole segments, as many as the receive buffer is good for. Unlike in 4.15 no number of segments limits it.
 * @kernel 5.10.262 net/ipv4/tcp_output.c tcp_select_initial_window
 */
export function tcp_select_initial_window(host: Machine, full_space: number, mss: number): number {
  let space = Math.max(full_space, 0);
  if (space > mss) space -= space % mss;
  return Math.min(space, sysctl(host, 'net.ipv4.tcp_workaround_signed_windows') !== 0 ? MAX_TCP_WINDOW : U16_MAX);
}

/**
 * Makes sure that an ACK is sent in a while. As in 4.15, but after 200 ms at the latest (`icsk_delack_max`) also where all segments were full.
 * @kernel 5.10.262 net/ipv4/tcp_output.c tcp_send_delayed_ack
 */
export function tcp_send_delayed_ack(host: Machine, sk: sock): void {
  sendAckIn(host, sk, Math.min(boundedDelay(host, sk), TCP_DELACK_MAX));
}
