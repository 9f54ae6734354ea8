/** How many ACKs go out without delay: as in 2.6.32, with this kernel's `tcp_incr_quickack`. */

import { inet_csk_schedule_ack, TCP_ATO_MIN } from '../../include/net/icsk-ack.js';
import type { sock } from '../../include/net/sock.js';
import type { Machine } from '../../machine.js';

export {
  learnDelay,
  looksFull,
  tcp_in_quickack_mode,
  tcp_incr_quickack,
  tcp_initialize_rcv_mss,
} from '../../../linux-2.6.32/net/ipv4/tcp-quickack.js';

/**
 * Acknowledges at once for a while.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_enter_quickack_mode
 */
export function tcp_enter_quickack_mode(host: Machine, sk: sock): void {
  host.release.tcp_incr_quickack(sk);
  sk.icsk_ack.pingpong = false;
  sk.icsk_ack.ato = TCP_ATO_MIN;
}

/** `out_of_window` of tcp_data_queue: dropped, and acknowledged at once. */
export function acknowledgeAtOnce(host: Machine, sk: sock): void {
  tcp_enter_quickack_mode(host, sk);
  inet_csk_schedule_ack(sk);
}
