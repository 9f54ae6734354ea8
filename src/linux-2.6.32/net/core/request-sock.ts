/** How big a listener's SYN queue is, and what becomes of the requests in it when the listener stops. */

import { type listen_sock, listenOpt, type request_sock_queue } from '../../include/net/request-sock.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';

/** Bytes of `struct listen_sock` without its table, and of a bucket, on x86-64. */
const LISTEN_SOCK_SIZE = 24;
const BUCKET_SIZE = 8;
const PAGE_SIZE = 4096;

/** What a backlog makes of a SYN queue. */
export interface SynQueueSize {
  readonly nr_table_entries: number;
  /** The queue is full at 2^max_qlen_log requests. */
  readonly max_qlen_log: number;
  /** Bytes of memory. */
  readonly lopt_size: number;
  /** Who gives the memory: beyond a page it need not be contiguous. */
  readonly allocator: 'kzalloc' | '__vmalloc';
}

/** The arithmetic of `reqsk_queue_alloc`. Both numbers are compared as u32, so that negative ones are huge. */
export function synQueueSize(backlog: number, sysctl_max_syn_backlog: number): SynQueueSize {
  let nr_table_entries = Math.min(backlog >>> 0, sysctl_max_syn_backlog >>> 0);
  nr_table_entries = Math.max(nr_table_entries, 8);
  nr_table_entries = roundup_pow_of_two(nr_table_entries + 1);
  const lopt_size = LISTEN_SOCK_SIZE + nr_table_entries * BUCKET_SIZE;
  let max_qlen_log = 3;
  while (2 ** max_qlen_log < nr_table_entries) max_qlen_log++;
  return { nr_table_entries, max_qlen_log, lopt_size, allocator: lopt_size > PAGE_SIZE ? '__vmalloc' : 'kzalloc' };
}

/** The least power of two that is not below `n`. */
function roundup_pow_of_two(n: number): number {
  let power = 1;
  while (power < n) power *= 2;
  return power;
}

/**
 * Makes the SYN queue: the backlog, but at most `tcp_max_syn_backlog` and at least 8, plus 1, rounded up to a power of two.
 * @kernel 2.6.32-220.el6 net/core/request_sock.c reqsk_queue_alloc
 */
export function reqsk_queue_alloc(host: Machine, queue: request_sock_queue, nr_table_entries: number): 0 | 'ENOMEM' {
  const size = synQueueSize(nr_table_entries, sysctl(host, 'net.ipv4.tcp_max_syn_backlog'));
  if (host.faults.has('reqsk_queue_alloc') || size.nr_table_entries > MOST_ENTRIES) {
    host.rule('reqsk_queue_alloc/no-memory');
    return 'ENOMEM';
  }
  host.rule('reqsk_queue_alloc/size');
  queue.rskq_accept_head = undefined;
  queue.listen_opt = {
    max_qlen_log: size.max_qlen_log,
    qlen: 0,
    qlen_young: 0,
    clock_hand: 0,
    nr_table_entries: size.nr_table_entries,
    syn_table: host.env.synTable(host, size.nr_table_entries),
  };
  queue.listen_opt.syn_table.countedBy(queue.listen_opt);
  return 0;
}

/**
 * A table of 128 MiB. That is taken to be more than the machine can spare. A real one may give more, up to 2^31 buckets, where the C's
 * 32 bits overflow and it writes beyond the table.
 */
const MOST_ENTRIES = 2 ** 24;

/**
 * Frees a SYN queue that never served.
 * @kernel 2.6.32-220.el6 net/core/request_sock.c __reqsk_queue_destroy
 */
export function __reqsk_queue_destroy(queue: request_sock_queue): void {
  queue.listen_opt = undefined;
}

/**
 * Takes the SYN queue away from a listener.
 * @kernel 2.6.32-220.el6 net/core/request_sock.c reqsk_queue_yank_listen_sk
 */
function reqsk_queue_yank_listen_sk(queue: request_sock_queue): listen_sock {
  const lopt = listenOpt(queue);
  queue.listen_opt = undefined;
  return lopt;
}

/**
 * Frees the SYN queue with all requests in it. Their peers are told nothing.
 * @kernel 2.6.32-220.el6 net/core/request_sock.c reqsk_queue_destroy
 */
export function reqsk_queue_destroy(host: Machine, queue: request_sock_queue): void {
  const lopt = reqsk_queue_yank_listen_sk(queue);
  if (lopt.qlen !== 0) host.rule('reqsk_queue_destroy/requests-vanish');
}
