/** What /proc/net shows of the packet backlog, after `net/core/net-procfs.c`. */

import { softnetColumns } from '../../../host/packet-backlog.js';
import type { NetDevices } from '../../packet-backlog.js';

/**
 * A CPU's line of /proc/net/softnet_stat.
 * @kernel 4.15.11 net/core/net-procfs.c softnet_seq_show
 */
export function softnet_seq_show(host: NetDevices, cpu: number): string {
  const sd = host.softnet(cpu);
  const zeroes = [0, 0, 0, 0, 0, 0];
  const count = sd.flow_limit?.count ?? 0;
  return softnetColumns([sd.processed, sd.dropped, sd.time_squeeze, ...zeroes, sd.received_rps, count]);
}
