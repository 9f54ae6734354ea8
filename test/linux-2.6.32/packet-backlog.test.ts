/** How packets wait for the receive softirq of 2.6.32, and how it processes them. */

import { describe, expect, it } from 'vitest';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import { Devices, type DevicesSetup, numbers } from '../support/devices.js';

const devices = (setup?: DevicesSetup): Devices => new Devices(linux_2_6_32, setup);
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

  it('counts a packet when it comes, dropped or not, and again when it is processed: enqueue_to_backlog/counted, __netif_receive_skb/counted', () => {
    const d = devices({ sysctl: { netdev_max_backlog: 1 } });
    d.arrive(5);
    expect(d.stat()).toEqual({ processed: 5, dropped: 3, time_squeeze: 0, received_rps: 0 });
    const rules = d.rulesOf(() => d.softirq());
    expect(rules.filter((rule) => rule === '__netif_receive_skb/counted')).toHaveLength(2);
    expect(d.stat().processed).toBe(7);
    expect(d.rulesOf(() => d.arrive())).toContain('enqueue_to_backlog/counted');
  });

  it('schedules the poll with the first packet alone: enqueue_to_backlog/first', () => {
    const d = devices();
    expect(d.pending()).toBe(false);
    expect(d.backlog.runSoftirq()).toBe(false);
    expect(d.rulesOf(() => d.arrive())).toContain('enqueue_to_backlog/first');
    expect(d.pending()).toBe(true);
    expect(d.rulesOf(() => d.arrive())).not.toContain('enqueue_to_backlog/first');
    expect(d.softirq()).toEqual(['0', '1']);
    expect(d.pending()).toBe(false);
    expect(d.rulesOf(() => d.arrive())).toContain('enqueue_to_backlog/first');
    expect(d.softirq()).toEqual(['2']);
  });

  it('only queues while the poll of an emptied queue is not over: enqueue_to_backlog/poll-pending', () => {
    const d = devices({ sysctl: { netdev_budget: 64 } });
    d.arrive(64);
    expect(d.softirq()).toEqual(numbers(0, 64));
    expect(d.limited()).toBe(0);
    const rules = d.rulesOf(() => d.arrive());
    expect(rules).toContain('enqueue_to_backlog/poll-pending');
    expect(rules).not.toContain('enqueue_to_backlog/first');
    expect(d.softirq()).toEqual(['64']);
    expect(d.softirq()).toEqual([]);
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

  it('wakes the other CPU at the end of its own softirq: enqueue_to_backlog/other-cpu, net_rps_action/interrupts, trigger_softirq/interrupted', () => {
    const d = devices({ cpus: 3 });
    expect(d.rulesOf(() => d.arrive(2, { rps: 2 }))).toContain('enqueue_to_backlog/other-cpu');
    d.arrive(1, { rps: 1 });
    expect([d.pending(0), d.pending(1), d.pending(2)]).toEqual([true, false, false]);
    const rules = d.rulesOf(() => expect(d.softirq(0)).toEqual([]));
    expect(rules).toContain('net_rps_action/interrupts');
    expect(rules.filter((rule) => rule === 'trigger_softirq/interrupted')).toHaveLength(2);
    expect([d.pending(0), d.pending(1), d.pending(2)]).toEqual([false, true, true]);
    expect([d.stat(0), d.stat(1), d.stat(2)].map(({ received_rps }) => received_rps)).toEqual([0, 1, 1]);
    expect(d.softirq(2)).toEqual(['0@2', '1@2']);
    expect(d.softirq(1)).toEqual(['2@1']);
  });

  it('does not interrupt a CPU that is already at it, and nobody where nobody is marked', () => {
    const d = devices({ cpus: 2 });
    d.arrive(1, {}, 1);
    d.arrive(1, { rps: 1 });
    expect(d.pending(0)).toBe(false);
    d.arrive();
    expect(d.rulesOf(() => d.softirq())).not.toContain('net_rps_action/interrupts');
    expect(d.softirq(1)).toEqual(['0@1', '1@1']);
  });

  it('has what comes and what is dropped counted by the CPU that received it', () => {
    const d = devices({ cpus: 2, sysctl: { netdev_max_backlog: 0 } });
    d.arrive(3, { rps: 1 });
    expect([d.stat(0), d.stat(1)]).toMatchObject([
      { processed: 3, dropped: 2 },
      { processed: 0, dropped: 0 },
    ]);
    d.softirq(0);
    d.softirq(1);
    expect(d.stat(1).processed).toBe(1);
  });
});

describe("a driver's own poll", () => {
  it('hands packets up at once where they are not steered, whatever the limit: netif_receive_skb/no-queue', () => {
    const d = devices({ sysctl: { netdev_max_backlog: 0 } });
    d.arrive(2);
    expect(d.rulesOf(() => expect(d.arriveInPoll()).toBe(true))).toContain('netif_receive_skb/no-queue');
    expect(d.received).toEqual(['2']);
    expect(d.stat()).toMatchObject({ processed: 3, dropped: 1 });
  });

  it('queues those that are steered, even to the same CPU: netif_receive_skb/steered', () => {
    const d = devices({ sysctl: { netdev_max_backlog: 0 } });
    expect(d.rulesOf(() => expect(d.arriveInPoll({ rps: 0 })).toBe(true))).toContain('netif_receive_skb/steered');
    expect(d.arriveInPoll({ rps: 0 })).toBe(false);
    expect(d.received).toEqual([]);
    expect(d.softirq()).toEqual(['0']);
  });
});

