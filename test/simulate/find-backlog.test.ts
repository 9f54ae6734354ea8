/** The search for the smallest backlog that loses nothing. */

import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { KERNELS, kernelNamed } from '../../src/kernels.js';
import { findBacklog } from '../../src/simulate/find-backlog.js';
import { losses } from '../../src/simulate/result.js';
import { simulate } from '../../src/simulate/simulate.js';
import { workload } from './workloads.js';

const kernel = (name: string): KernelVariant => kernelNamed(name) as KernelVariant;

const ASLEEP = { pauses: [{ from: 0 }] };
const constant = (count: number) => ({ arrivals: { kind: 'constant', rate: 100, count } as const, roundTrip: 100 });

describe('findBacklog', () => {
  it.each(KERNELS)('finds that $name holds one connection more than its backlog', (variant) => {
    const found = findBacklog(variant, workload({ backlog: 1, clients: constant(40), server: ASLEEP }));
    expect(found).toMatchObject({ backlog: 39, caps: [], exceptions: [] });
    expect(found.result.fates.waiting).toBe(40);
    expect(losses(found.result)).toBe(0);
  });

  it('says which setting caps it, and what it has to be', () => {
    const crowd = workload({ backlog: 1, clients: constant(300), server: ASLEEP });
    expect(findBacklog(kernel('4.15'), crowd)).toMatchObject({
      backlog: 299,
      caps: [{ sysctl: 'net.core.somaxconn', inForce: 128, needed: 299 }],
    });
  });

  it('says so of tcp_max_syn_backlog, whose last quarter is closed to strangers without cookies', () => {
    const sysctl = { 'net.ipv4.tcp_syncookies': 0, 'net.core.somaxconn': 4096, 'net.ipv4.tcp_max_syn_backlog': 128 };
    const clients = { arrivals: { kind: 'burst', count: 200 } as const, roundTrip: 1000 };
    const crowd = workload({ backlog: 1, sysctl, clients, server: { service: 0 } });
    const found = findBacklog(kernel('4.15'), crowd);
    expect(found).toMatchObject({ backlog: 200, caps: [{ sysctl: 'net.ipv4.tcp_max_syn_backlog', inForce: 128 }] });
    const { needed } = found.caps[0] ?? { needed: 0 };
    const with_ = (most: number) => {
      const settings = { ...sysctl, 'net.ipv4.tcp_max_syn_backlog': most };
      return losses(simulate(kernel('4.15'), { ...crowd, backlog: 200, sysctl: settings }));
    };
    expect(with_(needed)).toBe(0);
    expect(with_(needed - 1)).toBeGreaterThan(0);
  });

  it('tells up to which backlog the SYN queue of 2.6.32 is of the same size', () => {
    const clients = { arrivals: { kind: 'burst', count: 40 } as const, roundTrip: 1000 };
    const found = findBacklog(kernel('2.6.32'), workload({ backlog: 1, clients, server: { service: 0 } }));
    expect(found).toMatchObject({ backlog: 32, sameSynQueueUpTo: 63 });
    expect(found.result.synQueue.limit).toBe(64);
  });

  it('says when no backlog is enough', () => {
    const clients = { ...constant(40), patience: 1_000_000 };
    const found = findBacklog(kernel('4.15'), workload({ backlog: 1, clients, server: ASLEEP }));
    expect(found.backlog).toBeUndefined();
    expect(found.result.fates.gaveUp).toBe(40);
  });

  it('refuses a network that loses segments', () => {
    const lossy = workload({ backlog: 1, clients: { ...constant(4), loss: 0.1 } });
    expect(() => findBacklog(kernel('4.15'), lossy)).toThrow('loses segments');
  });
});
