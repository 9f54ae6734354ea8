/** The packet backlog of one machine that runs 2.6.32: its CPUs' queues and what is global in `net/core/dev.c`. */

import { kernelSpecs } from '../generated/kernels.js';
import { type Packet, PacketBacklog, type PacketBacklogOptions, type SoftnetStat } from '../host/packet-backlog.js';
import type { Errno } from '../host/variant.js';
import type { netif_rx_stats, rps_remote_softirq_cpus, softnet_data } from './include/linux/netdevice.js';
import { net_rx_action, netif_receive_skb, netif_rx, softnet_seq_show } from './net/core/dev.js';
import { defaultsOf, do_proc_dointvec_conv } from './sysctl.js';

const spec = kernelSpecs['2.6.32'].packetSysctls;

/** What `netif_rx` and the receive softirq work on. */
export class NetDevices extends PacketBacklog {
  readonly transmitQuota = undefined;
  private readonly softnet_data: readonly softnet_data[];
  private readonly netdev_rx_stat: readonly netif_rx_stats[];
  private readonly remotes: readonly rps_remote_softirq_cpus[];

  constructor(options: PacketBacklogOptions) {
    super(options, defaultsOf(spec));
    const { cpus, weight_p: weight } = this;
    this.softnet_data = Array.from({ length: cpus }, () => ({
      poll_list: [],
      input_pkt_queue: [],
      backlog: { weight, scheduled: false },
    }));
    this.netdev_rx_stat = Array.from({ length: cpus }, () => ({
      total: 0,
      dropped: 0,
      time_squeeze: 0,
      cpu_collision: 0,
      received_rps: 0,
    }));
    this.remotes = Array.from({ length: cpus }, () => ({ mask: [new Set(), new Set()] as const, select: 0 }));
  }

  /** `netdev_max_backlog` as it is compared with a length: a negative one is a huge one. */
  get limit(): number {
    return (this.sysctl['net.core.netdev_max_backlog'] as number) >>> 0;
  }

  /** How many packets a poll may process, from the next poll on. */
  get weight_p(): number {
    return this.sysctl['net.core.dev_weight'] as number;
  }

  /** How many packets a softirq processes before it begins no other poll. */
  get netdev_budget(): number {
    return this.sysctl['net.core.netdev_budget'] as number;
  }

  /** A CPU's queue. */
  softnet(cpu: number): softnet_data {
    return this.softnet_data[cpu] as softnet_data;
  }

  /** What a CPU has counted. */
  stat(cpu: number): netif_rx_stats {
    return this.netdev_rx_stat[cpu] as netif_rx_stats;
  }

  /** What the CPU at work counts. */
  get rx_stat(): netif_rx_stats {
    return this.stat(this.smp_processor_id);
  }

  /** The CPUs that the CPU at work has to interrupt. */
  get remote(): rps_remote_softirq_cpus {
    return this.remotes[this.smp_processor_id] as rps_remote_softirq_cpus;
  }

  override waiting(cpu: number) {
    return { limited: this.softnet(cpu).input_pkt_queue.length, takenOver: 0 };
  }

  override softnetStat(cpu: number): SoftnetStat {
    const { total: processed, dropped, time_squeeze, received_rps } = this.stat(cpu);
    return { processed, dropped, time_squeeze, received_rps };
  }

  override softnetLine(cpu: number): string {
    return softnet_seq_show(this, cpu);
  }

  override writeSysctl(name: string, value: number): 0 | Errno {
    if (!Object.hasOwn(spec, name)) return 'ENOENT';
    if (name === 'net.core.dev_weight' && (value | 0) < 1) throw new RangeError(`${name}: ${value} is below 1`);
    return do_proc_dointvec_conv(this, name, value);
  }

  protected override arrive(packet: Packet): boolean {
    return netif_rx(this, packet);
  }

  protected override arriveInPoll(packet: Packet): boolean {
    return netif_receive_skb(this, packet);
  }

  protected override receiveAction(): void {
    net_rx_action(this);
  }
}
