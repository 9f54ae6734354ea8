/** How the counters of what a listener turns away relate. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { hasFaults, moved, shows, walk } from './support/walk.js';

const COUNTERS = ['ListenDrops', 'ListenOverflows', 'TCPReqQFullDrop', 'PassiveOpens'] as const;

/** In 2.6.32 a SYN that is dropped moves no counter at all; the two count connections that could not be made. */
export const dropsAndOverflows: Invariant = {
  id: 'drops-and-overflows',
  sentence:
    'Each overflow of the accept queue is a drop as well, and so is each SYN that finds the SYN queue full; in 2.6.32, which counts no dropped SYN, overflows are the only drops.',
  kernels: EVERY_KERNEL,
  rules: [
    'tcp_v4_syn_recv_sock/accept-queue-full',
    'tcp_conn_request/accept-queue-full',
    'tcp_conn_request/syn-queue-full',
  ],
  needs: 'counters',
  broken: walk((trace, kernel) => {
    if (!COUNTERS.every((name) => shows(trace, name))) return () => undefined;
    return ({ step }) => {
      const drops = moved(step, 'ListenDrops');
      const overflows = moved(step, 'ListenOverflows');
      const full = moved(step, 'TCPReqQFullDrop');
      if (drops < overflows + full) {
        return `ListenDrops moved by ${drops}, ListenOverflows by ${overflows}, TCPReqQFullDrop by ${full}`;
      }
      if (kernel === '2.6.32' && drops !== overflows && !hasFaults(step)) {
        return `ListenDrops moved by ${drops}, and ListenOverflows by ${overflows}`;
      }
      return undefined;
    };
  }),
};
