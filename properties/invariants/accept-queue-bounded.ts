/** How long the accept queue gets. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { listened, listens, walk } from './support/walk.js';

/** Only a lower limit can leave more than limit + 1 connections behind, and then none is added. */
export const acceptQueueBounded: Invariant = {
  id: 'accept-queue-bounded',
  sentence:
    'The accept queue never holds more than its limit plus one connection, unless listening again lowered the limit; then it does not grow.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_v4_syn_recv_sock/accept-queue-full', 'tcp_v4_syn_recv_sock/child'],
  needs: 'queues',
  broken: walk(() => ({ step, before }) => {
    const { listener } = step.observed;
    if (listener?.state !== 'LISTEN') return undefined;
    const { acceptQueue, maxAcceptQueue } = listener;
    const held = listens(before) ? (before?.observed.listener?.acceptQueue ?? 0) : 0;
    const most = Math.max(maxAcceptQueue + 1, held);
    if (acceptQueue <= most) return undefined;
    const again = listened(step) ? ', listening again' : '';
    return `${acceptQueue} connections wait, of at most ${maxAcceptQueue} + 1; there were ${held} before${again}`;
  }),
};
