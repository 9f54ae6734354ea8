/** In which order connections are accepted. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { arrivals, arrivalsFrom, endsListening, isReset, rowsOf, walk } from './support/walk.js';

/** When a connection came into being: the step, and which of its segments did it. */
interface Birth {
  readonly step: number;
  readonly place: number;
}

function isLater(a: Birth, b: Birth): boolean {
  return a.step > b.step || (a.step === b.step && a.place > b.place);
}

/**
 * Whoever is seen with a finished handshake waits from then on. Left out are peers whose place in the queue is not certain: those that sent
 * data in a SYN, for Fast Open connections wait before it shows; and those that sent several segments at once, or came a second time, for
 * an earlier connection of theirs that was reset may still wait.
 */
export const acceptOldestFirst: Invariant = {
  id: 'accept-oldest-first',
  sentence:
    'Connections are accepted in the order in which their handshakes were completed, and those that wait when the listening ends are reset in that order.',
  kernels: EVERY_KERNEL,
  rules: ['inet_csk_accept/oldest-first', 'tcp_check_req/handshake-complete', 'inet_csk_listen_stop/reset-child'],
  needs: 'sockets',
  broken: walk(() => {
    const waiting = new Map<number, Birth>();
    const uncertain = new Set<number>();
    const doubt = (peer: number): void => {
      uncertain.add(peer);
      waiting.delete(peer);
    };
    return ({ step, before, index }) => {
      const left: [peer: number, since: Birth][] = [];
      const leave = (peer: number): void => {
        const since = waiting.get(peer);
        if (since !== undefined) left.push([peer, since]);
        waiting.delete(peer);
      };
      if (step.accepted !== undefined) leave(step.accepted);
      if (endsListening(step)) {
        for (const { peer } of step.out.filter(isReset)) leave(peer);
        waiting.clear();
      }
      for (const [i, [peer, since]] of left.entries()) {
        const passed = [...left.slice(i + 1), ...waiting].find(([, other]) => isLater(since, other));
        if (passed !== undefined) return `peer ${peer} leaves the queue before peer ${passed[0]}, which waits longer`;
      }
      for (const [place, one] of arrivals(step).entries()) {
        const { peer } = one;
        if (one.flags.includes('SYN') && (one.len ?? 0) > 0) doubt(peer);
        if (arrivalsFrom(step, peer).length > 1) doubt(peer);
        if (uncertain.has(peer) || rowsOf(before, peer).some(({ state }) => state !== 'SYN_RECV')) continue;
        const own = rowsOf(step, peer);
        if (own.length > 1) doubt(peer);
        else if (own[0] !== undefined && own[0].state !== 'SYN_RECV') {
          if (waiting.has(peer) || before?.observed.sockets === undefined) doubt(peer);
          else waiting.set(peer, { step: index, place });
        }
      }
      return undefined;
    };
  }),
};
