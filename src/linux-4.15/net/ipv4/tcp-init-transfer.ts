/** What a connection learns at the end of its handshake: round-trip time, timeout and window (net/ipv4/tcp.c and others). */

import { HZ, type Instant } from '../../../host/clock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_RTO_MIN } from '../../include/net/tcp.js';
import type { Machine } from '../../machine.js';

/** TCP_TIMEOUT_FALLBACK: the retransmission timeout where no round trip was measured, µs. */
const TCP_TIMEOUT_FALLBACK = 3 * HZ;

/** What is needed of a request to measure the round trip. */
interface Timed {
  readonly num_retrans: number;
  /** When the first SYN-ACK was sent; undefined where that is not known. */
  readonly snt_synack?: Instant | undefined;
}

/**
 * Takes the time from SYN-ACK to ACK for the round trip, unless the SYN-ACK was sent more than once.
 * @kernel 4.15.11 net/ipv4/tcp_input.c tcp_synack_rtt_meas
 */
export function tcp_synack_rtt_meas(host: Machine, sk: sock, req: Timed | undefined): void {
  if (req?.snt_synack === undefined || req.num_retrans !== 0) return;
  const rtt = host.now - req.snt_synack;
  sk.srtt_us = Math.max(1, rtt * 8);
  sk.icsk_rto = host.clock.wholeJiffies(rtt + Math.max(2 * rtt, TCP_RTO_MIN));
}

/**
 * A careful timeout where no round trip was measured. What is remembered of peers never includes one, as no connection ends in order.
 * @kernel 4.15.11 net/ipv4/tcp_metrics.c tcp_init_metrics
 */
function tcp_init_metrics(sk: sock): void {
  if (sk.srtt_us === 0) sk.icsk_rto = TCP_TIMEOUT_FALLBACK;
}

/**
 * Prepares a connection for data.
 * @kernel 4.15.11 net/ipv4/tcp.c tcp_init_transfer
 */
export function tcp_init_transfer(host: Machine, sk: sock): void {
  tcp_init_metrics(sk);
  host.release.tcp_init_buffer_space(host, sk);
}
