/** Which way counters go. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { walk } from './support/walk.js';

/** None of the counters that a trace has is a gauge. */
export const countersOnlyGrow: Invariant = {
  id: 'counters-only-grow',
  sentence: 'A counter never falls, and moves by whole numbers.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_v4_syn_recv_sock/accept-queue-full', 'tcp_check_req/handshake-complete'],
  needs: 'counters',
  broken: walk(() => ({ step }) => {
    for (const [name, by] of Object.entries(step.observed.counters)) {
      if (by < 0 || !Number.isInteger(by)) return `${name} moved by ${by}`;
    }
    return undefined;
  }),
};
