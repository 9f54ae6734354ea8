/** How packets wait for the receive softirq of 4.15, and how it processes them. */

import { describe, expect, it } from 'vitest';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { Devices, type DevicesSetup, numbers } from '../support/devices.js';

const devices = (setup?: DevicesSetup): Devices => new Devices(linux_4_15, setup);
const JIFFY = 1000;

describe('netif_rx', () => {
  it('queues one packet more than netdev_max_backlog, and drops the next: enqueue_to_backlog/queued, enqueue_to_backlog/full', () => {
    const d = devices({ sysctl: { netdev_max_backlog: 10 } });
    expect(d.arrive(11)).toBe(0);
    expect(d.rulesOf(() => expect(d.arrive()).toBe(1))).toContain('enqueue_to_backlog/full');
    expect(d.limited()).toBe(11);
    expect(d.stat().dropped).toBe(1);
    expect(d.softirq()).toEqual(numbers(0, 11));
    expect(d.rulesOf(() => d.arrive())).toContain('enqueue_to_backlog/queued');
  });

  it('queues one packet with a limit of 0, and any number with a negative one', () => {
    expect(devices({ sysctl: { netdev_max_backlog: 0 } }).arrive(3)).toBe(2);
    expect(devices({ sysctl: { netdev_max_backlog: -1 } }).arrive(3000)).toBe(0);
  });

  it('counts a packet once, when it is processed: __netif_receive_skb_core/counted', () => {
    const d = devices({ sysctl: { netdev_max_backlog: 1 } });
    d.arrive(5);
    expect(d.stat()).toEqual({ processed: 0, dropped: 3, time_squeeze: 0, received_rps: 0, flow_limit_count: 0 });
    const rules = d.rulesOf(() => d.softirq());
    expect(rules.filter((rule) => rule === '__netif_receive_skb_core/counted')).toHaveLength(2);
    expect(d.stat().processed).toBe(2);
  });

  it('drops a packet of a device that was taken down: enqueue_to_backlog/device-down', () => {
    const d = devices();
    expect(d.rulesOf(() => expect(d.arrive(1, { deviceDown: true })).toBe(1))).toContain(
      'enqueue_to_backlog/device-down',
    );
    expect(d.stat().dropped).toBe(1);
    expect(d.pending()).toBe(false);
  });

  it('schedules the poll with the first packet alone: enqueue_to_backlog/first', () => {
    const d = devices();
    expect(d.rulesOf(() => d.arrive())).toContain('enqueue_to_backlog/first');
    expect(d.pending()).toBe(true);
    expect(d.rulesOf(() => d.arrive())).not.toContain('enqueue_to_backlog/first');
    expect(d.softirq()).toEqual(['0', '1']);
    expect(d.pending()).toBe(false);
    expect(d.rulesOf(() => d.arrive())).toContain('enqueue_to_backlog/first');
    expect(d.softirq()).toEqual(['2']);
  });

  it('only queues while the poll of an emptied queue is not over: enqueue_to_backlog/poll-pending', () => {
    const d = devices();
    d.arrive(65);
    d.softirq();
    expect(d.backlog.waiting(0)).toEqual({ limited: 0, takenOver: 1 });
    const rules = d.rulesOf(() => d.arrive());
    expect(rules).toContain('enqueue_to_backlog/poll-pending');
    expect(rules).not.toContain('enqueue_to_backlog/first');
    expect(d.softirq()).toEqual(['64', '65']);
    expect(d.pending()).toBe(false);
  });
});

