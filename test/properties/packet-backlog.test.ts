/** Each property of the packet backlog finds the mistake that it is there to find. */

import { describe, expect, it } from 'vitest';
import { runProperty } from '../../properties/campaign.js';
import { packetQueueBounded } from '../../properties/packet-backlog/packet-queue-bounded.js';
import { packetsAccounted } from '../../properties/packet-backlog/packets-accounted.js';
import { packetsInOrder } from '../../properties/packet-backlog/packets-in-order.js';
import { packetsNotForgotten } from '../../properties/packet-backlog/packets-not-forgotten.js';
import { softirqBudget } from '../../properties/packet-backlog/softirq-budget.js';
import type { Property } from '../../properties/property.js';
import type { Packet, PacketBacklog } from '../../src/host/packet-backlog.js';
import { type KernelVariant, packetBacklogOf } from '../../src/host/variant.js';
import { WITH_PACKET_BACKLOG } from '../support/kernels.js';

/** A kernel whose packet backlog is changed. */
const broken =
  (spoil: (backlog: PacketBacklog) => void) =>
  (kernel: KernelVariant): KernelVariant => ({
    ...kernel,
    packetBacklog(options) {
      const backlog = packetBacklogOf(kernel, options);
      spoil(backlog);
      return backlog;
    },
  });

/** Reads one of these numbers as another; kernels call it differently. */
const misread = (names: readonly string[], change: (value: number) => number) =>
  broken((backlog) => {
    for (const name of names.filter((one) => one in backlog)) {
      const fields = backlog as unknown as Record<string, number>;
      const inherited = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(backlog), name)?.get;
      let own = fields[name] as number;
      Object.defineProperty(backlog, name, {
        get: () => change(inherited === undefined ? own : (inherited.call(backlog) as number)),
        set: (value: number) => {
          own = value;
        },
      });
    }
  });

/** Lets packets come through in pairs, the second first. */
const swaps = (kernel: KernelVariant): KernelVariant => ({
  ...kernel,
  packetBacklog({ handler, ...options }) {
    let held: readonly [Packet, number] | undefined;
    return packetBacklogOf(kernel, {
      ...options,
      handler: {
        receive(packet, cpu) {
          const before = held;
          held = before === undefined ? [packet, cpu] : undefined;
          if (before === undefined) return;
          handler.receive(packet, cpu);
          handler.receive(...before);
        },
      },
    });
  },
});

const faults: readonly (readonly [Property, mistake: string, fault: (kernel: KernelVariant) => KernelVariant])[] = [
  [
    packetsAccounted,
    'a packet that is lost without being dropped',
    broken((backlog) => {
      const netifRx = backlog.netifRx.bind(backlog);
      backlog.netifRx = (packet, cpu) => (packet.hash === 1 ? true : netifRx(packet, cpu));
    }),
  ],
  [
    packetsAccounted,
    'a column that does not move',
    broken((backlog) => {
      const softnetStat = backlog.softnetStat.bind(backlog);
      backlog.softnetStat = (cpu) => ({ ...softnetStat(cpu), dropped: 0 });
    }),
  ],
  [
    packetsAccounted,
    'a packet that is counted twice',
    broken((backlog) => {
      const softnetStat = backlog.softnetStat.bind(backlog);
      backlog.softnetStat = (cpu) => {
        const stat = softnetStat(cpu);
        return { ...stat, processed: stat.processed + (stat.processed > 20 ? 1 : 0) };
      };
    }),
  ],
  [packetQueueBounded, 'a limit that is one too high', misread(['limit', 'netdev_max_backlog'], (value) => value + 1)],
  [packetQueueBounded, 'a limit that is one too low', misread(['limit', 'netdev_max_backlog'], (value) => value - 1)],
  [softirqBudget, 'a weight that is doubled', misread(['weight_p', 'dev_rx_weight'], (value) => 2 * value)],
  [packetsInOrder, 'packets that overtake others', swaps],
  [
    packetsNotForgotten,
    'a CPU whose softirq is never pending',
    broken((backlog) => {
      const raiseSoftirq = backlog.raiseSoftirq.bind(backlog);
      backlog.raiseSoftirq = () => {
        if (backlog.smp_processor_id === 0) raiseSoftirq();
      };
    }),
  ],
  [
    packetsNotForgotten,
    'a softirq that is pending for ever',
    broken((backlog) => {
      const runSoftirq = backlog.runSoftirq.bind(backlog);
      backlog.runSoftirq = (cpu = 0) => {
        const ran = runSoftirq(cpu);
        if (backlog.now > 3000) backlog.softirqPending[cpu] = true;
        return ran;
      };
    }),
  ],
];

describe.each(WITH_PACKET_BACKLOG)('on %s', (_, kernel) => {
  it.each(faults)('$id is falsified by %s', (property, _mistake, fault) => {
    const { status, failure } = runProperty(property, fault(kernel), { seed: 20_26 });
    expect(status).toBe('falsified');
    expect(failure?.message).toMatch(/\d/);
  });
});
