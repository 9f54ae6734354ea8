/** For how long an ACK may wait (net/ipv4/tcp_output.c). */

import type { sock } from '../../../linux-4.15/include/net/sock.js';
import { TCP_RTO_MIN } from '../../../linux-4.15/include/net/tcp.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { boundedDelay, sendAckIn } from '../../../linux-4.15/net/ipv4/tcp-output.js';

/**
 * The longest that an ACK may wait, µs: a jiffy less than the shortest retransmission timeout, for which `tcp_rto_min_us` has its default.
 * @kernel 6.12.117 net/ipv4/tcp_output.c tcp_delack_max
 */
function tcp_delack_max(host: Machine): number {
  return TCP_RTO_MIN - host.clock.tick;
}

/**
 * Makes sure that an ACK is sent in a while. As in 5.10, but the peer must not have sent again before.
 * @kernel 6.12.117 net/ipv4/tcp_output.c tcp_send_delayed_ack
 */
export function tcp_send_delayed_ack(host: Machine, sk: sock): void {
  sendAckIn(host, sk, Math.min(boundedDelay(host, sk), tcp_delack_max(host)));
}
