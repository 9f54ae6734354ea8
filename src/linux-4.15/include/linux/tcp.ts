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
  /** How many 256ths of its memory a segment's data takes, by the last new size of one (from 6.12 on). 8 bits. */
  scaling_ratio: number;
  /** `rcvq_space.space`: how much the reader is taken to want in a round trip, bytes (from 7.2 on). */
  rcvq_space: number;
  /** When a segment that was out of place was last answered; undefined, the kernel's 0: never. */
  last_oow_ack_time: Instant | undefined;
}
