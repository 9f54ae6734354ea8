/** What a socket needs for data transfer (`struct tcp_sock`). Durations are in µs. */

import type { Instant } from '../../../host/clock.js';
import type { tcp_sock_base } from '../../../linux-2.6.32/include/linux/tcp.js';

export type { icsk_ack, QueuedSegment } from '../../../linux-2.6.32/include/linux/tcp.js';

/** The part of a socket that data transfer uses. */
export interface tcp_sock extends tcp_sock_base {
  /** Smoothed round-trip time, µs * 8; 0: no sample. */
  srtt_us: number;
  /** The largest window that the peer has offered. Traces don't tell. */
  max_window: number;
  /** When a segment that was out of place was last answered; undefined, the kernel's 0: never. */
  last_oow_ack_time: Instant | undefined;
}
