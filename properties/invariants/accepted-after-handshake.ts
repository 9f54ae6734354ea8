/** What has to have happened before a connection is accepted. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivals, isSyn, isSynAck, walk } from './support/walk.js';

/** How far a peer has come: it asked with data, it was answered, it answered in turn. */
interface Handshake {
  dataInSyn: boolean;
  answered: boolean;
  complete: boolean;
}

/** A Fast Open connection needs no ACK, but data in its SYN. */
export const acceptedAfterHandshake: Invariant = {
  id: 'accepted-after-handshake',
  sentence:
    'A connection is accepted only after its peer was sent a SYN-ACK and acknowledged it, or had sent data in its SYN.',
  kernels: EVERY_KERNEL,
  rules: ['inet_csk_accept/oldest-first', 'tcp_check_req/handshake-complete'],
  needs: 'segments',
  broken: walk(() => {
    const handshakes = new Map<number, Handshake>();
    return ({ step }) => {
      const { accepted } = step;
      if (accepted !== undefined) {
        if (handshakes.get(accepted)?.complete !== true) return `peer ${accepted} is accepted without a handshake`;
        return undefined;
      }
      // A burst may hold a whole handshake, so a peer's SYN-ACK may be among what answers the burst.
      const answered = new Set(step.out.filter(isSynAck).map(({ peer }) => peer));
      for (const segment of arrivals(step)) {
        const { peer, flags, len = 0 } = segment;
        const one = handshakes.get(peer) ?? { dataInSyn: false, answered: false, complete: false };
        handshakes.set(peer, one);
        if (isSyn(segment)) one.dataInSyn ||= len > 0;
        else if (flags.includes('ACK') && (one.answered || answered.has(peer))) one.complete = true;
      }
      for (const peer of answered) {
        const one = handshakes.get(peer);
        if (one === undefined) continue;
        one.answered = true;
        if (one.dataInSyn) one.complete = true;
      }
      return undefined;
    };
  }),
};
