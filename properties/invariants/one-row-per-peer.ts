/** How often a peer is in /proc/net/tcp. */

import { kernelsSince } from '../kernels.js';
import type { Invariant } from '../property.js';
import { rows, walk } from './support/walk.js';

/** Until then the ACK of a cookie could make a connection beside a request of the same peer. */
export const oneRowPerPeer: Invariant = {
  id: 'one-row-per-peer',
  sentence: 'From 5.10 on no peer has two rows: neither two requests nor a connection beside a request.',
  kernels: kernelsSince('5.10'),
  rules: ['inet_ehash_insert/taken'],
  needs: 'sockets',
  broken: walk(() => ({ step }) => {
    const seen = new Set<number>();
    for (const { peer } of rows(step)) {
      if (seen.has(peer)) return `peer ${peer} has two rows`;
      seen.add(peer);
    }
    return undefined;
  }),
};