describe('steering', () => {
  it('leaves a packet where it came unless a CPU is chosen for it: get_rps_cpu/none, get_rps_cpu/chosen', () => {
    const d = devices({ cpus: 2 });
    expect(d.rulesOf(() => d.arrive(1, {}, 1))).toContain('get_rps_cpu/none');
    expect([d.limited(0), d.limited(1)]).toEqual([0, 1]);
    expect(d.rulesOf(() => d.arrive(1, { rps: 0 }, 1))).toContain('get_rps_cpu/chosen');
    expect([d.limited(0), d.limited(1)]).toEqual([1, 1]);
  });

  it('wakes the other CPU in its own softirq: rps_ipi_queued/other-cpu, net_rps_action_and_irq_enable/interrupts, rps_trigger_softirq/interrupted', () => {
    const d = devices({ cpus: 3 });
    const first = d.rulesOf(() => d.arrive(2, { rps: 2 }));
    expect(first.filter((rule) => rule === 'rps_ipi_queued/other-cpu')).toHaveLength(1);
    expect(first).not.toContain('enqueue_to_backlog/first');
    d.arrive(1, { rps: 1 });
    expect([d.pending(0), d.pending(1), d.pending(2)]).toEqual([true, false, false]);
    const rules = d.rulesOf(() => expect(d.softirq(0)).toEqual([]));
    expect(rules).toContain('net_rps_action_and_irq_enable/interrupts');
    expect(rules.filter((rule) => rule === 'rps_trigger_softirq/interrupted')).toHaveLength(2);
    expect([d.pending(0), d.pending(1), d.pending(2)]).toEqual([false, true, true]);
    expect([d.stat(0), d.stat(1), d.stat(2)].map(({ received_rps }) => received_rps)).toEqual([0, 1, 1]);
    expect(d.softirq(2)).toEqual(['0@2', '1@2']);
    expect(d.softirq(1)).toEqual(['2@1']);
  });

  it('wakes it before the first packet of its own: process_backlog/interrupts-first', () => {
    const d = devices({ cpus: 2 });
    d.arrive(1);
    d.arrive(1, { rps: 1 });
    const woken: boolean[] = [];
    const receive = d.receive.bind(d);
    d.receive = (packet, cpu) => {
      receive(packet, cpu);
      woken.push(d.pending(1));
    };
    expect(d.rulesOf(() => d.softirq())).toContain('process_backlog/interrupts-first');
    expect(woken).toEqual([true]);
  });

  it('does not interrupt a CPU that is already at it, and nobody where nobody is marked', () => {
    const d = devices({ cpus: 2 });
    d.arrive(1, {}, 1);
    d.arrive(1, { rps: 1 });
    expect(d.pending(0)).toBe(false);
    d.arrive();
    const rules = d.rulesOf(() => d.softirq());
    expect(rules).not.toContain('net_rps_action_and_irq_enable/interrupts');
    expect(rules).not.toContain('process_backlog/interrupts-first');
    expect(d.softirq(1)).toEqual(['0@1', '1@1']);
  });

  it('wakes a CPU for which a packet came while this one was polling', () => {
    const d = devices({ cpus: 2 });
    d.arrive(1);
    const receive = d.receive.bind(d);
    d.receive = (packet, cpu) => {
      receive(packet, cpu);
      if (d.received.length === 1) d.arrive(1, { rps: 1 });
    };
    d.softirq();
    expect(d.pending(1)).toBe(true);
    expect(d.stat(1).received_rps).toBe(1);
  });

  it('has what is dropped counted by the CPU whose queue is full', () => {
    const d = devices({ cpus: 2, sysctl: { netdev_max_backlog: 0 } });
    d.arrive(3, { rps: 1 });
    expect([d.stat(0), d.stat(1)]).toMatchObject([
      { processed: 0, dropped: 0 },
      { processed: 0, dropped: 2 },
    ]);
  });
});

