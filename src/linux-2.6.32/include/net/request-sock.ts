/** Requests (connections whose handshake is not complete), the SYN queue and the accept queue of a listener. */

import type { Instant } from '../../../host/clock.js';
import type { SequenceNumber } from '../../../host/sequence.js';
import type { SynTable, TableEntry } from '../../../host/syn-table.js';
import type { Machine } from '../../machine.js';
import { sk_acceptq_added, sk_acceptq_removed, type sock } from './sock.js';

/** `struct request_sock`, `struct inet_request_sock` and `struct tcp_request_sock` in one. */
export interface request_sock extends TableEntry {
  readonly peer: number;
  expires: Instant;
  /** The next in the accept queue. */
  dl_next: request_sock | undefined;
  /** Timeouts so far; 8 bits. A SYN-ACK that answers a duplicate SYN is not in it. */
  retrans: number;
  mss: number;
  rcv_wnd: number;
  ts_recent: number;
  tstamp_ok: boolean;
  /** The child, once there is one. */
  sk: sock | undefined;
  /** An ACK that would have completed the handshake was ignored. */
  acked: boolean;
  rcv_isn: SequenceNumber;
  snt_isn: SequenceNumber;
}

/** The SYN queue. */
export interface listen_sock {
  /** The SYN queue is full at 2^max_qlen_log requests. */
  max_qlen_log: number;
  qlen: number;
  /** Of those, the requests that have not timed out yet. */
  qlen_young: number;
  /** The bucket that the next tick begins with. */
  clock_hand: number;
  readonly nr_table_entries: number;
  readonly syn_table: SynTable<request_sock>;
}

/** Both queues of a listener. */
export interface request_sock_queue {
  rskq_accept_head: request_sock | undefined;
  rskq_accept_tail: request_sock | undefined;
  /** `TCP_DEFER_ACCEPT` in retransmissions; 0: off. 8 bits. */
  rskq_defer_accept: number;
  listen_opt: listen_sock | undefined;
}

/**
 * A request for a connection from `peer`; undefined where memory is short.
 * @kernel 2.6.32-220.el6 include/net/inet_sock.h inet_reqsk_alloc
 */
export function inet_reqsk_alloc(host: Machine, peer: number): request_sock | undefined {
  if (host.faults.has('inet_reqsk_alloc')) return undefined;
  return {
    peer,
    expires: 0,
    dl_next: undefined,
    retrans: 0,
    mss: 0,
    rcv_wnd: 0,
    ts_recent: 0,
    tstamp_ok: false,
    sk: undefined,
    acked: false,
    rcv_isn: 0,
    snt_isn: 0,
  };
}

/** The SYN queue of a listener, which has one from its first `listen` on. */
export function listenOpt(queue: request_sock_queue): listen_sock {
  if (queue.listen_opt === undefined) throw new Error('this socket has no SYN queue');
  return queue.listen_opt;
}

/**
 * Takes all children out of the accept queue at once.
 * @kernel 2.6.32-220.el6 include/net/request_sock.h reqsk_queue_yank_acceptq
 */
export function reqsk_queue_yank_acceptq(queue: request_sock_queue): request_sock | undefined {
  const req = queue.rskq_accept_head;
  queue.rskq_accept_head = undefined;
  return req;
}

/**
 * True when there is nothing to accept.
 * @kernel 2.6.32-220.el6 include/net/request_sock.h reqsk_queue_empty
 */
export function reqsk_queue_empty(queue: { readonly rskq_accept_head: object | undefined }): boolean {
  return queue.rskq_accept_head === undefined;
}

/**
 * Puts `child` at the end of its parent's accept queue.
 * @kernel 2.6.32-220.el6 include/net/request_sock.h reqsk_queue_add
 */
export function reqsk_queue_add(queue: request_sock_queue, req: request_sock, parent: sock, child: sock): void {
  req.sk = child;
  sk_acceptq_added(parent);
  if (queue.rskq_accept_head === undefined) queue.rskq_accept_head = req;
  else if (queue.rskq_accept_tail !== undefined) queue.rskq_accept_tail.dl_next = req;
  queue.rskq_accept_tail = req;
  req.dl_next = undefined;
}

/**
 * Takes the oldest child out of the accept queue, which must not be empty.
 * @kernel 2.6.32-220.el6 include/net/request_sock.h reqsk_queue_get_child
 */
export function reqsk_queue_get_child(queue: request_sock_queue, parent: sock): sock {
  const req = queue.rskq_accept_head;
  if (req?.sk === undefined) throw new Error('nothing to accept');
  queue.rskq_accept_head = req.dl_next;
  if (queue.rskq_accept_head === undefined) queue.rskq_accept_tail = undefined;
  sk_acceptq_removed(parent);
  return req.sk;
}

/**
 * Counts a request that left the SYN queue.
 * @kernel 2.6.32-220.el6 include/net/request_sock.h reqsk_queue_removed
 */
export function reqsk_queue_removed(queue: request_sock_queue, req: request_sock): void {
  const lopt = listenOpt(queue);
  if (req.retrans === 0) lopt.qlen_young--;
  lopt.qlen--;
}

/**
 * Counts a request that entered the SYN queue; true when it is the only one.
 * @kernel 2.6.32-220.el6 include/net/request_sock.h reqsk_queue_added
 */
export function reqsk_queue_added(queue: request_sock_queue): boolean {
  const lopt = listenOpt(queue);
  const wasEmpty = isDrained(lopt);
  lopt.qlen_young++;
  lopt.qlen++;
  return wasEmpty;
}

/**
 * Puts a request into the SYN queue's table, young and with its first deadline.
 * @kernel 2.6.32-220.el6 include/net/request_sock.h reqsk_queue_hash_req
 */
export function reqsk_queue_hash_req(
  host: Machine,
  queue: request_sock_queue,
  req: request_sock,
  timeout: number,
): void {
  req.expires = host.now + timeout;
  req.retrans = 0;
  req.sk = undefined;
  listenOpt(queue).syn_table.insert(req);
}

/**
 * True when the SYN queue has as many requests as its table has buckets, whatever backlog says by now.
 * @kernel 2.6.32-220.el6 include/net/request_sock.h reqsk_queue_is_full
 */
export function reqsk_queue_is_full(queue: request_sock_queue): boolean {
  const lopt = listenOpt(queue);
  return lopt.syn_table.decide(lopt.qlen, lopt.qlen_young, FULL[lopt.max_qlen_log] as Decision);
}

type Decision = (qlen: number, young: number) => boolean;

const isEmpty: Decision = (qlen) => qlen === 0;

/** True when no request is left in the SYN queue. */
export function isDrained(lopt: listen_sock): boolean {
  return lopt.syn_table.decide(lopt.qlen, lopt.qlen_young, isEmpty);
}

/** By `max_qlen_log`. */
const FULL: readonly Decision[] = Array.from(
  { length: 32 },
  (_, log): Decision =>
    (qlen) =>
      qlen >> log !== 0,
);
