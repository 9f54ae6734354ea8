/** Single clients and servers: what each does, and when. */

import { describe, expect, it } from 'vitest';
import type { Step, TraceHeader, Workload } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { KERNELS, kernelNamed } from '../../src/kernels.js';
import { losses, type WorkloadResult } from '../../src/simulate/result.js';
import { simulate } from '../../src/simulate/simulate.js';
import { workload } from './workloads.js';

const kernel = (name: string): KernelVariant => kernelNamed(name) as KernelVariant;
const [old, later] = [kernel('2.6.32'), kernel('4.15')];

const NO_COOKIES = { 'net.ipv4.tcp_syncookies': 0 };
const ASLEEP = { pauses: [{ from: 0 }] };
const burst = (count: number) => ({ arrivals: { kind: 'burst', count } as const });

/** The fates that somebody has. */
const fatesOf = ({ fates }: WorkloadResult) =>
  Object.fromEntries(Object.entries(fates).filter(([, clients]) => clients > 0));

/** When segments with these flags came from a peer, in seconds. */
function arrivalsOf(variant: KernelVariant, one: Workload, peer: number, flags: readonly string[]): number[] {
  const steps: Step[] = [];
  const take = (line: TraceHeader | Step): void => void ('event' in line && steps.push(line));
  simulate(variant, one, { trace: { id: 'x', rows: false, take } });
  return steps.flatMap(({ at, event }) =>
    'segments' in event
      ? event.segments
          .filter((segment) => segment.peer === peer && segment.flags.join() === flags.join())
          .map(() => at / 1e6)
      : [],
  );
}

describe('a client', () => {
  const unanswered = (clients: object): Workload =>
    workload({ backlog: 0, sysctl: NO_COOKIES, clients: { ...burst(1), roundTrip: 0, ...clients } });

  it('sends its SYN again after 1, 3, 7, 15, 31 and 63 s, and gives up after 127 s', () => {
    expect(arrivalsOf(later, unanswered({}), 1, ['SYN'])).toEqual([0, 1, 3, 7, 15, 31, 63]);
    const result = simulate(later, unanswered({}));
    expect(fatesOf(result)).toEqual({ connectTimedOut: 1 });
    expect(result.until).toBe(127_000_000);
    expect(result.connectLatency).toBeUndefined();
  });

  it('sends it as often as tcp_syn_retries says', () => {
    expect(arrivalsOf(later, unanswered({ synRetries: 1 }), 1, ['SYN'])).toEqual([0, 1]);
    expect(simulate(later, unanswered({ synRetries: 1 })).until).toBe(3_000_000);
    expect(simulate(later, unanswered({ synRetries: 0 })).until).toBe(1_000_000);
  });

  it('begins with linear timeouts where it has them', () => {
    const linear = unanswered({ linearTimeouts: 4 });
    expect(arrivalsOf(later, linear, 1, ['SYN'])).toEqual([0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]);
    expect(simulate(later, linear).until).toBe(131_000_000);
  });

  it('gives up without a word when its patience ends before it is connected', () => {
    const impatient = unanswered({ patience: 2_500_000 });
    expect(fatesOf(simulate(later, impatient))).toEqual({ gaveUp: 1 });
    expect(arrivalsOf(later, impatient, 1, ['SYN'])).toEqual([0, 1]);
  });

  it('closes with a FIN when its patience ends while it waits to be accepted', () => {
    const impatient = workload({
      backlog: 1,
      clients: { ...burst(1), roundTrip: 0, patience: 2_500_000 },
      server: ASLEEP,
    });
    const result = simulate(later, impatient);
    expect(fatesOf(result)).toEqual({ gaveUp: 1 });
    expect(arrivalsOf(later, impatient, 1, ['FIN', 'ACK'])).toEqual([2.5]);
    expect(result.acceptQueue.deepest).toBe(1);
  });

  it('is refused where nobody listens', () => {
    const closed = workload({
      backlog: 1,
      clients: { arrivals: { kind: 'constant', rate: 1, count: 3 }, roundTrip: 100 },
      server: { restarts: [{ at: 500_000, down: 1_000_000 }] },
    });
    for (const variant of KERNELS) expect(fatesOf(simulate(variant, closed))).toEqual({ accepted: 2, refused: 1 });
  });

  it('is reset when the listener closes while it waits', () => {
    const restarted = workload({
      backlog: 5,
      clients: { ...burst(4), roundTrip: 100 },
      server: { acceptEvery: 400_000, restarts: [{ at: 500_000, down: 0 }] },
    });
    for (const variant of KERNELS) expect(fatesOf(simulate(variant, restarted))).toEqual({ accepted: 2, reset: 2 });
  });

  it('hangs if its last ACK is ignored and it writes nothing; 4.15 tells nobody', () => {
    // Cookies keep nothing of a client whose ACK is dropped.
    const hanging = workload({
      backlog: 1,
      sysctl: { 'net.ipv4.tcp_syncookies': 2 },
      clients: burst(5),
      server: ASLEEP,
    });
    const result = simulate(later, hanging);
    expect(fatesOf(result)).toEqual({ waiting: 2, hanging: 3 });
    expect(losses(result)).toBe(3);
    expect(result.connects).toEqual([{ syns: 1, after: 0, clients: 5 }]);
  });

  it('that writes learns it: what it sends is reset once its cookie is too old', () => {
    const writing = workload({
      backlog: 1,
      sysctl: { 'net.ipv4.tcp_syncookies': 2 },
      clients: { ...burst(5), data: { bytes: 10 } },
      server: ASLEEP,
    });
    expect(fatesOf(simulate(later, writing))).toEqual({ waiting: 2, reset: 3 });
  });

  it('sends what nobody acknowledges again after 200 ms and a round trip, then twice as late each time', () => {
    const writing = workload({
      backlog: 1,
      sysctl: { 'net.ipv4.tcp_syncookies': 2 },
      clients: { ...burst(3), roundTrip: 1000, data: { bytes: 10 } },
      server: { pauses: [{ from: 0, to: 2_000_000 }] },
    });
    const sent = arrivalsOf(later, writing, 3, ['PSH', 'ACK']);
    expect(sent).toEqual([0.0015, 0.2025, 0.6045, 1.4085, 3.0165]);
    expect(fatesOf(simulate(later, writing))).toEqual({ accepted: 3 });
  });

  it('acknowledges a SYN-ACK that comes again, and so gets in when there is room', () => {
    const late = workload({
      backlog: 1,
      sysctl: NO_COOKIES,
      clients: { ...burst(3), roundTrip: 1000 },
      server: { pauses: [{ from: 0, to: 1_500_000 }] },
    });
    const result = simulate(old, late);
    expect(fatesOf(result)).toEqual({ accepted: 3 });
    expect(result.connects).toEqual([{ syns: 1, after: 0, clients: 3 }]);
    expect(result.acceptLatency?.max).toBeGreaterThan(3_000_000);
    expect(result.counters.ListenOverflows).toBe(1);
  });
});