describe('the flow limit', () => {
  const flows = { sysctl: { netdev_max_backlog: 1000, flow_limit_cpu_bitmap: 1 } };

  it('remembers packets once half of the limit waits: skb_flow_limit/remembered', () => {
    const d = devices(flows);
    expect(d.rulesOf(() => d.arrive(500, { hash: 7 }))).not.toContain('skb_flow_limit/remembered');
    expect(d.rulesOf(() => d.arrive(1, { hash: 7 }))).toContain('skb_flow_limit/remembered');
  });

  it('drops a packet when more than half of those remembered are of its flow: skb_flow_limit/too-many-of-flow', () => {
    const d = devices(flows);
    d.arrive(500);
    expect(d.arrive(64, { hash: 7 })).toBe(0);
    expect(d.rulesOf(() => expect(d.arrive(1, { hash: 7 })).toBe(1))).toContain('skb_flow_limit/too-many-of-flow');
    expect(d.stat()).toMatchObject({ dropped: 1, flow_limit_count: 1 });
    expect(d.arrive(1, { hash: 8 })).toBe(0);
    expect(d.arrive(1, { hash: 7 })).toBe(1);
    expect(d.arrive(1, { hash: 7 + 4096 })).toBe(1);
    expect(d.limited()).toBe(565);
  });

  it('forgets a packet after 128 others', () => {
    const d = devices(flows);
    d.arrive(500);
    d.arrive(64, { hash: 7 });
    for (let hash = 100; hash < 163; hash++) d.arrive(1, { hash });
    expect(d.arrive(1, { hash: 7 })).toBe(1);
    expect(d.arrive(1, { hash: 7 })).toBe(1);
    for (let hash = 200; hash < 202; hash++) d.arrive(1, { hash });
    expect(d.arrive(1, { hash: 7 })).toBe(0);
  });

  it('is not there where nobody asked for it', () => {
    const d = devices({ sysctl: { netdev_max_backlog: 200 } });
    expect(d.arrive(201, { hash: 7 })).toBe(0);
    expect(d.backlog.fired.filter((rule) => rule.startsWith('skb_flow_limit/'))).toEqual([]);
  });

  it('is that of the CPU that receives, whatever queue the packet goes to', () => {
    const d = devices({ cpus: 2, ...flows });
    expect(d.arrive(600, { hash: 7, rps: 0 }, 1)).toBe(0);
    expect(d.arrive(65, { hash: 7, rps: 0 }, 0)).toBe(1);
    expect([d.stat(0), d.stat(1)].map(({ flow_limit_count }) => flow_limit_count)).toEqual([1, 0]);
  });

  it('begins anew where it is switched off and on: flow_limit_cpu_sysctl/on, flow_limit_cpu_sysctl/off', () => {
    const d = devices({ cpus: 2 });
    expect(d.rulesOf(() => d.set({ flow_limit_cpu_bitmap: 3 }))).toEqual([
      'flow_limit_cpu_sysctl/on',
      'flow_limit_cpu_sysctl/on',
    ]);
    for (const cpu of [0, 1]) {
      d.arrive(500, {}, cpu);
      expect(d.arrive(70, { hash: 7 }, cpu)).toBe(6);
    }
    expect(d.rulesOf(() => d.set({ flow_limit_cpu_bitmap: 2 }))).toEqual(['flow_limit_cpu_sysctl/off']);
    expect([d.stat(0), d.stat(1)].map(({ flow_limit_count }) => flow_limit_count)).toEqual([0, 6]);
    expect(d.arrive(70, { hash: 7 }, 0)).toBe(0);
    expect(d.rulesOf(() => d.set({ flow_limit_cpu_bitmap: 2 }))).toEqual([]);
    d.set({ flow_limit_cpu_bitmap: 3 });
    expect(d.arrive(70, { hash: 7 }, 0)).toBe(6);
    expect(d.arrive(1, { hash: 7 }, 1)).toBe(1);
  });

  it('has as many buckets as were set when it was switched on, a power of two: flow_limit_table_len_sysctl/no-power-of-two', () => {
    const d = devices();
    for (const value of [0, 3, 4095, 2 ** 31]) expect(d.set({ flow_limit_table_len: value })).toBe('EINVAL');
    expect(d.backlog.fired).toContain('flow_limit_table_len_sysctl/no-power-of-two');
    expect(d.backlog.sysctl['net.core.flow_limit_table_len']).toBe(4096);
    expect(d.set({ flow_limit_table_len: 2 })).toBe(0);
    d.set({ flow_limit_cpu_bitmap: 1 });
    expect(d.set({ flow_limit_table_len: 4096 })).toBe(0);
    d.arrive(500);
    expect(d.arrive(64, { hash: 1 })).toBe(0);
    expect(d.arrive(1, { hash: 3 })).toBe(1);
    expect(d.arrive(1, { hash: 0x80000002 })).toBe(0);
  });
});

