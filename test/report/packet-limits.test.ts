/** What the answers about the packet backlog are made of. */

import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { KERNELS } from '../../src/kernels.js';
import { limits } from '../../src/report/limits.js';
import { renderLimits } from '../../src/report/limits-text.js';
import { type PacketLimits, packetLimits } from '../../src/report/packet-limits.js';

const [old, recent] = KERNELS as [KernelVariant, KernelVariant];
/** The limits of a kernel whose packet backlog is modelled. */
function limitsOf(kernel: KernelVariant, sysctls: Readonly<Record<string, number>>): PacketLimits {
  const { limits } = packetLimits(kernel, sysctls);
  if (limits === undefined) throw new Error(`nothing is known of ${kernel.name}`);
  return limits;
}

const MAX = 'net.core.netdev_max_backlog';
const BUDGET = 'net.core.netdev_budget';

describe('packetLimits', () => {
  it.each([0, 1, 63, 64, 1000])('finds one packet more than a limit of %i, and in 4.15 as many again', (most) => {
    expect(packetLimits(old, { [MAX]: most }).limits).toMatchObject({ capacity: most + 1, whileProcessing: 0 });
    const { capacity, whileProcessing, perSoftirq } = limitsOf(recent, { [MAX]: most });
    expect([capacity, whileProcessing]).toEqual([most + 1, Math.max(0, most + 1 - 64)]);
    expect(perSoftirq).toBe(Math.min(most + 1, 64));
  });

  it('tells a softirq from the other: all that the budget allows, or one poll', () => {
    expect(packetLimits(old, { [BUDGET]: 300 }).limits).toMatchObject({ perSoftirq: 320, runs: 4 });
    expect(packetLimits(old, { [BUDGET]: 1 }).limits).toMatchObject({ perSoftirq: 64, runs: 16 });
    expect(packetLimits(old, { [BUDGET]: 0 }).limits).toMatchObject({ perSoftirq: 0, runs: undefined });
    expect(packetLimits(recent, { [BUDGET]: 300 }).limits).toMatchObject({ perSoftirq: 64, runs: 16 });
  });

  it('says what a SYN that finds it full does: nothing that TCP would count', () => {
    expect(limitsOf(old, {}).full).toEqual({
      columns: ['the first column', 'dropped'],
      rule: 'enqueue_to_backlog/full',
      tcpSawIt: false,
    });
    expect(limitsOf(recent, {}).full).toMatchObject({ columns: ['dropped'], tcpSawIt: false });
    expect(limitsOf(recent, {}).passedByPolls).toBe(true);
  });

  it('has no end where the limit is negative', () => {
    for (const kernel of [old, recent]) {
      const { capacity, full, runs } = limitsOf(kernel, { [MAX]: -1 });
      expect([capacity, full, runs]).toEqual([undefined, undefined, undefined]);
    }
  });

  it('says nothing of a kernel whose packet backlog is not modelled', () => {
    const { limits, sysctl, refused } = packetLimits(KERNELS.at(-1) as KernelVariant, { [MAX]: 10 });
    expect([limits, sysctl, refused]).toEqual([undefined, {}, {}]);
  });

  it('says what the kernel refuses, and what holds then', () => {
    const { refused, sysctl } = packetLimits(recent, { [MAX]: 2 ** 31, [BUDGET]: 5 });
    expect(refused).toEqual({ [MAX]: 'EINVAL' });
    expect(sysctl).toEqual({ [MAX]: 1000, [BUDGET]: 5 });
  });
});

describe('limits', () => {
  it('tells of the packet backlog beside the other queues', () => {
    const all = KERNELS.map((kernel) => limits(kernel, 16, { [MAX]: 10 }));
    const text = renderLimits(all, { width: 600 });
    expect(text).toMatch(/\n {2}netdev_max_backlog +10 +10 +is not modelled\n/);
    const section = text.slice(text.indexOf('Packet backlog: a queue for each CPU'));
    expect(section).toMatch(/\n {2}holds +11 packets +11 packets +is not modelled\n/);
    expect(section).toMatch(/\n {2}then a new SYN +is dropped before TCP sees it: no counter of TCP moves; counts /);
    expect(section).toContain('counts dropped in /proc/net/softnet_stat (enqueue_to_backlog/full)');
    expect(section).toContain('11 packets of a full queue, if time allows; a full queue takes 1 softirq');
  });
});
