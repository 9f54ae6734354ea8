/** What a cookie leaves behind. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivals, isSyn, moved, rows, shows, walk } from './support/walk.js';

/** Looks at steps in which nothing but SYNs arrived, each of which got a cookie. */
export const cookieLeavesNoState: Invariant = {
  id: 'cookie-leaves-no-state',
  sentence: 'A SYN that is answered with a cookie leaves no request, no connection, and the accept queue as it was.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_v4_conn_request/cookie', 'tcp_conn_request/cookie'],
  needs: 'sockets',
  broken: walk((trace) => {
    if (!shows(trace, 'SyncookiesSent')) return () => undefined;
    return ({ step, before }) => {
      const came = arrivals(step);
      if (came.length === 0 || !came.every(isSyn) || moved(step, 'SyncookiesSent') !== came.length) return undefined;
      if (before?.observed.sockets === undefined || step.observed.sockets === undefined) return undefined;
      const known = new Set(rows(before).map(({ peer }) => peer));
      const fresh = rows(step).find(({ peer }) => !known.has(peer));
      if (fresh !== undefined) return `the cookie for peer ${fresh.peer} left a socket in ${fresh.state}`;
      const had = before.observed.listener?.acceptQueue;
      const has = step.observed.listener?.acceptQueue;
      return had === has ? undefined : `cookies took the accept queue from ${had} to ${has}`;
    };
  }),
};
