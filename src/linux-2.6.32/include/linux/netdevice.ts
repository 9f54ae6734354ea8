/** What each CPU keeps of packets that wait for its receive softirq, after `include/linux/netdevice.h`. */

import type { Packet } from '../../../host/packet-backlog.js';

/** What a softirq polls for packets; here the backlog of a CPU is the only one. */
export interface napi_struct {
  /** How many packets it may process in a poll. */
  weight: number;
  /** `NAPI_STATE_SCHED`: it is on a list of polls. */
  scheduled: boolean;
}

/** A CPU's queue (`struct softnet_data`). */
export interface softnet_data {
  /** What the receive softirq is to poll. */
  readonly poll_list: napi_struct[];
  /** Packets that wait; the limit is about these. */
  readonly input_pkt_queue: Packet[];
  readonly backlog: napi_struct;
}

/** What a CPU counts (`struct netif_rx_stats`). */
export interface netif_rx_stats {
  total: number;
  dropped: number;
  time_squeeze: number;
  readonly cpu_collision: number;
  received_rps: number;
}

/** The CPUs that a CPU has to interrupt because their queues are no longer empty: two sets, of which `select` is being filled. */
export interface rps_remote_softirq_cpus {
  readonly mask: readonly [Set<number>, Set<number>];
  select: 0 | 1;
}
