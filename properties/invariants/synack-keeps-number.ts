/** When a SYN-ACK gets a new initial number. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { anyFaults, arrivalsFrom, isSyn, isSynAck, walk } from './support/walk.js';

/** A SYN-ACK that a timer repeats is the same again. */
export const synAckKeepsNumber: Invariant = {
  id: 'synack-keeps-number',
  sentence:
    'Only a SYN that arrives makes a SYN-ACK with a new initial number; a SYN-ACK that a timer repeats keeps its own.',
  kernels: EVERY_KERNEL,
  rules: ['syn_ack_recalc/resend'],
  needs: 'segments',
  broken: walk((trace) => {
    // A first SYN-ACK that could not be sent is made up for by a timer.
    if (anyFaults(trace)) return () => undefined;
    return ({ step }) => {
      const renewed = new Map<number, number>();
      for (const one of step.out) {
        if (isSynAck(one) && one.newIsn === true) renewed.set(one.peer, (renewed.get(one.peer) ?? 0) + 1);
      }
      for (const [peer, times] of renewed) {
        const syns = arrivalsFrom(step, peer).filter(isSyn).length;
        if (times > syns) return `peer ${peer} got ${times} new initial numbers for ${syns} SYNs`;
      }
      return undefined;
    };
  }),
};
