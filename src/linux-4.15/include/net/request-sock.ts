/** A connection request, the queues it passes through, and the small functions on them (include/net/request_sock.h). */

import type { Instant } from '../../../host/clock.js';
import type { SequenceNumber } from '../../../host/sequence.js';
import type { timer_list } from '../../kernel/time/timer.js';
import { sk_acceptq_removed, type sock } from './sock.js';
import type { TcpState } from './tcp-states.js';

/** `struct request_sock` with `inet_request_sock` and `tcp_request_sock` around it. */
export interface request_sock {
  /** TCP_NEW_SYN_RECV. */
  readonly sk_state: TcpState;
  readonly peer: number;
  /** The listener that it is for. */
  readonly rsk_listener: sock;
  /** The next in this peer's chain of the established hash. */
  hash_next: sock | request_sock | undefined;
  hashed: boolean;
  dl_next: request_sock | undefined;
  rsk_timer: timer_list | undefined;
  /** When a reset Fast Open request stops holding its slot: `rsk_timer.expires`, which then serves as a plain variable. */
  rst_expires: Instant;
  /** SYN-ACKs sent again, whatever for. */
  num_retrans: number;
  /** Timeouts, which is what /proc/net/tcp shows. 7 bits. */
  num_timeout: number;
  /** The child; for a Fast Open request undefined once the child was accepted. */
  sk: sock | undefined;
  rcv_isn: SequenceNumber;
  snt_isn: SequenceNumber;
  rcv_nxt: SequenceNumber;
  /** Offered receive window, bytes. */
  rsk_rcv_wnd: number;
  /** When the first SYN-ACK was sent; undefined for a cookie. */
  snt_synack: Instant | undefined;
  /** The segment size that the peer offered. */
  mss: number;
  /** The timestamp that came with the SYN; 0: none. */
  ts_recent: number;
  tstamp_ok: boolean;
  /** An ACK came, but was ignored: the accept queue was full, or TCP_DEFER_ACCEPT waits for data. */
  acked: boolean;
  /** Undefined: never; the kernel's 0. */
  last_oow_ack_time: Instant | undefined;
  /** The Fast Open handshake is not finished. */
  tfo_listener: boolean;
}

/** Fast Open's part of a listener. */
interface fastopen_queue {
  /** Requests of accepted children that were reset, each holding its slot for a minute. */
  rskq_rst_head: request_sock | undefined;
  rskq_rst_tail: request_sock | undefined;
  /** Unfinished Fast Open handshakes; below 0 when old ones finish after listening again. */
  qlen: number;
  /** 0: Fast Open is off. */
  max_qlen: number;
}

/** A listener's queues. */
export interface request_sock_queue {
  /** TCP_DEFER_ACCEPT in retransmissions; 0: off. */
  rskq_defer_accept: number;
  synflood_warned: boolean;
  /** Pending requests. */
  qlen: number;
  /** Pending requests that have not timed out yet. */
  young: number;
  rskq_accept_head: request_sock | undefined;
  rskq_accept_tail: request_sock | undefined;
  readonly fastopenq: fastopen_queue;
}

export { reqsk_queue_empty } from '../../../linux-2.6.32/include/net/request-sock.js';

/**
 * Takes the oldest child's request off the accept queue.
 * @kernel 4.15.11 include/net/request_sock.h reqsk_queue_remove
 */
export function reqsk_queue_remove(queue: request_sock_queue, parent: sock): request_sock | undefined {
  const req = queue.rskq_accept_head;
  if (req !== undefined) {
    sk_acceptq_removed(parent);
    queue.rskq_accept_head = req.dl_next;
    if (queue.rskq_accept_head === undefined) queue.rskq_accept_tail = undefined;
  }
  return req;
}

/**
 * Counts a pending request out; one that has not timed out was also young.
 * @kernel 4.15.11 include/net/request_sock.h reqsk_queue_removed
 */
export function reqsk_queue_removed(queue: request_sock_queue, req: request_sock): void {
  if (req.num_timeout === 0) queue.young--;
  queue.qlen--;
}

/**
 * Counts a new request in.
 * @kernel 4.15.11 include/net/request_sock.h reqsk_queue_added
 */
export function reqsk_queue_added(queue: request_sock_queue): void {
  queue.young++;
  queue.qlen++;
}

/**
 * How many requests are pending.
 * @kernel 4.15.11 include/net/request_sock.h reqsk_queue_len
 */
export function reqsk_queue_len(queue: request_sock_queue): number {
  return queue.qlen;
}

/**
 * How many pending requests have not timed out yet.
 * @kernel 4.15.11 include/net/request_sock.h reqsk_queue_len_young
 */
export function reqsk_queue_len_young(queue: request_sock_queue): number {
  return queue.young;
}
