/** Scenarios in which a few peers crowd a small listener, so that what is rare elsewhere happens often: overflows, resets of those who wait. */

import * as fc from 'fast-check';
import type { ArrivingSegment, SocketOptions, TraceEvent } from '../../../src/generated/types.js';
import type { Scenario } from '../../../src/run/scenario.js';

const isn = (peer: number): number => 1000 * (peer + 1);
const syn = (peer: number, len = 0): ArrivingSegment => ({
  peer,
  flags: ['SYN'],
  seq: isn(peer),
  ...(len > 0 ? { len } : {}),
});
const ack = (peer: number, plus = 1, len = 0, seq = 1): ArrivingSegment => {
  const numbers = { seq: isn(peer) + seq, ack: { of: 'synack' as const, plus } };
  return { peer, flags: ['ACK'], ...numbers, ...(len > 0 ? { len } : {}) };
};
const rst = (peer: number, seq: number): ArrivingSegment => ({ peer, flags: ['RST'], seq: isn(peer) + seq });

const peer = fc.integer({ min: 0, max: 4 });
const everybody = [0, 1, 2, 3, 4];
const accept: TraceEvent = { syscall: 'accept', nonblocking: true };
const close: TraceEvent = { syscall: 'close' };
const shutdown: TraceEvent = { syscall: 'shutdown', how: 'SHUT_RD' };
const again: TraceEvent = { syscall: 'listen', backlog: 1 };
const handshake = (p: number): TraceEvent[] => [{ segments: [syn(p)] }, { segments: [ack(p)] }];

type Blocks = fc.Arbitrary<TraceEvent[]>;

const one = (segments: fc.Arbitrary<ArrivingSegment>): Blocks => segments.map((segment) => [{ segments: [segment] }]);
const calls = (...events: TraceEvent[]): Blocks => fc.constant(events);
const length = fc.constantFrom(0, 0, 10);

/** A few events that belong together. */
const block: Blocks = fc.oneof(
  { weight: 4, arbitrary: peer.map((p): TraceEvent[] => handshake(p)) },
  {
    weight: 3,
    arbitrary: calls({ segments: everybody.map((p) => syn(p)) }, { segments: everybody.map((p) => ack(p)) }),
  },
  { weight: 3, arbitrary: peer.map((p): TraceEvent[] => [...handshake(p), { segments: [rst(p, 1)] }]) },
  { weight: 2, arbitrary: peer.map((p): TraceEvent[] => [{ segments: [syn(p)] }, { segments: [rst(p, 1)] }]) },
  {
    weight: 2,
    arbitrary: peer.map((p): TraceEvent[] => [{ segments: [syn(p, 10)] }, { segments: [ack(p, 1, 0, 11)] }]),
  },
  { weight: 2, arbitrary: peer.map((p): TraceEvent[] => [{ segments: [syn(p)] }, { segments: [syn(p), ack(p, 5)] }]) },
  { weight: 2, arbitrary: one(fc.tuple(peer, length).map(([p, len]) => syn(p, len))) },
  {
    weight: 2,
    arbitrary: one(fc.tuple(peer, fc.integer({ min: -1, max: 6 }), length).map(([p, plus, len]) => ack(p, plus, len))),
  },
  { weight: 1, arbitrary: one(fc.tuple(peer, fc.constantFrom(1, 11, 500)).map(([p, seq]) => rst(p, seq))) },
  { weight: 3, arbitrary: calls(accept) },
  { weight: 2, arbitrary: calls(accept, accept, accept, accept) },
  { weight: 1, arbitrary: peer.map((p): TraceEvent[] => [{ syscall: 'close', peer: p, linger: 0 }]) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 0, max: 3 }).map((backlog): TraceEvent[] => [{ syscall: 'listen', backlog }]),
  },
  { weight: 1, arbitrary: calls(close, accept, again) },
  { weight: 1, arbitrary: calls(shutdown, accept, again) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 900_000 }).map((wait): TraceEvent[] => [{ wait }]) },
  { weight: 1, arbitrary: fc.integer({ min: 900_000, max: 70_000_000 }).map((wait): TraceEvent[] => [{ wait }]) },
);

/** Such scenarios. */
export function crowded(): fc.Arbitrary<Scenario> {
  return fc
    .record({
      cookies: fc.constantFrom(0, 0, 1, 2),
      abort: fc.constantFrom(0, 1),
      fastopen: fc.constantFrom(0x202, 0x602),
      sockopt: fc.oneof(
        { weight: 2, arbitrary: fc.constant<SocketOptions>({}) },
        fc.constantFrom<SocketOptions>(
          { TCP_FASTOPEN: 1 },
          { TCP_FASTOPEN: 2 },
          { TCP_DEFER_ACCEPT: 3 },
          { TCP_SYNCNT: 2 },
        ),
      ),
      backlog: fc.integer({ min: 0, max: 2 }),
      blocks: fc.array(block, { minLength: 1, maxLength: 24, size: 'max' }),
    })
    .map(({ cookies, abort, fastopen, sockopt, backlog, blocks }) => ({
      sysctl: {
        'net.ipv4.tcp_syncookies': cookies,
        'net.ipv4.tcp_abort_on_overflow': abort,
        'net.ipv4.tcp_fastopen': fastopen,
      },
      sockopt,
      events: [{ syscall: 'listen', backlog }, ...blocks.flat()],
    }));
}