describe('the network', () => {
  it('takes a round trip to connect, and half of one more until the server knows', () => {
    const far = workload({ backlog: 1, clients: { ...burst(1), roundTrip: 250_001 } });
    const result = simulate(later, far);
    expect(result.connectLatency).toEqual({ clients: 1, p50: 250_001, p90: 250_001, p99: 250_001, max: 250_001 });
    expect(result.acceptLatency?.max).toBe(375_001);
  });

  it('loses about the share that it is said to', () => {
    const arrivals = { kind: 'constant', rate: 1000, count: 20_000 } as const;
    const lossy = workload({ backlog: 128, clients: { arrivals, loss: 0.1, roundTrip: 100 }, server: { service: 0 } });
    const atOnce = simulate(later, lossy).connects[0]?.clients ?? 0;
    // A SYN and its SYN-ACK come through, or the SYN-ACK of the server's timer, which is as early as the client's.
    expect(atOnce / 20_000).toBeGreaterThan(0.8);
    expect(atOnce / 20_000).toBeLessThan(0.83);
  });

  it('that loses everything lets nobody in', () => {
    const cut = workload({ backlog: 128, clients: { ...burst(10), loss: 1 } });
    const result = simulate(later, cut);
    expect(fatesOf(result)).toEqual({ connectTimedOut: 10 });
    expect(result.counters).toEqual({});
  });
});

describe('a flood', () => {
  it('is not counted as clients, and never acknowledges', () => {
    const flood = workload({ backlog: 4, sysctl: NO_COOKIES, clients: { ...burst(10), flood: 1 } });
    const result = simulate(later, flood);
    expect(result.clients).toBe(0);
    expect(result.flood).toEqual({ syns: 10, answered: 4 });
    expect(result.counters).toMatchObject({ TCPReqQFullDrop: 6, ListenDrops: 6, RetransSegs: 20 });
    expect(result.synQueue).toMatchObject({ deepest: 4, limit: 4 });
  });
});