describe("a driver's own poll", () => {
  it('hands packets up at once where they are not steered, whatever the limit: netif_receive_skb_internal/no-queue', () => {
    const d = devices({ sysctl: { netdev_max_backlog: 0 } });
    d.arrive(2);
    expect(d.rulesOf(() => expect(d.arriveInPoll()).toBe(true))).toContain('netif_receive_skb_internal/no-queue');
    expect(d.received).toEqual(['2']);
    expect(d.stat()).toMatchObject({ processed: 1, dropped: 1 });
  });

  it('queues those that are steered, even to the same CPU: netif_receive_skb_internal/steered', () => {
    const d = devices({ sysctl: { netdev_max_backlog: 0 } });
    const rules = d.rulesOf(() => expect(d.arriveInPoll({ rps: 0 })).toBe(true));
    expect(rules).toContain('netif_receive_skb_internal/steered');
    expect(d.arriveInPoll({ rps: 0 })).toBe(false);
    expect(d.received).toEqual([]);
    expect(d.softirq()).toEqual(['0']);
  });
});

describe('a poll', () => {
  it('ends when nothing is left: process_backlog/empty', () => {
    const d = devices();
    d.arrive(3);
    expect(d.rulesOf(() => d.softirq()).at(-1)).toBe('process_backlog/empty');
    expect(d.stat().time_squeeze).toBe(0);
  });

  it('takes over the whole queue, so that the limit counts from 0 again: process_backlog/taken-over', () => {
    const d = devices({ sysctl: { netdev_max_backlog: 99 } });
    d.arrive(100);
    expect(d.rulesOf(() => expect(d.softirq()).toHaveLength(64))).toContain('process_backlog/taken-over');
    expect(d.backlog.waiting(0)).toEqual({ limited: 0, takenOver: 36 });
    expect(d.arrive(101)).toBe(1);
    expect(d.softirq()).toEqual(numbers(64, 128));
    expect(d.softirq()).toEqual(numbers(128, 192));
  });

  it('stops at its weight, and is repeated in the next softirq only: process_backlog/weight-used, napi_poll/polled-in-next-softirq, net_rx_action/raised-again', () => {
    const d = devices({ sysctl: { netdev_budget: 1000 } });
    d.arrive(129);
    const rules = d.rulesOf(() => expect(d.softirq()).toEqual(numbers(0, 64)));
    expect(rules).toContain('process_backlog/weight-used');
    expect(rules).toContain('napi_poll/polled-in-next-softirq');
    expect(rules).toContain('net_rx_action/raised-again');
    expect(d.pending()).toBe(true);
    expect(d.softirq()).toEqual(numbers(64, 128));
    expect(d.rulesOf(() => expect(d.softirq()).toEqual(['128']))).not.toContain('net_rx_action/raised-again');
    expect(d.pending()).toBe(false);
    expect(d.stat().time_squeeze).toBe(0);
  });

  it('is repeated once more where its weight was just enough', () => {
    const d = devices();
    d.arrive(64);
    expect(d.softirq()).toHaveLength(64);
    expect(d.pending()).toBe(true);
    expect(d.softirq()).toEqual([]);
    expect(d.pending()).toBe(false);
    d.arrive();
    expect(d.softirq()).toEqual(['64']);
  });

  it('takes dev_weight times its bias for the next poll: process_backlog/next-weight, proc_do_dev_weight/biased', () => {
    const d = devices();
    expect(d.rulesOf(() => d.set({ dev_weight: 5, dev_weight_rx_bias: 3, dev_weight_tx_bias: 2 }))).toContain(
      'proc_do_dev_weight/biased',
    );
    expect(d.backlog.transmitQuota).toBe(10);
    d.arrive(100);
    expect(d.rulesOf(() => expect(d.softirq()).toHaveLength(64))).toContain('process_backlog/next-weight');
    expect(d.rulesOf(() => expect(d.softirq()).toHaveLength(15))).not.toContain('process_backlog/next-weight');
  });

  it('goes on over the end of a jiffy', () => {
    const d = devices({ sysctl: { netdev_budget_usecs: 1_000_000 } });
    d.arrive(10, { takes: JIFFY });
    expect(d.rulesOf(() => d.softirq()).filter((rule) => rule === 'process_backlog/taken-over')).toHaveLength(1);
    expect(d.received).toHaveLength(10);
  });

  it('processes a packet that comes while it runs', () => {
    const d = devices();
    const receive = d.receive.bind(d);
    d.receive = (packet, cpu) => {
      receive(packet, cpu);
      if (d.received.length === 1) d.arrive();
    };
    d.arrive();
    expect(d.softirq()).toEqual(['0', '1']);
    expect(d.pending()).toBe(false);
  });
});

