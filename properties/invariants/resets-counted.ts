/** What OutRsts counts. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { isReset, moved, shows, walk } from './support/walk.js';

/** Resets answer something, so they never come late. Those for broadcasts are counted, but cannot leave. */
export const resetsCounted: Invariant = {
  id: 'resets-counted',
  sentence:
    'OutRsts counts every reset that is sent, and beside them only those that would have to leave from a broadcast address.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_v4_send_reset/for-an-ack', 'tcp_v4_send_reset/for-no-ack', 'tcp_disconnect/reset'],
  needs: 'counters',
  broken: walk((trace) => {
    if (!shows(trace, 'OutRsts')) return () => undefined;
    return ({ step }) => {
      const counted = moved(step, 'OutRsts');
      const sent = step.out.filter(isReset).length;
      const { event } = step;
      const broadcasts = 'segments' in event ? event.segments.filter(({ broadcast }) => broadcast).length : 0;
      return counted >= sent && counted <= sent + broadcasts
        ? undefined
        : `${sent} resets were sent, and OutRsts moved by ${counted}`;
    };
  }),
};
