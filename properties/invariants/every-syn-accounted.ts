/** What the counters, the rows and the wire say of the same SYNs. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivals, hasFaults, isPlainSyn, isSynAck, listens, moved, rows, shows, walk } from './support/walk.js';

const COUNTERS = ['SyncookiesSent', 'ListenDrops'] as const;

/** Looks at steps in which nothing arrived but SYNs without data, each of a peer that had no socket yet. */
export const everySynAccounted: Invariant = {
  id: 'every-syn-accounted',
  sentence:
    'Of the SYNs of new peers, each that is answered left a request or counted a cookie, and each that is not was dropped, which ListenDrops counts from 4.15 on.',
  kernels: EVERY_KERNEL,
  rules: [
    'tcp_v4_conn_request/synack',
    'tcp_v4_conn_request/cookie',
    'tcp_v4_conn_request/syn-queue-full',
    'tcp_conn_request/synack',
    'tcp_conn_request/cookie',
    'tcp_conn_request/syn-queue-full',
    'tcp_conn_request/accept-queue-full',
  ],
  needs: 'sockets',
  broken: walk((trace, kernel) => {
    if (!COUNTERS.every((name) => shows(trace, name))) return () => undefined;
    return ({ step, before }) => {
      const came = arrivals(step);
      if (came.length === 0 || !came.every(isPlainSyn) || hasFaults(step) || !listens(before)) return undefined;
      if (before?.observed.sockets === undefined || step.observed.sockets === undefined) return undefined;
      const fresh = new Set(came.map(({ peer }) => peer));
      if (fresh.size < came.length || rows(before).some(({ peer }) => fresh.has(peer))) return undefined;
      const answered = step.out.filter((one) => isSynAck(one) && fresh.has(one.peer)).length;
      const requests = rows(step).filter(({ peer }) => fresh.has(peer)).length;
      const cookies = moved(step, 'SyncookiesSent');
      const drops = moved(step, 'ListenDrops');
      const dropped = kernel === '2.6.32' ? 0 : came.length - answered;
      if (answered === requests + cookies && drops === dropped) return undefined;
      return `${came.length} SYNs came, ${answered} were answered, ${requests} are requests, ${cookies} got cookies, and ListenDrops moved by ${drops}`;
    };
  }),
};
