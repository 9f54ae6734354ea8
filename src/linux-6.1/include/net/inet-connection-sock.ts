/** When requests time out (include/net/inet_connection_sock.h). */

import { HZ } from '../../../host/clock.js';
import type { request_sock } from '../../../linux-4.15/include/net/request-sock.js';
import { TCP_RTO_MAX, TCP_TIMEOUT_INIT } from '../../../linux-4.15/include/net/tcp.js';
import type { Machine } from '../../../linux-4.15/machine.js';

/**
 * When a request times out next, after the timeouts that it had, µs: twice as long each time, and 2 minutes at most. Unlike in 5.10 jiffies are
 * shifted in 64 bits, of which x86 takes the lowest six of the number of timeouts.
 * @kernel 6.1.192 include/net/inet_connection_sock.h reqsk_timeout
 */
export function reqsk_timeout(host: Machine, req: request_sock): number {
  return Math.min(shiftedTimeout(host, req), TCP_RTO_MAX);
}

/** The first timeout, twice as long for each that there was, µs. */
export function shiftedTimeout({ clock: { tick } }: Machine, { num_timeout }: request_sock): number {
  return Number(BigInt.asUintN(64, BigInt(TCP_TIMEOUT_INIT / tick) << BigInt(num_timeout & 63))) * tick;
}

/** How old a request is said to be by the number of its timeouts, µs: as long as it waits for the next one, in whole seconds. */
export function requestAge(host: Machine, req: request_sock): number {
  return Math.floor(Math.min(shiftedTimeout(host, req), req.rsk_listener.icsk_rto_max) / HZ) * HZ;
}
