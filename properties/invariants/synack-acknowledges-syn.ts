/** What a SYN-ACK acknowledges. */

import { u32 } from '../../src/host/sequence.js';
import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivals, isSyn, isSynAck, walk } from './support/walk.js';

/** The data of a SYN is acknowledged only where Fast Open took it. */
export const synAckAcknowledgesSyn: Invariant = {
  id: 'synack-acknowledges-syn',
  sentence:
    'Every SYN-ACK acknowledges a SYN that its receiver has sent, by the number behind it; from 4.15 on it may acknowledge the data of that SYN as well.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_v4_conn_request/synack', 'tcp_conn_request/synack', 'syn_ack_recalc/resend'],
  needs: 'segments',
  broken: walk((_, kernel) => {
    const good = new Map<number, Set<number>>();
    return ({ step }) => {
      for (const segment of arrivals(step)) {
        if (!isSyn(segment)) continue;
        const numbers = good.get(segment.peer) ?? new Set();
        good.set(segment.peer, numbers.add(u32(segment.seq + 1)));
        if (kernel !== '2.6.32') {
          const fin = segment.flags.includes('FIN') ? 1 : 0;
          numbers.add(u32(segment.seq + 1 + (segment.len ?? 0) + fin));
        }
      }
      for (const { peer, ack } of step.out.filter(isSynAck)) {
        if (ack === undefined || !good.get(peer)?.has(ack)) return `a SYN-ACK to peer ${peer} acknowledges ${ack}`;
      }
      return undefined;
    };
  }),
};
