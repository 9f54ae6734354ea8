/** How the rows of connections relate to the accept queue's length. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { rows, walk } from './support/walk.js';

/** A Fast Open connection shows like a request until its handshake is finished, so it may be missing from the rows that count. */
export const waitingConnectionsCounted: Invariant = {
  id: 'waiting-connections-counted',
  sentence:
    'Each connection that no process has yet is counted in the accept queue, where those that were reset are counted, too; without a listener there is none.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_check_req/handshake-complete', 'inet_csk_listen_stop/reset-child'],
  needs: 'sockets',
  broken: walk(() => {
    const taken = new Set<number>();
    return ({ step }) => {
      if (step.accepted !== undefined) taken.add(step.accepted);
      const connections = rows(step).filter(({ state }) => state !== 'SYN_RECV');
      const waiting = connections.filter(({ accepted }) => !accepted);
      const counted = step.observed.listener?.acceptQueue ?? 0;
      if (waiting.length > counted) return `${waiting.length} connections wait, and the accept queue has ${counted}`;
      const stranger = connections.find(({ accepted, peer }) => accepted && !taken.has(peer));
      return stranger === undefined
        ? undefined
        : `peer ${stranger.peer}'s connection was never accepted, but has a process`;
    };
  }),
};
