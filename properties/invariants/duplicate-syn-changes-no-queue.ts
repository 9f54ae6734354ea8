/** What a SYN that comes again does. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivals, arrivalsFrom, isSyn, isSynAck, listens, rows, walk } from './support/walk.js';

/** Looks at steps in which nothing arrived but SYNs that their senders' requests were made from. */
export const duplicateSynChangesNoQueue: Invariant = {
  id: 'duplicate-syn-changes-no-queue',
  sentence:
    'A duplicate of the SYN that a request was made from changes neither queue: it makes no request, no connection, and no new initial number.',
  kernels: EVERY_KERNEL,
  rules: ['tcp_check_req/duplicate-syn'],
  needs: 'sockets',
  broken: walk(() => {
    /** The number of the SYN behind each peer's last new SYN-ACK. */
    const asked = new Map<number, number>();
    return ({ step, before }) => {
      const came = arrivals(step);
      const requests = new Set(
        rows(before)
          .filter(({ state }) => state === 'SYN_RECV')
          .map(({ peer }) => peer),
      );
      const duplicates =
        came.length > 0 && came.every((one) => isSyn(one) && requests.has(one.peer) && asked.get(one.peer) === one.seq);
      const renewed = step.out.filter((one) => isSynAck(one) && one.newIsn === true).map(({ peer }) => peer);
      for (const peer of renewed) {
        const syns = arrivalsFrom(step, peer).filter(isSyn);
        const [only] = syns;
        if (syns.length === 1 && only !== undefined) asked.set(peer, only.seq);
        else asked.delete(peer);
      }
      // From 4.15 on a request may outlive its listener, and then means nothing to the next one.
      if (!listens(step)) asked.clear();
      if (!duplicates || !listens(before) || step.observed.sockets === undefined) return undefined;
      // Timers may have ended a request just before its SYN came again, which then was none.
      const aged = requests.size > 0 && before !== undefined && step.at > before.observed.until;
      if (renewed.length > 0 && !aged) return `peer ${renewed[0]} got a new initial number for a duplicate SYN`;
      const known = new Set(rows(before).map(({ peer, state }) => `${peer} ${state}`));
      const fresh = rows(step).find(({ peer, state }) => !known.has(`${peer} ${state}`));
      if (fresh !== undefined) return `a duplicate SYN left a socket of peer ${fresh.peer} in ${fresh.state}`;
      const had = before?.observed.listener?.acceptQueue;
      const has = step.observed.listener?.acceptQueue;
      return had === has ? undefined : `duplicate SYNs took the accept queue from ${had} to ${has}`;
    };
  }),
};
