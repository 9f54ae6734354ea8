/** What answers a segment for a port where nobody listens. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivals, isReset, listens, rows, walk } from './support/walk.js';

/** Looks at peers that had no socket when the listener was gone already. */
export const nobodyListensResets: Invariant = {
  id: 'nobody-listens-resets',
  sentence:
    'Where nobody listens, each segment of a peer without a connection is answered with a reset at once, unless it is a reset or came by broadcast.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_v4_rcv/no-socket'],
  needs: 'sockets',
  broken: walk(() => ({ step, before }) => {
    const nobody = before === undefined || before.observed.sockets !== undefined;
    if (!nobody || listens(before) || listens(step)) return undefined;
    const known = new Set(rows(before).map(({ peer }) => peer));
    const wanted = new Map<number, number>();
    for (const { peer, flags, broadcast } of arrivals(step)) {
      if (known.has(peer)) continue;
      const answered = flags.includes('RST') || broadcast === true ? 0 : 1;
      wanted.set(peer, (wanted.get(peer) ?? 0) + answered);
    }
    for (const [peer, count] of wanted) {
      const sent = step.out.filter((one) => one.peer === peer);
      if (sent.length !== count || !sent.every(isReset)) {
        return `peer ${peer} is due ${count} resets, and is sent ${sent.map(({ flags }) => flags.join('|')).join(', ') || 'nothing'}`;
      }
    }
    return undefined;
  }),
};
