/** What answers a reset. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivalsFrom, isReset, walk } from './support/walk.js';

/** Otherwise two machines could go on for ever. */
export const resetNeverAnsweredByReset: Invariant = {
  id: 'reset-never-answered-by-reset',
  sentence:
    'A reset is never answered with a reset: each segment without RST causes at most one, and each with RST none.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_v4_send_reset/never-for-a-reset', 'tcp_v4_send_reset/for-an-ack'],
  needs: 'segments',
  broken: walk(() => ({ step }) => {
    if (!('segments' in step.event)) return undefined;
    const resets = new Map<number, number>();
    for (const { peer } of step.out.filter(isReset)) resets.set(peer, (resets.get(peer) ?? 0) + 1);
    for (const [peer, count] of resets) {
      const causes = arrivalsFrom(step, peer).filter(({ flags }) => !flags.includes('RST')).length;
      if (count > causes) return `peer ${peer} is reset ${count} times for ${causes} segments without RST`;
    }
    return undefined;
  }),
};
