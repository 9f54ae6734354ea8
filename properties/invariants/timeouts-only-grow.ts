/** How the timeouts of a request are counted. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivalsFrom, rows, rowsOf, walk } from './support/walk.js';

/** Looks at requests of peers that were silent in the meantime, so that they are still the same. */
export const timeoutsOnlyGrow: Invariant = {
  id: 'timeouts-only-grow',
  sentence:
    'While its peer is silent, a request stays a request until it is gone, and the timeouts that its row shows never fall.',
  kernels: EVERY_KERNEL,
  rules: ['syn_ack_recalc/resend', 'syn_ack_recalc/expire'],
  needs: 'sockets',
  broken: walk(() => ({ step, before }) => {
    for (const { peer, state, retransmits } of rows(step)) {
      if (arrivalsFrom(step, peer).length > 0) continue;
      const was = rowsOf(before, peer);
      if (before?.observed.sockets === undefined) continue;
      const same = was.filter((row) => row.state === state && row.retransmits <= retransmits);
      if (same.length === 0)
        return `peer ${peer} was silent, and now has a socket in ${state} with ${retransmits} timeouts`;
    }
    return undefined;
  }),
};
