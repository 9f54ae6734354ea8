/** Workloads for tests: made up by fast-check, and what they have in common. */

import fc from 'fast-check';
import type { Workload } from '../../src/generated/types.js';

/** A workload with what every one needs. */
export const workload = (rest: Omit<Workload, 'workload'>): Workload => ({ workload: 1, ...rest });

/** Without what is undefined. */
const defined = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

const arrivals = (most: number): fc.Arbitrary<Workload['clients']['arrivals']> =>
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('poisson' as const, 'constant' as const),
      rate: fc.constantFrom(1, 20, 500, 20_000),
      count: fc.integer({ min: 1, max: most }),
    }),
    fc.record({
      kind: fc.constant('burst' as const),
      count: fc.integer({ min: 1, max: most }),
      size: fc.integer({ min: 1, max: most }),
      every: fc.constantFrom(1000, 300_000, 2_000_000),
    }),
  );

/** Small workloads of every sort. `lossless`: the network loses nothing. */
export const workloads = (most = 20, lossless = false): fc.Arbitrary<Workload> =>
  fc
    .record({
      backlog: fc.integer({ min: 0, max: 8 }),
      seed: fc.integer({ min: 0, max: 1000 }),
      hz: fc.constantFrom(100, 250, 1000),
      sysctl: fc
        .record({
          'net.ipv4.tcp_syncookies': fc.constantFrom(0, 1, 2),
          'net.ipv4.tcp_abort_on_overflow': fc.constantFrom(0, 0, 1),
          'net.ipv4.tcp_synack_retries': fc.constantFrom(1, 2, 5),
        })
        .map(defined) as fc.Arbitrary<Record<string, number>>,
      sockopt: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, fc.constant({ TCP_DEFER_ACCEPT: 2 })),
      clients: fc
        .record({
          arrivals: arrivals(most),
          roundTrip: fc.constantFrom(0, 1, 200, 60_000, 700_000),
          loss: lossless ? fc.constant(undefined) : fc.constantFrom(undefined, 0.05, 0.3),
          flood: fc.constantFrom(undefined, undefined, 0.5),
          synRetries: fc.constantFrom(undefined, 1, 3),
          linearTimeouts: fc.constantFrom(undefined, 2),
          patience: optional(fc.integer({ min: 1, max: 5_000_000 })),
          data: optional(
            fc.record({ bytes: fc.integer({ min: 1, max: 1460 }), after: fc.constantFrom(0, 30_000, 4_000_000) }),
          ),
        })
        .map(defined) as unknown as fc.Arbitrary<Workload['clients']>,
      server: fc
        .record({
          acceptEvery: optional(fc.constantFrom(1000, 200_000)),
          service: fc.constantFrom(0, 1000, 400_000),
          workers: optional(fc.integer({ min: 1, max: 3 })),
          pauses: fc.constantFrom(undefined, [{ from: 0, to: 1_500_000 }], [{ from: 10_000 }]),
          restarts: fc.constantFrom(undefined, undefined, [{ at: 700_000, down: 200_000 }]),
        })
        .map(defined) as unknown as fc.Arbitrary<NonNullable<Workload['server']>>,
    })
    .map(workload);
