/** When the counters of full queues move. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivals, isSyn, listens, moved, rows, walk } from './support/walk.js';

/** While segments arrive, the accept queue does not shrink; while only SYNs arrive, the SYN queue does not either. */
export const overflowsMeanFull: Invariant = {
  id: 'overflows-mean-full',
  sentence:
    'ListenOverflows moves only while the accept queue holds more than its limit, and TCPReqQFullDrop only while there are as many requests as that limit.',
  kernels: EVERY_KERNEL,
  rules: [
    'tcp_v4_syn_recv_sock/accept-queue-full',
    'tcp_conn_request/accept-queue-full',
    'tcp_conn_request/syn-queue-full',
  ],
  needs: 'queues',
  broken: walk(() => ({ step }) => {
    const { listener, sockets } = step.observed;
    if (!listens(step) || listener === undefined) return undefined;
    const { acceptQueue, maxAcceptQueue } = listener;
    const overflows = moved(step, 'ListenOverflows');
    if (overflows > 0 && acceptQueue <= maxAcceptQueue) {
      return `ListenOverflows moved by ${overflows}, but ${acceptQueue} connections wait, of at most ${maxAcceptQueue} + 1`;
    }
    const full = moved(step, 'TCPReqQFullDrop');
    if (full === 0 || sockets === undefined || !arrivals(step).every(isSyn)) return undefined;
    const requests = rows(step).filter(({ state }) => state === 'SYN_RECV').length;
    if (requests >= maxAcceptQueue) return undefined;
    return `TCPReqQFullDrop moved by ${full}, but ${requests} requests wait, of at most ${maxAcceptQueue}`;
  }),
};