describe('a server', () => {
  const constant = (rate: number, count: number) => ({
    arrivals: { kind: 'constant', rate, count } as const,
    roundTrip: 0,
  });

  it('accepts no faster than it is said to', () => {
    const slow = workload({ backlog: 10, clients: { ...burst(4), roundTrip: 0 }, server: { acceptEvery: 100_000 } });
    const { acceptLatency, acceptQueue } = simulate(later, slow);
    expect(acceptLatency).toMatchObject({ p50: 100_000, max: 300_000 });
    expect(acceptQueue.deepest).toBe(3);
  });

  it('serves as many at a time as it has workers', () => {
    const two = workload({
      backlog: 10,
      clients: { ...burst(4), roundTrip: 0 },
      server: { workers: 2, service: 100_000 },
    });
    expect(simulate(later, two).acceptLatency).toMatchObject({ p50: 0, p90: 100_000, max: 100_000 });
  });

  it('accepts all that waits when a pause ends', () => {
    const pausing = workload({
      backlog: 10,
      clients: constant(10, 8),
      server: { pauses: [{ from: 150_000, to: 500_000 }], service: 0 },
    });
    const result = simulate(later, pausing);
    expect(result.acceptLatency).toMatchObject({ p50: 0, max: 300_000 });
    // At 200, 300 and 400 ms clients come; what is accepted before one that comes at the end of the pause.
    expect(result.acceptQueue.deepest).toBeGreaterThanOrEqual(3);
  });

  it('tells how long its accept queue was full', () => {
    const pausing = workload({
      backlog: 1,
      clients: constant(10, 2),
      server: { pauses: [{ from: 0, to: 500_000 }] },
    });
    expect(simulate(later, pausing).acceptQueue).toEqual({ limit: 2, deepest: 2, full: 400_000 });
  });

  it('tells what listen() gave, and which sysctls the kernel refused', () => {
    const odd = workload({
      backlog: 5,
      sysctl: { 'net.core.somaxconn': -1, 'net.ipv4.tcp_magic': 1 },
      clients: burst(1),
    });
    const result = simulate(later, odd);
    expect(result.refusedSysctls).toEqual({ 'net.core.somaxconn': 'EINVAL', 'net.ipv4.tcp_magic': 'ENOENT' });
    expect(result.listen).toBe(0);
    expect(result.sysctl['net.core.somaxconn']).toBe(128);
  });
});

describe('a run', () => {
  it('ends when it is said to', () => {
    const cut = workload({
      backlog: 5,
      clients: { arrivals: { kind: 'constant', rate: 10, count: 100 }, roundTrip: 0 },
      until: 950_000,
    });
    const result = simulate(later, cut);
    expect(result.clients).toBe(10);
    expect(result.until).toBe(950_000);
  });

  it('tells of each trouble when it began, how often it was, and by which rule', () => {
    const crowded = workload({
      backlog: 1,
      sysctl: NO_COOKIES,
      clients: { arrivals: { kind: 'constant', rate: 10, count: 5 }, roundTrip: 0, synRetries: 0 },
      server: ASLEEP,
    });
    expect(simulate(later, crowded).troubles).toMatchObject([
      { sign: 'syn-dropped', rule: 'tcp_conn_request/accept-queue-full', first: 200_000, times: 3 },
    ]);
    expect(simulate(later, crowded).troubles[0]?.sentence).toContain('ListenOverflows');
  });

  it('stops at the first loss when it may', () => {
    const one = workload({ backlog: 0, sysctl: NO_COOKIES, clients: burst(3) });
    expect(simulate(later, one, { untilLoss: true }).until).toBeLessThan(2_000_000);
  });

  it('tells how far it has come', () => {
    const told: [number, number][] = [];
    const arrivals = { kind: 'constant', rate: 10_000, count: 10_000 } as const;
    const many = workload({ backlog: 128, clients: { arrivals }, server: { service: 0 } });
    simulate(later, many, { progress: (...one) => told.push(one) });
    expect(told.length).toBeGreaterThan(2);
    expect(told.at(-1)?.[1]).toBe(10_000);
    expect(told.map(([arrived]) => arrived)).toEqual(told.map(([arrived]) => arrived).sort((a, b) => a - b));
  });
});
