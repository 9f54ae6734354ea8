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

/**
 * Fresh values. `tcp_create_openreq_child` sets `rcv_wup`, `copied_seq` and `rcv_nxt` to rcv_isn + 1, `snd_una` and `snd_nxt` to
 * snt_isn + 1, `rcv_wnd`, `rcv_ssthresh` and `window_clamp` from the request, `tstamp_ok`, `tcp_header_len`, `icsk_rto`,
 * `icsk_ack.lrcvtime` and `icsk_ack.last_seg_size`; `tcp_v4_syn_recv_sock` sets `advmss` and `mss_cache`, and calls
 * `tcp_initialize_rcv_mss`.
 */
export function tcp_sock_fields(): tcp_sock {
  return {
    pred_flags: 0,
    tcp_header_len: 20,
    rcv_nxt: 0,
    copied_seq: 0,
    rcv_wup: 0,
    snd_nxt: 0,
    snd_una: 0,
    mss_cache: 536,
    advmss: 1460,
    rcv_wnd: 0,
    window_clamp: 0,
    rcv_ssthresh: 0,
    srtt_us: 0,
    max_window: 65535,
    tstamp_ok: false,
    saw_tstamp: false,
    sk_receive_queue: null,
    out_of_order_queue: null,
    sk_rcvbuf: DEFAULT_RCVBUF,
    sk_rmem_alloc: 0,
    sk_forward_alloc: 0,
    icsk_ack: { pending: 0, quick: 0, pingpong: false, ato: 0, timeout: 0, lrcvtime: 0, last_seg_size: 0, rcv_mss: 0 },
    icsk_rto: 1_000_000,
    icsk_delack_timer: undefined,
    last_oow_ack_time: undefined,
  };
}

/** The default of `net.ipv4.tcp_rmem`'s second number. */
const DEFAULT_RCVBUF = 87380;
