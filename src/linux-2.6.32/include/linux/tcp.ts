/**
 * What a socket needs for data transfer: `struct tcp_sock`, and those fields of sock and inet_connection_sock that only the
 * code for finished handshakes uses. Durations are in µs.
 */

import type { Instant } from '../../../host/clock.js';
import type { SequenceNumber } from '../../../host/sequence.js';
import type { Timer } from '../../../host/timers.js';

/** A segment in a receive queue: what is needed of an skb once its header has been looked at. */
export interface QueuedSegment {
  readonly seq: SequenceNumber;
  end_seq: SequenceNumber;
  fin: boolean;
  /** Bytes of memory that it takes. */
  readonly truesize: number;
  /** Bytes that could still be copied behind its data. */
  tailroom: number;
}

/** `icsk_ack`: when the next acknowledgement is due. */
export interface icsk_ack {
  /** ICSK_ACK_* bits. */
  pending: number;
  /** How many ACKs are still to be sent without delay. */
  quick: number;
  /** The conversation goes back and forth, so ACKs may wait for data to travel with. */
  pingpong: boolean;
  /** How long an ACK waits, µs; 0 until data has arrived. */
  ato: number;
  /** When the delayed ACK is due. */
  timeout: Instant;
  /** When data last arrived; means nothing while `ato` is 0. */
  lrcvtime: Instant;
  last_seg_size: number;
  /** A guess, not too high, of the peer's segment size. */
  rcv_mss: number;
}

/** What data transfer uses in every kernel. */
export interface tcp_sock_base {
  /** Length of the header that is predicted; 0: no prediction. The peer's window is always the same here. */
  pred_flags: number;
  tcp_header_len: number;
  rcv_nxt: SequenceNumber;
  /** First byte that the process has not read, which is the first of all: it never reads. */
  copied_seq: SequenceNumber;
  /** `rcv_nxt` when a window was last advertised. */
  rcv_wup: SequenceNumber;
  snd_nxt: SequenceNumber;
  snd_una: SequenceNumber;
  /** Segment size for sending. */
  mss_cache: number;
  advmss: number;
  rcv_wnd: number;
  window_clamp: number;
  rcv_ssthresh: number;
  /** `rx_opt.tstamp_ok`: both sides sent timestamps in their SYN. */
  tstamp_ok: boolean;
  /** `rx_opt.saw_tstamp`: the current segment has a timestamp. */
  saw_tstamp: boolean;
  /** Data and FIN in order, which nobody will read; null: none. */
  sk_receive_queue: QueuedSegment[] | null;
  /** Sorted by first sequence number; null: none. */
  out_of_order_queue: QueuedSegment[] | null;
  sk_rcvbuf: number;
  sk_rmem_alloc: number;
  sk_forward_alloc: number;
  icsk_ack: icsk_ack;
  /** Retransmission timeout, µs. */
  icsk_rto: number;
  /** Made when it is first armed. */
  icsk_delack_timer: Timer<never> | undefined;
}

/** The part of a socket that data transfer uses. */
export interface tcp_sock extends tcp_sock_base {
  /** Smoothed round-trip time, jiffies * 8; 0: no sample. */
  srtt: number;
}
