/** What OutRsts counts. */

import type { Invariant } from '../property.js';
import { isReset, moved, shows, walk } from './support/walk.js';

/** Resets answer something, so they never come late. */
export const resetsCounted: Invariant = {
  id: 'resets-counted',
  sentence: 'OutRsts counts every reset that is sent, and nothing else.',
  kernels: ['2.6.32', '4.15'],
  rules: ['tcp_v4_send_reset/for-an-ack', 'tcp_v4_send_reset/for-no-ack', 'tcp_disconnect/reset'],
  needs: 'counters',
  broken: walk((trace) => {
    if (!shows(trace, 'OutRsts')) return () => undefined;
    return ({ step }) => {
      const counted = moved(step, 'OutRsts');
      const sent = step.out.filter(isReset).length;
      return counted === sent ? undefined : `${sent} resets were sent, and OutRsts moved by ${counted}`;
    };
  }),
};
