/** What InSegs counts. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivals, moved, shows, walk } from './support/walk.js';

/** Every segment, whatever becomes of it. */
export const arrivalsCounted: Invariant = {
  id: 'arrivals-counted',
  sentence: 'InSegs counts every segment that arrives, whatever becomes of it, and nothing else.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_v4_rcv/no-socket', 'tcp_check_req/handshake-complete'],
  needs: 'counters',
  broken: walk((trace) => {
    if (!shows(trace, 'InSegs')) return () => undefined;
    return ({ step }) => {
      const counted = moved(step, 'InSegs');
      const came = arrivals(step).length;
      return counted === came ? undefined : `${came} segments arrived, and InSegs moved by ${counted}`;
    };
  }),
};
