/** The timer of delayed acknowledgements (net/ipv4/tcp_timer.c). */

import { TCP_DELACK_MAX } from '../../../linux-4.15/include/net/icsk-ack.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import * as earlier from '../../../linux-6.1/net/ipv4/tcp-timer.js';

/**
 * Sends the ACK that is due. As in 6.1, but the next delay, which is twice as long, is never longer than any ACK may wait.
 * @kernel 6.12.117 net/ipv4/tcp_timer.c tcp_delack_timer_handler
 */
export function tcp_delack_timer_handler(host: Machine, sk: sock): void {
  earlier.tcp_delack_timer_handler(host, sk);
  sk.icsk_ack.ato = Math.min(sk.icsk_ack.ato, TCP_DELACK_MAX);
}
