/** What holds of every workload, on every kernel. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Step, TraceHeader, Workload } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { KERNELS } from '../../src/kernels.js';
import { losses, type WorkloadResult } from '../../src/simulate/result.js';
import { type SimulateOptions, simulate } from '../../src/simulate/simulate.js';
import { workloadProblem } from '../../src/simulate/workload.js';
import { TraceChecker } from '../../src/trace/check.js';
import { workloads } from './workloads.js';

const SEED = 20_260_601;

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

const timesOf = ({ troubles }: WorkloadResult, ...rules: readonly string[]): number =>
  sum(troubles.filter(({ rule }) => rules.includes(rule)).map(({ times }) => times));

function recorded(kernel: KernelVariant, workload: Workload, rows = true, options: SimulateOptions = {}) {
  const lines: (TraceHeader | Step)[] = [];
  const trace = { id: 'simulated', rows, take: (line: TraceHeader | Step) => void lines.push(line) };
  const result = simulate(kernel, workload, { ...options, trace });
  const [header, ...steps] = lines as [TraceHeader, ...Step[]];
  return { result, header, steps };
}

describe.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))('a workload on %s', (_, kernel) => {
  it('is one that may be written down', () => {
    fc.assert(
      fc.property(workloads(), (workload) => workloadProblem(JSON.parse(JSON.stringify(workload))) === undefined),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('gives every client exactly one fate, and a time to each connect that succeeded', () => {
    fc.assert(
      fc.property(workloads(), (workload) => {
        const { acceptLatency, clients, connectLatency, connects, fates, flood } = simulate(kernel, workload);
        expect(sum(Object.values(fates))).toBe(clients);
        expect(clients + flood.syns).toBe(workload.clients.arrivals.count);
        const connected = sum(connects.map((one) => one.clients));
        expect(connectLatency?.clients ?? 0).toBe(connected);
        expect(connected).toBe(clients - fates.refused - fates.connectTimedOut - fates.connecting - gaveUpEarly());
        expect(acceptLatency?.clients ?? 0).toBeGreaterThanOrEqual(fates.accepted);

        function gaveUpEarly(): number {
          const late = connected - (clients - fates.refused - fates.connectTimedOut - fates.connecting - fates.gaveUp);
          expect(late).toBeGreaterThanOrEqual(0);
          expect(late).toBeLessThanOrEqual(fates.gaveUp);
          return fates.gaveUp - late;
        }
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it('is the same for the same seed, whether or not somebody looks on or writes it down', () => {
    fc.assert(
      fc.property(workloads(), (workload) => {
        const plain = simulate(kernel, workload);
        let looks = 0;
        const onlooker = { look: () => void looks++ };
        expect(recorded(kernel, workload, true, { onlooker }).result).toEqual(plain);
        expect(looks).toBeGreaterThan(0);
      }),
      { seed: SEED, numRuns: 30 },
    );
  });

  it('leaves a trace that is well formed and that the judge accepts', () => {
    fc.assert(
      fc.property(workloads(12), fc.boolean(), (workload, rows) => {
        const { header, steps } = recorded(kernel, workload, rows);
        const checker = new TraceChecker();
        expect(checker.header(JSON.parse(JSON.stringify(header)))).toBeUndefined();
        for (const step of steps) expect(checker.step(JSON.parse(JSON.stringify(step)))).toBeUndefined();
        expect(judgeTrace(header, steps)).toMatchObject({ verdict: 'conforms' });
      }),
      { seed: SEED, numRuns: 30 },
    );
  });

  it('moves the counters as often as the rules decided', () => {
    fc.assert(
      fc.property(workloads(20, true), (workload) => {
        const result = simulate(kernel, workload);
        const { counters } = result;
        const acks = timesOf(result, 'tcp_check_req/overflow-ignored', 'tcp_check_req/overflow-aborted');
        const cookieAcks = timesOf(result, 'get_cookie_sock/no-child', 'tcp_get_cookie_sock/no-child');
        const full = ['tcp_conn_request/accept-queue-full', 'tcp_conn_request/cookie-accept-queue-full'];
        const others = ['tcp_conn_request/syn-queue-full', 'tcp_conn_request/last-quarter'];
        expect(counters.ListenOverflows ?? 0).toBe(acks + cookieAcks + timesOf(result, ...full));
        expect(counters.ListenDrops ?? 0).toBe(acks + cookieAcks + timesOf(result, ...full, ...others));
        expect(counters.SyncookiesSent ?? 0).toBe(
          timesOf(result, 'tcp_conn_request/cookie', 'tcp_v4_conn_request/cookie'),
        );
        expect(result.acceptQueue.deepest).toBeLessThanOrEqual(result.acceptQueue.limit ?? 0);
        expect(result.synQueue.deepestYoung).toBeLessThanOrEqual(result.synQueue.deepest);
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it('counts a connection for each that is accepted, waits, was reset while it waited, or was given up', () => {
    fc.assert(
      fc.property(workloads(20, true), (workload) => {
        const { counters, fates } = simulate(kernel, workload);
        const made = counters.PassiveOpens ?? 0;
        expect(made).toBeGreaterThanOrEqual(fates.accepted + fates.waiting);
        expect(made).toBeLessThanOrEqual(fates.accepted + fates.waiting + fates.reset + fates.gaveUp);
      }),
      { seed: SEED, numRuns: 60 },
    );
  });

  it('connects everybody at once who comes one by one to a server that accepts at once', () => {
    const alone = workloads(20, true).map(({ clients: { roundTrip = 200 }, seed = 0, hz = 1000 }): Workload => {
      const arrivals = { kind: 'constant', rate: 1_000_000 / (2 * roundTrip + 1000), count: 20 } as const;
      return { workload: 1, backlog: 1, seed, hz, clients: { arrivals, roundTrip }, server: { service: 0 } };
    });
    fc.assert(
      fc.property(alone, (workload) => {
        const result = simulate(kernel, workload);
        const { roundTrip = 200 } = workload.clients;
        expect(losses(result)).toBe(0);
        expect(result.fates.accepted).toBe(20);
        expect(result.connectLatency?.max).toBe(roundTrip);
        expect(result.acceptLatency?.max).toBe(roundTrip + Math.floor(roundTrip / 2));
        expect(result.troubles.filter(({ sign }) => sign !== 'reset')).toEqual([]);
      }),
      { seed: SEED, numRuns: 30 },
    );
  });

  it('connects no fewer with a greater backlog, when all come at once and nobody accepts', () => {
    const sleeping = fc.record({ backlog: fc.nat(20), more: fc.nat(20), count: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(sleeping, ({ backlog, more, count }) => {
        const waiting = (one: number): number =>
          simulate(kernel, {
            workload: 1,
            backlog: one,
            sysctl: { 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_max_syn_backlog': 1024 },
            clients: { arrivals: { kind: 'burst', count } },
            server: { pauses: [{ from: 0 }] },
          }).fates.waiting;
        expect(waiting(backlog + more)).toBeGreaterThanOrEqual(waiting(backlog));
        expect(waiting(backlog)).toBeLessThanOrEqual(backlog + 1);
      }),
      { seed: SEED, numRuns: 30 },
    );
  });
});
