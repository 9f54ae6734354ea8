/** How early a request may be given up. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { retriesAllowed, Settings } from './support/settings.js';
import { inexactness, lateness, timeout } from './support/timeouts.js';
import { anyFaults, arrivals, arrivalsFrom, endsListening, isSynAck, walk } from './support/walk.js';

/** A request of a peer that has been silent since its SYN. */
interface Pending {
  /** When its last SYN-ACK was sent, µs. */
  last: number;
  /** How often its SYN-ACK was sent again. */
  again: number;
  /** The fewest retransmissions that were allowed at any time. */
  allowed: number;
}

/** Pressure lowers the limit of timeouts, but never below 2. Cookies have no timeouts, so only SYNs that came while they were off count. */
export const requestsTimeOutTwice: Invariant = {
  id: 'requests-time-out-twice',
  sentence:
    'However full the SYN queue is, the SYN-ACK of an unanswered request is sent again at least twice, unless fewer retransmissions are allowed or the listening ends.',
  kernels: EVERY_KERNEL,
  rules: ['syn_ack_recalc/resend'],
  needs: 'segments',
  broken: walk((trace, kernel) => {
    if (anyFaults(trace)) return () => undefined;
    const { header } = trace;
    const settings = new Settings(header, kernel);
    const slack = inexactness(header);
    const requests = new Map<number, Pending>();
    return ({ step }) => {
      settings.note(step);
      const allowed = retriesAllowed(header, settings) ?? 0;
      for (const one of requests.values()) one.allowed = Math.min(one.allowed, allowed);
      for (const { peer } of arrivals(step)) requests.delete(peer);
      if (endsListening(step)) requests.clear();
      for (const { at, peer, newIsn } of step.out.filter(isSynAck)) {
        const known = requests.get(peer);
        if (known !== undefined) {
          known.last = at;
          known.again++;
        } else if (
          newIsn === true &&
          arrivalsFrom(step, peer).length === 1 &&
          settings.value('net.ipv4.tcp_syncookies') === 0
        ) {
          requests.set(peer, { last: at, again: 0, allowed });
        }
      }
      for (const [peer, { last, again, allowed: least }] of requests) {
        if (again >= Math.min(2, least)) {
          requests.delete(peer);
          continue;
        }
        const delay = timeout(kernel, again);
        const latest = last + delay + lateness(kernel, delay, header.kernel.hz) + slack;
        if (step.observed.at > latest) return `the SYN-ACK to peer ${peer} should have been sent again by ${latest} µs`;
      }
      return undefined;
    };
  }),
};
