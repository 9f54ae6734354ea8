/** Which connections a packetdrill script follows: it can follow one after the other, but no two at a time. */

import type { Trace } from '../run/scenario.js';

interface Stay {
  readonly peer: number;
  /** Places among all segments that arrive: of its first and last one, and of the first that acknowledges something. */
  readonly first: number;
  last: number;
  ack: number;
}

/**
 * The peers to follow. Those that acknowledge something have to be followed, since only then packetdrill knows the server's numbers: of two that
 * overlap, the one whose first acknowledgement comes first. The others are followed where nobody else is.
 */
export function testedPeers({ steps }: Trace): ReadonlySet<number> {
  const stays = new Map<number, Stay>();
  let place = 0;
  for (const { event } of steps) {
    if (!('segments' in event)) continue;
    for (const { peer, ack } of event.segments) {
      const stay = stays.get(peer) ?? { peer, first: place, last: place, ack: Number.POSITIVE_INFINITY };
      stays.set(peer, stay);
      stay.last = place;
      if (ack !== undefined) stay.ack = Math.min(stay.ack, place);
      place += 1;
    }
  }
  const chosen: Stay[] = [];
  // Sorting is stable: without acknowledgements the first to come is the first.
  for (const stay of [...stays.values()].sort((a, b) => (a.ack === b.ack ? 0 : a.ack - b.ack))) {
    if (chosen.every(({ first, last }) => stay.last < first || last < stay.first)) chosen.push(stay);
  }
  return new Set(chosen.map(({ peer }) => peer));
}
