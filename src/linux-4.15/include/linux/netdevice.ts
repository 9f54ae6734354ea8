/** What each CPU keeps of packets that wait for its receive softirq, after `include/linux/netdevice.h`. */

import type { Packet } from '../../../host/packet-backlog.js';
import type { napi_struct } from '../../../linux-2.6.32/include/linux/netdevice.js';

export type { napi_struct } from '../../../linux-2.6.32/include/linux/netdevice.js';

/** How many of the last packets the flow limit remembers. */
export const FLOW_LIMIT_HISTORY = 128;

/** What a CPU remembers of the flows of the packets that came while a queue was half full. */
export interface sd_flow_limit {
  /** Packets dropped. */
  count: number;
  /** A power of two. */
  readonly num_buckets: number;
  /** Where in `history` the oldest is. */
  history_head: number;
  /** The buckets of the last packets. */
  readonly history: number[];
  /** How many of them each bucket has; absent: none. */
  readonly buckets: Map<number, number>;
}

/** A CPU's queue, and what it counts. */
export interface softnet_data {
  readonly cpu: number;
  /** What the receive softirq is to poll. */
  readonly poll_list: napi_struct[];
  /** Packets that the softirq has taken over. */
  readonly process_queue: Packet[];
  processed: number;
  time_squeeze: number;
  received_rps: number;
  /** The CPUs that this one has to interrupt because their queues are no longer empty, the last one first. */
  rps_ipi_list: softnet_data[];
  /** Undefined: flows are not limited on this CPU. */
  flow_limit: sd_flow_limit | undefined;
  dropped: number;
  /** Packets that wait; the limit is about these. */
  readonly input_pkt_queue: Packet[];
  readonly backlog: napi_struct;
}
