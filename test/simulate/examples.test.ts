/** The workloads in examples/workloads: each is one, and shows what articles on the backlog report or ask. */

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Workload } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { KERNELS, kernelNamed } from '../../src/kernels.js';
import type { WorkloadResult } from '../../src/simulate/result.js';
import { simulate } from '../../src/simulate/simulate.js';
import { workloadProblem } from '../../src/simulate/workload.js';

const FOLDER = 'examples/workloads';

const read = (name: string): Workload => JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')) as Workload;

const on = (kernel: string, name: string, rest: Partial<Workload> = {}): WorkloadResult =>
  simulate(kernelNamed(kernel) as KernelVariant, { ...read(name), ...rest });

/** The fates that somebody has. */
const fatesOf = ({ fates }: WorkloadResult) =>
  Object.fromEntries(Object.entries(fates).filter(([, clients]) => clients > 0));

const atOnce = ({ connects }: WorkloadResult): number => connects.find(({ syns }) => syns === 1)?.clients ?? 0;

describe('the example workloads', () => {
  it.each(readdirSync(FOLDER))('%s is a workload with a title and a kernel', (name) => {
    const value = read(name.replace('.json', ''));
    expect(workloadProblem(value)).toBeUndefined();
    expect(value.title).toBeDefined();
    expect(kernelNamed(value.kernel ?? '')).toBeDefined();
  });
});

describe('a server that sleeps (the note that reports netstat -s)', () => {
  it('gives the counters that the note shows: 187 overflows, 187 SYNs ignored, 84 embryonic resets', () => {
    // The counters of a machine go on from one setting of tcp_abort_on_overflow to the other.
    const sleeping = on('2.6.32', 'sleeping-server');
    const aborting = on('2.6.32', 'abort-on-overflow');
    expect(sleeping.counters.EmbryonicRsts).toBeUndefined();
    const sum = (name: 'ListenOverflows' | 'ListenDrops' | 'EmbryonicRsts'): number =>
      (sleeping.counters[name] ?? 0) + (aborting.counters[name] ?? 0);
    expect(sum('ListenOverflows')).toBe(187);
    expect(sum('ListenDrops')).toBe(187);
    expect(sum('EmbryonicRsts')).toBe(84);
  });

  it('holds backlog + 1 connections; further clients of 2.6.32 connect, but only as far as they know', () => {
    const result = on('2.6.32', 'sleeping-server');
    expect(fatesOf(result)).toEqual({ waiting: 129, hanging: 24, connecting: 6 });
    expect(result.troubles[0]).toMatchObject({ sign: 'ack-dropped', rule: 'tcp_check_req/overflow-ignored' });
  });

  it('lets no further client of 4.15 connect, and counts their SYNs', () => {
    const result = on('4.15', 'sleeping-server');
    expect(fatesOf(result)).toEqual({ waiting: 129, connecting: 30 });
    expect(result.counters.ListenOverflows).toBe(30 * 6);
  });

  it('resets each further client of 2.6.32 with tcp_abort_on_overflow, which reads ECONNRESET', () => {
    const result = on('2.6.32', 'abort-on-overflow');
    expect(fatesOf(result)).toEqual({ waiting: 129, reset: 84 });
    expect(result.counters).toMatchObject({ OutRsts: 84, EmbryonicRsts: 84, ListenOverflows: 84, ListenDrops: 84 });
  });

  it.each(KERNELS.slice(1).map(({ name }) => name))('does not with %s, whose SYNs are dropped before', (name) => {
    const result = on(name, 'abort-on-overflow');
    expect(fatesOf(result)).toEqual({ waiting: 129, connectTimedOut: 84 });
    expect(result.counters.EmbryonicRsts).toBeUndefined();
  });
});

