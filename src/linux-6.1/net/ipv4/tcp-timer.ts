/** The timer of delayed acknowledgements (net/ipv4/tcp_timer.c). */

import type { sock } from '../../../linux-4.15/include/net/sock.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { sendDueAck } from '../../../linux-4.15/net/ipv4/tcp-delack-timer.js';

/**
 * Sends the ACK that is due. As in 4.15, but no reserved memory is given back.
 * @kernel 6.1.192 net/ipv4/tcp_timer.c tcp_delack_timer_handler
 */
export function tcp_delack_timer_handler(host: Machine, sk: sock): void {
  sendDueAck(host, sk);
}
