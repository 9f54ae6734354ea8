/** Blocks of events about a connection's window: it is filled, and segments come for where it ends. */

import * as fc from 'fast-check';
import type { ArrivingSegment, Flag } from '../../src/generated/types.js';
import { type PeerConstraints, peer } from './peers.js';
import type { Block, Script } from './script.js';

/** The windows that the kernels offer in their SYN-ACKs: without timestamps, with them, and none. */
const FIRST_WINDOWS: readonly number[] = [64_240, 64_240, 29_200, 28_960, 14_600, 5840, 5792, 65_160];

/** Where a segment begins, bytes before the end of the window, and how much there is in it. */
const EDGES: readonly (readonly [before: number, len: number])[] = [
  [0, 10],
  [5, 10],
  [10, 10],
  [0, 0],
  [-1, 10],
  [1, 1],
];

/** A new connection, and segments that begin or end where its first window does. */
export function aroundWindow(peers?: PeerConstraints): fc.Arbitrary<Block> {
  return fc
    .record({
      who: peer(peers),
      window: fc.constantFrom(...FIRST_WINDOWS),
      queued: fc.constantFrom(0, 0, 10),
      edges: fc.array(fc.tuple(fc.constantFrom(...EDGES), fc.boolean()), { minLength: 1, maxLength: 4 }),
    })
    .map(
      ({ who, window, queued, edges }): Block =>
        (script) => {
          connected(script, who);
          if (queued > 0) script.arrive([script.ack(who, { len: queued })]);
          const sent = script.sentBy(who);
          for (const [[before, len], fin] of edges) script.arrive([at(script, who, window - before - sent, len, fin)]);
        },
    );
}

/** Bytes in a segment, segments in a burst, and ms between bursts: what fits hangs on them. */
const PACES: readonly (readonly [len: number, burst: number, ms: number])[] = [
  [1460, 10, 1],
  [1460, 3, 60],
  [1000, 10, 1],
  [5000, 2, 1],
  [536, 10, 1],
];

/** Bytes that fill the receive buffer of 4.15, which grows, and of the others. */
const ENOUGH = { grown: 250_000, fixed: 90_000 };

/** Between these many bytes a window closes that does not grow. */
const CLOSES = { from: 60_000, to: 85_000 };

/** What comes for each of the places at which the window may have closed: a FIN, data, data with a FIN whose data are there already. */
type Sweep = 'fin' | 'data' | 'old-data-and-fin' | 'none';

/**
 * A connection with more data than the buffer takes while nobody reads, and then
 * segments for each place at which the window may have closed. Now and then the server closes it with all that it has not read.
 */
export function closeWindow(peers?: PeerConstraints): fc.Arbitrary<Block> {
  return fc
    .record({
      who: peer(peers),
      pace: fc.constantFrom(...PACES),
      grown: fc.boolean(),
      closed: fc.boolean(),
      sweeps: fc.array(fc.constantFrom<Sweep[]>('fin', 'data', 'old-data-and-fin', 'none'), {
        minLength: 1,
        maxLength: 2,
      }),
    })
    .map(
      ({ who, pace: [len, burst, ms], grown, closed, sweeps }): Block =>
        (script) => {
          connected(script, who);
          const bytes = grown ? ENOUGH.grown : ENOUGH.fixed;
          while (script.sentBy(who) < bytes) {
            script.arrive(Array.from({ length: burst }, () => script.ack(who, { len })));
            script.wait(ms * 1000);
          }
          for (const sweep of sweeps) script.arrive(swept(script, who, sweep, len));
          if (!closed) return;
          script.accept(2);
          script.closeConnection(who);
        },
    );
}

function swept(script: Script, who: number, sweep: Sweep, len: number): ArrivingSegment[] {
  if (sweep === 'none') return [];
  const sent = script.sentBy(who);
  const count = Math.floor((CLOSES.to - CLOSES.from) / len);
  const first = Math.ceil(CLOSES.from / len) * len;
  return Array.from({ length: count }, (_, i) => {
    const offset = first + i * len - sent;
    return sweep === 'old-data-and-fin'
      ? at(script, who, offset - len, len, true)
      : at(script, who, offset, sweep === 'fin' ? 0 : len, sweep === 'fin');
  });
}

function connected(script: Script, who: number): void {
  script.arrive([script.syn(who)]);
  script.arrive([script.ack(who)]);
}

/** A segment `offset` bytes after what the peer has sent, which the peer itself does not remember. */
function at(script: Script, who: number, offset: number, len: number, fin: boolean): ArrivingSegment {
  const flags: Flag[] = fin ? ['FIN', 'ACK'] : len === 0 ? ['ACK'] : ['PSH', 'ACK'];
  return { ...script.bare(who, offset, len), flags, ack: { of: 'synack', plus: 1 } };
}