describe('clients of a full accept queue (the article that says that they do not time out)', () => {
  it.each(['2.6.32', '4.15'])('time out on %s', (name) => {
    expect(on(name, 'full-accept-queue').fates.connectTimedOut).toBeGreaterThan(10);
  });

  it('are answered two at a time by 2.6.32, whose counters do not show the SYNs that it drops', () => {
    const result = on('2.6.32', 'full-accept-queue');
    expect(result.connects.length).toBeGreaterThan(3);
    expect(result.troubles.map(({ rule }) => rule)).toContain('tcp_v4_conn_request/accept-queue-full');
    expect(result.counters.ListenDrops).toBe(result.counters.ListenOverflows);
  });
});

describe('listen(fd, 0)', () => {
  it('admits one at a time on 2.6.32 and from 5.10 on, and nobody on 4.15 without cookies', () => {
    for (const { name } of KERNELS) {
      const expected = name === '4.15' ? { connectTimedOut: 50 } : { accepted: 50 };
      expect(fatesOf(on(name, 'listen-0')), name).toEqual(expected);
    }
  });
});

describe('511 and 512', () => {
  it('lead to SYN queues of 512 and 1024 on 2.6.32', () => {
    expect(atOnce(on('2.6.32', 'backlog-511'))).toBe(512);
    expect(atOnce(on('2.6.32', 'backlog-511', { backlog: 512 }))).toBe(700);
  });

  it('differ by one on 4.15', () => {
    expect(atOnce(on('4.15', 'backlog-511'))).toBe(511);
    expect(atOnce(on('4.15', 'backlog-511', { backlog: 512 }))).toBe(512);
  });
});

describe('a SYN flood', () => {
  it.each(['2.6.32', '4.15'])('hinders nobody on %s with cookies, and is announced in the log', (name) => {
    const result = on(name, 'syn-flood-with-cookies');
    expect(atOnce(result)).toBe(result.clients);
    expect(result.counters.SyncookiesSent).toBeGreaterThan(result.clients);
    expect(result.log[0]?.line).toMatch(/[Pp]ossible SYN flooding .*Sending cookies\./);
  });

  it.each(['2.6.32', '4.15'])('hinders nearly everybody on %s without', (name) => {
    const result = on(name, 'syn-flood-without-cookies');
    expect(atOnce(result)).toBeLessThan(result.clients / 20);
    expect(result.counters.SyncookiesSent).toBeUndefined();
  });
});

describe('a server that does not keep up', () => {
  it.each(['2.6.32', '4.15'])('that pauses for two seconds makes clients of %s wait for one and three', (name) => {
    const result = on(name, 'garbage-collection');
    expect(fatesOf(result)).toEqual({ accepted: result.clients });
    expect(result.connects.map(({ after }) => after)).toEqual([0, 1_000_000, 3_000_000]);
    expect(result.acceptQueue).toMatchObject({ deepest: 129, limit: 129 });
    const { first } = result.troubles.find(({ sign }) => sign === 'syn-dropped') ?? { first: 0 };
    expect(first).toBeGreaterThan(3_000_000);
    expect(first).toBeLessThan(5_000_000);
  });

  it.each(['2.6.32', '4.15'])('that accepts too slowly fills its queue on %s, and loses clients', (name) => {
    const { acceptQueue, fates } = on(name, 'slow-accept-loop');
    expect(acceptQueue.full).toBeGreaterThan(1_000_000);
    expect(fates.gaveUp).toBeGreaterThan(0);
  });

  it.each(['2.6.32', '4.15'])('that is restarted resets who waits on %s, and refuses who comes meanwhile', (name) => {
    const { fates } = on(name, 'restart');
    expect(fates.reset).toBeGreaterThan(50);
    expect(fates.refused).toBeGreaterThan(20);
  });
});

describe('TCP_DEFER_ACCEPT', () => {
  it('keeps clients in the SYN queue until they write', () => {
    const result = on('4.15', 'defer-accept');
    expect(result.acceptLatency?.p50).toBeGreaterThanOrEqual(2_000_000);
    expect(result.connectLatency?.max).toBe(1000);
    expect(result.counters.TCPDeferAcceptDrop).toBeGreaterThanOrEqual(100);
    expect(on('4.15', 'defer-accept', { sockopt: {} }).acceptLatency?.max).toBe(1500);
  });
});