describe('a softirq', () => {
  it('looks at its budget after each poll, and counts even if nothing is left: net_rx_action/out-of-budget', () => {
    const d = devices({ sysctl: { netdev_budget: 63 } });
    d.arrive(62);
    d.softirq();
    expect(d.stat().time_squeeze).toBe(0);
    d.arrive(63);
    expect(d.rulesOf(() => expect(d.softirq()).toHaveLength(63))).toContain('net_rx_action/out-of-budget');
    expect(d.stat().time_squeeze).toBe(1);
    expect(d.pending()).toBe(false);
  });

  it('polls once without any budget', () => {
    const d = devices({ sysctl: { netdev_budget: 0 } });
    d.arrive();
    expect(d.softirq()).toEqual(['0']);
    expect(d.stat().time_squeeze).toBe(1);
  });

  it('looks at the time after each poll, and counts even if nothing is left: net_rx_action/out-of-time', () => {
    const d = devices();
    d.arrive(1, { takes: 2 * JIFFY - 1 });
    d.softirq();
    expect(d.stat().time_squeeze).toBe(0);
    d.arrive(1, { takes: 2 * JIFFY });
    expect(d.rulesOf(() => d.softirq())).toContain('net_rx_action/out-of-time');
    expect(d.stat().time_squeeze).toBe(1);
    expect(d.pending()).toBe(false);
  });

  it('rounds netdev_budget_usecs up to jiffies', () => {
    const took = (takes: number, hz: number): number => {
      const d = devices({ hz, sysctl: { netdev_budget_usecs: 2001 } });
      d.arrive(1, { takes });
      d.softirq();
      return d.stat().time_squeeze;
    };
    expect([took(2999, 1000), took(3000, 1000)]).toEqual([0, 1]);
    expect([took(3999, 250), took(4000, 250)]).toEqual([0, 1]);
  });
});

describe('what is read and written', () => {
  it('shows eleven columns in /proc/net/softnet_stat', () => {
    const d = devices({ cpus: 2, sysctl: { netdev_max_backlog: 15, netdev_budget: 16 } });
    d.arrive(17, { rps: 1 });
    d.softirq(0);
    d.softirq(1);
    const zeroes = '00000000 00000000 00000000 00000000 00000000 00000000';
    expect(d.backlog.softnetLine(0)).toBe(`00000000 00000000 00000000 ${zeroes} 00000000 00000000`);
    expect(d.backlog.softnetLine(1)).toBe(`00000010 00000001 00000001 ${zeroes} 00000001 00000000`);
    const limited = devices({ sysctl: { flow_limit_cpu_bitmap: 1, netdev_max_backlog: 0 } });
    limited.arrive(1, { hash: 7 });
    for (let i = 0; i < 70; i++) {
      limited.softirq();
      limited.arrive(1, { hash: 7 });
    }
    expect(limited.backlog.softnetLine(0).split(' ').at(-1)).toBe('00000007');
  });

  it('refuses what is no int, a negative time, and sysctls that it has not', () => {
    const d = devices();
    expect(d.set({ netdev_max_backlog: 2 ** 31 })).toBe('EINVAL');
    expect(d.set({ dev_weight: 2 ** 31 })).toBe('EINVAL');
    expect(d.set({ netdev_budget_usecs: -1 })).toBe('EINVAL');
    expect(d.set({ netdev_budgets: 1 })).toBe('ENOENT');
    expect(() => d.set({ dev_weight: 0 })).toThrow(RangeError);
    expect(() => d.set({ dev_weight_rx_bias: -1 })).toThrow(RangeError);
    expect(d.backlog.sysctl['net.core.dev_weight_rx_bias']).toBe(1);
  });
});
