/** What writing the sysctls of the packet backlog does beyond storing them, after `net/core/sysctl_net_core.c`. */

import type { Errno } from '../../../host/variant.js';
import { FLOW_LIMIT_HISTORY } from '../../include/linux/netdevice.js';
import type { NetDevices } from '../../packet-backlog.js';
import { do_proc_dointvec_conv } from '../../sysctl.js';

/**
 * Stores `dev_weight` or one of its biases, and calculates the weights of reception and transmission anew.
 * @throws RangeError for a weight of reception below 1
 * @kernel 4.15.11 net/core/sysctl_net_core.c proc_do_dev_weight
 */
export function proc_do_dev_weight(host: NetDevices, name: string, value: number): 0 | Errno {
  const before = host.sysctl[name] as number;
  const result = do_proc_dointvec_conv(host, name, value);
  if (result !== 0) return result;
  const [weight, rx, tx] = WEIGHTS.map((one) => host.sysctl[one] as number) as [number, number, number];
  if (Math.imul(weight, rx) < 1) {
    host.sysctl[name] = before;
    throw new RangeError(`${name}: with ${value} the weight of reception is below 1`);
  }
  host.dev_rx_weight = Math.imul(weight, rx);
  host.dev_tx_weight = Math.imul(weight, tx);
  host.rule('proc_do_dev_weight/biased');
  return 0;
}

/** In the order of their use. */
export const WEIGHTS: readonly string[] = [
  'net.core.dev_weight',
  'net.core.dev_weight_rx_bias',
  'net.core.dev_weight_tx_bias',
];

/**
 * Limits flows on the CPUs of a bit mask, and on no others. A CPU that is new to it begins without a history, and with as many buckets as
 * `flow_limit_table_len` says now.
 * @kernel 4.15.11 net/core/sysctl_net_core.c flow_limit_cpu_sysctl
 */
export function flow_limit_cpu_sysctl(host: NetDevices, mask: number): 0 {
  for (let cpu = 0; cpu < host.cpus; cpu++) {
    const sd = host.softnet(cpu);
    const wanted = Math.floor(mask / 2 ** cpu) % 2 === 1;
    if (sd.flow_limit !== undefined && !wanted) {
      sd.flow_limit = undefined;
      host.rule('flow_limit_cpu_sysctl/off');
    } else if (sd.flow_limit === undefined && wanted) {
      sd.flow_limit = {
        count: 0,
        num_buckets: host.sysctl['net.core.flow_limit_table_len'] as number,
        history_head: 0,
        history: new Array<number>(FLOW_LIMIT_HISTORY).fill(0),
        buckets: new Map(),
      };
      host.rule('flow_limit_cpu_sysctl/on');
    }
  }
  host.sysctl['net.core.flow_limit_cpu_bitmap'] = mask;
  return 0;
}

/**
 * Stores the number of buckets for CPUs whose flows are limited from now on.
 * @kernel 4.15.11 net/core/sysctl_net_core.c flow_limit_table_len_sysctl
 */
export function flow_limit_table_len_sysctl(host: NetDevices, value: number): 0 | Errno {
  const name = 'net.core.flow_limit_table_len';
  const old = host.sysctl[name] as number;
  const result = do_proc_dointvec_conv(host, name, value);
  if (result !== 0) return result;
  if (value === 0 || (value & (value - 1)) !== 0) {
    host.sysctl[name] = old;
    host.rule('flow_limit_table_len_sysctl/no-power-of-two');
    return 'EINVAL';
  }
  return 0;
}
