/** What the accept queue's length is made of. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { anyFaults, listens, moved, shows, walk } from './support/walk.js';

/** So a connection that is reset while it waits keeps its place. */
export const acceptQueueCountsHandshakes: Invariant = {
  id: 'accept-queue-counts-handshakes',
  sentence:
    'While a listener listens, its accept queue grows by one with each connection that PassiveOpens counts and shrinks by one with each accept, and by nothing else.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_check_req/handshake-complete', 'inet_csk_accept/oldest-first', 'inet_csk_accept/child-already-closed'],
  needs: 'queues',
  broken: walk((trace) => {
    if (anyFaults(trace) || !shows(trace, 'PassiveOpens')) return () => undefined;
    return ({ step, before }) => {
      if (!listens(before) || !listens(step)) return undefined;
      const had = before?.observed.listener?.acceptQueue ?? 0;
      const has = step.observed.listener?.acceptQueue ?? 0;
      const made = moved(step, 'PassiveOpens');
      const taken = step.accepted === undefined ? 0 : 1;
      if (has === had + made - taken) return undefined;
      return `${had} waited, ${made} came, ${taken} left, but now ${has} wait`;
    };
  }),
};
