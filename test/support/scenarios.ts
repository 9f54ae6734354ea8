/** Small scenarios that fast-check makes up: a listener, a few peers, and all that may happen between them. */

import * as fc from 'fast-check';
import type { ArrivingSegment, TraceEvent } from '../../src/generated/types.js';

/** Settings and events. */
export interface SmallScenario {
  readonly sysctl: Readonly<Record<string, number>>;
  readonly sockopt: {
    readonly TCP_DEFER_ACCEPT?: number;
    readonly TCP_SYNCNT?: number;
    readonly TCP_FASTOPEN?: number;
  };
  readonly events: readonly TraceEvent[];
}

const peer = fc.integer({ min: 0, max: 5 });
const isn = (of: number): number => 1_000_000 * (of + 1);

const segment: fc.Arbitrary<ArrivingSegment> = fc.oneof(
  { weight: 6, arbitrary: peer.map((p) => ({ peer: p, flags: ['SYN' as const], seq: isn(p) })) },
  { weight: 1, arbitrary: peer.map((p) => ({ peer: p, flags: ['SYN' as const], seq: isn(p), len: 10 })) },
  {
    weight: 6,
    arbitrary: fc.record({ p: peer, len: fc.constantFrom(0, 0, 0, 10, 1460) }).map(({ p, len }) => ({
      peer: p,
      flags: ['ACK' as const],
      seq: isn(p) + 1,
      ack: { of: 'synack' as const, plus: 1 },
      ...(len > 0 ? { len } : {}),
    })),
  },
  { weight: 1, arbitrary: peer.map((p) => ({ peer: p, flags: ['RST' as const], seq: isn(p) + 1 })) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        p: peer,
        seq: fc.integer({ min: -3, max: 3 }),
        ack: fc.integer({ min: -2, max: 3 }),
        fin: fc.boolean(),
      })
      .map(({ p, seq, ack, fin }) => ({
        peer: p,
        flags: fin ? ['FIN' as const, 'ACK' as const] : ['ACK' as const],
        seq: isn(p) + 1 + seq,
        ack: { of: 'synack' as const, plus: ack },
      })),
  },
);

const wait = fc
  .oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 400_000 }) },
    { weight: 3, arbitrary: fc.integer({ min: 400_000, max: 8_000_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 8_000_000, max: 250_000_000 }) },
  )
  .map((us): TraceEvent => ({ wait: us }));

const event: fc.Arbitrary<TraceEvent> = fc
  .oneof(
    {
      weight: 16,
      arbitrary: fc
        .uniqueArray(segment, { minLength: 1, maxLength: 4, selector: (one) => one.peer })
        .map((segments) => ({ segments })),
    },
    { weight: 8, arbitrary: wait },
    { weight: 6, arbitrary: fc.constant<TraceEvent>({ syscall: 'accept', nonblocking: true }) },
    { weight: 2, arbitrary: peer.map((p): TraceEvent => ({ syscall: 'close', peer: p, linger: 0 })) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: -1, max: 4 }).map((backlog): TraceEvent => ({ syscall: 'listen', backlog })),
    },
    { weight: 1, arbitrary: fc.constant<TraceEvent>({ syscall: 'close' }) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('SHUT_RD' as const, 'SHUT_WR' as const)
        .map((how): TraceEvent => ({ syscall: 'shutdown', how })),
    },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 0, max: 2 }).map((n): TraceEvent => ({ sysctl: { 'net.ipv4.tcp_syncookies': n } })),
    },
  )
  .map((one) => one as TraceEvent);

/** Scenarios of up to `maxLength` events. */
export function smallScenario(maxLength = 20): fc.Arbitrary<SmallScenario> {
  return fc.record({
    sysctl: fc.record(
      {
        'net.core.somaxconn': fc.constantFrom(1, 3, 128),
        'net.ipv4.tcp_max_syn_backlog': fc.constantFrom(4, 16, 256),
        'net.ipv4.tcp_syncookies': fc.constantFrom(0, 1, 2),
        'net.ipv4.tcp_abort_on_overflow': fc.constantFrom(0, 1),
        'net.ipv4.tcp_fastopen': fc.constantFrom(2, 0x202, 0x602),
        'net.ipv4.tcp_synack_retries': fc.constantFrom(1, 2, 5),
      },
      { requiredKeys: [] },
    ),
    sockopt: fc.oneof(
      { weight: 4, arbitrary: fc.constant({}) },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          { TCP_DEFER_ACCEPT: 1 },
          { TCP_DEFER_ACCEPT: 5 },
          { TCP_SYNCNT: 2 },
          { TCP_FASTOPEN: 2 },
        ),
      },
    ),
    events: fc
      .record({
        backlog: fc.integer({ min: 0, max: 4 }),
        rest: fc.array(event, { minLength: 1, maxLength, size: 'max' }),
      })
      .map(({ backlog, rest }): TraceEvent[] => [{ syscall: 'listen', backlog }, ...rest]),
  });
}
