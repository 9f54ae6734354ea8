/** The packet backlog of one machine that runs 4.15: its CPUs' queues and what is global in `net/core/dev.c`. */

import { kernelSpecs } from '../generated/kernels.js';
import type { KernelSysctl } from '../generated/types.js';
import { type Packet, PacketBacklog, type PacketBacklogOptions, type SoftnetStat } from '../host/packet-backlog.js';
import type { Errno } from '../host/variant.js';
import { defaultsOf } from '../linux-2.6.32/sysctl.js';
import type { softnet_data } from './include/linux/netdevice.js';
import { net_rx_action, netif_receive_skb_internal, netif_rx_internal } from './net/core/dev.js';
import { softnet_seq_show } from './net/core/net-procfs.js';
import {
  flow_limit_cpu_sysctl,
  flow_limit_table_len_sysctl,
  proc_do_dev_weight,
  WEIGHTS,
} from './net/core/sysctl-net-core.js';
import { storeSysctl } from './sysctl.js';

const spec: Readonly<Record<string, KernelSysctl>> = kernelSpecs['4.15'].packetSysctls;

/** What `netif_rx` and the receive softirq work on. */
export class NetDevices extends PacketBacklog {
  /** How many packets a poll may process, from the next poll on. */
  dev_rx_weight: number;
  /** How many packets a queueing discipline sends in a transmit softirq. */
  dev_tx_weight: number;
  private readonly softnet_data: readonly softnet_data[];

  constructor(options: PacketBacklogOptions) {
    super(options, defaultsOf(spec));
    const weight = this.sysctl['net.core.dev_weight'] as number;
    this.dev_rx_weight = weight;
    this.dev_tx_weight = weight;
    this.softnet_data = Array.from({ length: this.cpus }, (_, cpu) => ({
      cpu,
      poll_list: [],
      process_queue: [],
      processed: 0,
      time_squeeze: 0,
      received_rps: 0,
      rps_ipi_list: [],
      flow_limit: undefined,
      dropped: 0,
      input_pkt_queue: [],
      backlog: { weight, scheduled: false },
    }));
  }

  /** The limit; a length is compared with it as an unsigned number, so that a negative one is a huge one. */
  get netdev_max_backlog(): number {
    return this.sysctl['net.core.netdev_max_backlog'] as number;
  }

  /** After how many packets a softirq begins no other poll. */
  get netdev_budget(): number {
    return this.sysctl['net.core.netdev_budget'] as number;
  }

  /** After how many µs, rounded up to jiffies, a softirq begins no other poll. */
  get netdev_budget_usecs(): number {
    return this.sysctl['net.core.netdev_budget_usecs'] as number;
  }

  /** Jiffies for a time in µs, rounded up. */
  usecs_to_jiffies(microseconds: number): number {
    return Math.ceil((microseconds * this.hz) / 1_000_000);
  }

  /** A CPU's queue. */
  softnet(cpu: number): softnet_data {
    return this.softnet_data[cpu] as softnet_data;
  }

  /** The queue of the CPU at work. */
  get this_cpu(): softnet_data {
    return this.softnet(this.smp_processor_id);
  }

  get transmitQuota(): number {
    return this.dev_tx_weight;
  }

  override waiting(cpu: number) {
    const { input_pkt_queue, process_queue } = this.softnet(cpu);
    return { limited: input_pkt_queue.length, takenOver: process_queue.length };
  }

  override softnetStat(cpu: number): SoftnetStat {
    const { processed, dropped, time_squeeze, received_rps, flow_limit } = this.softnet(cpu);
    return { processed, dropped, time_squeeze, received_rps, flow_limit_count: flow_limit?.count ?? 0 };
  }

  override softnetLine(cpu: number): string {
    return softnet_seq_show(this, cpu);
  }

  override writeSysctl(name: string, value: number): 0 | Errno {
    const sysctl = Object.hasOwn(spec, name) ? spec[name] : undefined;
    if (sysctl === undefined) return 'ENOENT';
    if (WEIGHTS.includes(name)) return proc_do_dev_weight(this, name, value);
    if (name === 'net.core.flow_limit_cpu_bitmap') return flow_limit_cpu_sysctl(this, value);
    if (name === 'net.core.flow_limit_table_len') return flow_limit_table_len_sysctl(this, value);
    return storeSysctl(this, sysctl, name, value);
  }

  protected override arrive(packet: Packet): boolean {
    return netif_rx_internal(this, packet);
  }

  protected override arriveInPoll(packet: Packet): boolean {
    return netif_receive_skb_internal(this, packet);
  }

  protected override receiveAction(): void {
    net_rx_action(this);
  }
}
