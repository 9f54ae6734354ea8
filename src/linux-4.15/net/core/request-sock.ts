/** A listener's queues when it begins to listen, and the end of a Fast Open handshake (net/core/request_sock.c). */

import { HZ } from '../../../host/clock.js';
import type { request_sock, request_sock_queue } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_LISTEN } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';

/** For how long a reset Fast Open request keeps its slot, µs. */
const RST_HOLD = 60 * HZ;

/**
 * Empties the accept queue and forgets all Fast Open requests. The counts of pending and young requests are left as they are.
 * @kernel 4.15.11 net/core/request_sock.c reqsk_queue_alloc
 */
export function reqsk_queue_alloc(queue: request_sock_queue): void {
  queue.fastopenq.rskq_rst_head = undefined;
  queue.fastopenq.rskq_rst_tail = undefined;
  queue.fastopenq.qlen = 0;
  queue.rskq_accept_head = undefined;
}

/**
 * Parts a Fast Open child from its request, when its handshake has been completed or the child was reset.
 * @kernel 4.15.11 net/core/request_sock.c reqsk_fastopen_remove
 */
export function reqsk_fastopen_remove(host: Machine, sk: sock, req: request_sock, reset: boolean): void {
  const lsk = req.rsk_listener;
  const { fastopenq } = lsk.icsk_accept_queue;
  sk.fastopen_rsk = undefined;
  fastopenq.qlen--;
  req.tfo_listener = false;
  if (req.sk !== undefined) {
    host.rule('reqsk_fastopen_remove/not-accepted-yet');
    return;
  }
  if (!reset || lsk.sk_state !== TCP_LISTEN) {
    host.rule(reset ? 'reqsk_fastopen_remove/listener-gone' : 'reqsk_fastopen_remove/accepted');
    return;
  }
  host.rule('reqsk_fastopen_remove/hold-slot');
  req.rst_expires = host.now + RST_HOLD;
  if (fastopenq.rskq_rst_head === undefined) fastopenq.rskq_rst_head = req;
  else (fastopenq.rskq_rst_tail as request_sock).dl_next = req;
  req.dl_next = undefined;
  fastopenq.rskq_rst_tail = req;
  fastopenq.qlen++;
}