describe('a poll', () => {
  it('ends when the queue is empty: process_backlog/empty', () => {
    const d = devices();
    d.arrive(3);
    expect(d.rulesOf(() => d.softirq()).at(-1)).toBe('process_backlog/empty');
    expect(d.stat().time_squeeze).toBe(0);
  });

  it('stops at its weight, and is repeated within the softirq: process_backlog/weight-used, net_rx_action/polled-again', () => {
    const d = devices({ sysctl: { netdev_budget: 1000 } });
    d.arrive(129);
    const rules = d.rulesOf(() => expect(d.softirq()).toEqual(numbers(0, 129)));
    expect(rules.filter((rule) => rule === 'process_backlog/weight-used')).toHaveLength(2);
    expect(rules.filter((rule) => rule === 'net_rx_action/polled-again')).toHaveLength(2);
    expect(d.pending()).toBe(false);
  });

  it('takes dev_weight for the next poll: process_backlog/next-weight', () => {
    const d = devices({ sysctl: { dev_weight: 5, netdev_budget: 1 } });
    d.arrive(80);
    expect(d.rulesOf(() => expect(d.softirq()).toHaveLength(64))).toContain('process_backlog/next-weight');
    expect(d.rulesOf(() => expect(d.softirq()).toHaveLength(5))).not.toContain('process_backlog/next-weight');
  });

  it('stops with its jiffy, and is repeated: process_backlog/jiffy-over', () => {
    const d = devices();
    d.arrive(2);
    d.arrive(1, { takes: JIFFY });
    d.arrive(1);
    const rules = d.rulesOf(() => expect(d.softirq()).toEqual(numbers(0, 4)));
    const polled = rules.filter((rule) => rule.startsWith('process_backlog/'));
    expect(polled).toEqual(['process_backlog/jiffy-over', 'process_backlog/empty']);
    expect(rules).not.toContain('net_rx_action/polled-again');
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
  it('begins no poll once its budget is used up: net_rx_action/out-of-budget', () => {
    const d = devices({ sysctl: { netdev_budget: 65 } });
    d.arrive(200);
    expect(d.rulesOf(() => expect(d.softirq()).toHaveLength(128))).toContain('net_rx_action/out-of-budget');
    expect(d.stat().time_squeeze).toBe(1);
    expect(d.pending()).toBe(true);
    expect(d.softirq()).toHaveLength(72);
    expect(d.stat().time_squeeze).toBe(1);
  });

  it('looks at the budget before a poll only, so that an emptied queue costs no time_squeeze', () => {
    const d = devices({ sysctl: { netdev_budget: 10 } });
    d.arrive(63);
    expect(d.softirq()).toHaveLength(63);
    expect(d.stat().time_squeeze).toBe(0);
    d.arrive(64);
    expect(d.softirq()).toHaveLength(64);
    expect(d.stat().time_squeeze).toBe(1);
  });

  it('does nothing without a budget', () => {
    const d = devices({ sysctl: { netdev_budget: 0 } });
    d.arrive();
    expect(d.softirq()).toEqual([]);
    expect(d.pending()).toBe(true);
  });

  it('begins no poll after more than two jiffies: net_rx_action/out-of-time', () => {
    const d = devices();
    d.arrive(5, { takes: JIFFY });
    expect(d.rulesOf(() => expect(d.softirq()).toEqual(numbers(0, 3)))).toContain('net_rx_action/out-of-time');
    expect(d.stat().time_squeeze).toBe(1);
    expect(d.pending()).toBe(true);
    expect(d.softirq()).toEqual(['3', '4']);
    expect(d.stat().time_squeeze).toBe(1);
  });

  it('takes a jiffy for as long as HZ says', () => {
    const d = devices({ hz: 100 });
    d.arrive(5, { takes: JIFFY });
    expect(d.softirq()).toHaveLength(5);
  });
});

describe('what is read and written', () => {
  it('shows ten columns in /proc/net/softnet_stat', () => {
    const d = devices({ cpus: 2, sysctl: { netdev_max_backlog: 15, netdev_budget: 16, dev_weight: 16 } });
    d.arrive(17, { rps: 1 });
    d.softirq(0);
    d.softirq(1);
    d.arrive(16, {}, 1);
    d.softirq(1);
    const zeroes = '00000000 00000000 00000000 00000000 00000000';
    expect(d.backlog.softnetLine(0)).toBe(`00000011 00000001 00000000 ${zeroes} 00000000 00000000`);
    expect(d.backlog.softnetLine(1)).toBe(`00000030 00000000 00000001 ${zeroes} 00000000 00000001`);
  });

  it('takes any int, but has none of the later sysctls', () => {
    const d = devices();
    expect(d.set({ netdev_max_backlog: -5 })).toBe(0);
    expect(d.set({ netdev_budget_usecs: 1 })).toBe('ENOENT');
    expect(d.set({ dev_weight_rx_bias: 1 })).toBe('ENOENT');
    expect(() => d.set({ dev_weight: 0 })).toThrow(RangeError);
  });

  it('knows only its own CPUs', () => {
    const d = devices({ cpus: 2 });
    expect(() => d.arrive(1, {}, 2)).toThrow('no CPU 2: there are 2');
    expect(() => d.arrive(1, { rps: 2 })).toThrow(RangeError);
    expect(() => d.arriveInPoll({ rps: 2 })).toThrow(RangeError);
    expect(() => devices({ cpus: 0 })).toThrow(RangeError);
  });
});
