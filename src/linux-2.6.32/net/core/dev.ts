/** How packets wait for the receive softirq and what it does with them, after `net/core/dev.c`. */

import { type Packet, softnetColumns } from '../../../host/packet-backlog.js';
import type { napi_struct, softnet_data } from '../../include/linux/netdevice.js';
import type { NetDevices } from '../../packet-backlog.js';

/**
 * Puts a poll on the CPU's list, and makes its receive softirq pending.
 * @kernel 2.6.32-220.el6 net/core/dev.c ____napi_schedule
 */
export function ____napi_schedule(host: NetDevices, sd: softnet_data, napi: napi_struct): void {
  sd.poll_list.push(napi);
  host.raiseSoftirq();
}

/**
 * The CPU that steering chooses for a packet, or -1. Which one that is the packet says: it hangs on hashes and tables of the device.
 * @kernel 2.6.32-220.el6 net/core/dev.c get_rps_cpu
 */
export function get_rps_cpu(host: NetDevices, skb: Packet): number {
  if (skb.rps === undefined) {
    host.rule('get_rps_cpu/none');
    return -1;
  }
  host.rule('get_rps_cpu/chosen');
  return skb.rps;
}

/**
 * The interrupt with which another CPU says that this CPU's queue is no longer empty.
 * @kernel 2.6.32-220.el6 net/core/dev.c trigger_softirq
 */
function trigger_softirq(host: NetDevices, sd: softnet_data): void {
  ____napi_schedule(host, sd, sd.backlog);
  host.rx_stat.received_rps++;
  host.rule('trigger_softirq/interrupted');
}

/**
 * Queues a packet for a CPU, or drops it; the CPU at work counts it.
 * @kernel 2.6.32-220.el6 net/core/dev.c enqueue_to_backlog
 */
export function enqueue_to_backlog(host: NetDevices, skb: Packet, cpu: number): boolean {
  const queue = host.softnet(cpu);
  host.rx_stat.total++;
  host.rule('enqueue_to_backlog/counted');
  if (queue.input_pkt_queue.length <= host.limit) {
    if (queue.input_pkt_queue.length === 0) {
      if (queue.backlog.scheduled) {
        host.rule('enqueue_to_backlog/poll-pending');
      } else {
        queue.backlog.scheduled = true;
        if (cpu !== host.smp_processor_id) {
          const { mask, select } = host.remote;
          mask[select].add(cpu);
          host.raiseSoftirq();
          host.rule('enqueue_to_backlog/other-cpu');
        } else {
          ____napi_schedule(host, queue, queue.backlog);
          host.rule('enqueue_to_backlog/first');
        }
      }
    }
    queue.input_pkt_queue.push(skb);
    host.rule('enqueue_to_backlog/queued');
    return true;
  }
  host.rx_stat.dropped++;
  host.rule('enqueue_to_backlog/full');
  return false;
}

/**
 * A packet comes from a driver that has no poll of its own; false: it was dropped.
 * @kernel 2.6.32-220.el6 net/core/dev.c netif_rx
 */
export function netif_rx(host: NetDevices, skb: Packet): boolean {
  const cpu = get_rps_cpu(host, skb);
  return enqueue_to_backlog(host, skb, cpu < 0 ? host.smp_processor_id : cpu);
}

/**
 * Hands a packet to the protocols.
 * @kernel 2.6.32-220.el6 net/core/dev.c __netif_receive_skb
 */
export function __netif_receive_skb(host: NetDevices, skb: Packet): void {
  host.rx_stat.total++;
  host.rule('__netif_receive_skb/counted');
  host.handler.receive(skb, host.smp_processor_id);
}

/**
 * A packet comes out of a driver's own poll: it waits in no queue unless steering wants another CPU, or even this one; false: it was dropped.
 * @kernel 2.6.32-220.el6 net/core/dev.c netif_receive_skb
 */
export function netif_receive_skb(host: NetDevices, skb: Packet): boolean {
  const cpu = get_rps_cpu(host, skb);
  if (cpu >= 0) {
    host.rule('netif_receive_skb/steered');
    return enqueue_to_backlog(host, skb, cpu);
  }
  host.rule('netif_receive_skb/no-queue');
  __netif_receive_skb(host, skb);
  return true;
}

/**
 * Processes packets of the CPU's queue: until it is empty, the quota is used up, or the jiffy ends. Returns how many.
 * @kernel 2.6.32-220.el6 net/core/dev.c process_backlog
 */
export function process_backlog(host: NetDevices, napi: napi_struct, quota: number): number {
  const sd = host.softnet(host.smp_processor_id);
  const start_time = host.jiffies;
  let work = 0;
  if (napi.weight !== host.weight_p) host.rule('process_backlog/next-weight');
  napi.weight = host.weight_p;
  do {
    const skb = sd.input_pkt_queue.shift();
    if (skb === undefined) {
      sd.poll_list.splice(sd.poll_list.indexOf(napi), 1);
      napi.scheduled = false;
      host.rule('process_backlog/empty');
      return work;
    }
    __netif_receive_skb(host, skb);
  } while (++work < quota && host.jiffies === start_time);
  host.rule(work < quota ? 'process_backlog/jiffy-over' : 'process_backlog/weight-used');
  return work;
}

/**
 * Interrupts the CPUs whose queues got their first packet here, the lowest first. The interrupts come at once.
 * @kernel 2.6.32-220.el6 net/core/dev.c net_rps_action
 */
export function net_rps_action(host: NetDevices, mask: Set<number>): void {
  const cpus = [...mask].sort((a, b) => a - b);
  for (const cpu of cpus) host.on(cpu, () => trigger_softirq(host, host.softnet(cpu)));
  mask.clear();
  if (cpus.length > 0) host.rule('net_rps_action/interrupts');
}

/**
 * The receive softirq.
 * @kernel 2.6.32-220.el6 net/core/dev.c net_rx_action
 */
export function net_rx_action(host: NetDevices): void {
  const list = host.softnet(host.smp_processor_id).poll_list;
  const time_limit = host.jiffies + 2;
  let budget = host.netdev_budget;
  for (let n = list[0]; n !== undefined; n = list[0]) {
    if (budget <= 0 || host.jiffies > time_limit) {
      host.rule(budget <= 0 ? 'net_rx_action/out-of-budget' : 'net_rx_action/out-of-time');
      host.rx_stat.time_squeeze++;
      host.raiseSoftirq();
      break;
    }
    const weight = n.weight;
    const work = process_backlog(host, n, weight);
    budget -= work;
    // It goes to the end of the list, which has no other poll in it.
    if (work === weight) host.rule('net_rx_action/polled-again');
  }
  const { mask, select } = host.remote;
  host.remote.select = select === 0 ? 1 : 0;
  net_rps_action(host, mask[select]);
}

/**
 * A CPU's line of /proc/net/softnet_stat.
 * @kernel 2.6.32-220.el6 net/core/dev.c softnet_seq_show
 */
export function softnet_seq_show(host: NetDevices, cpu: number): string {
  const s = host.stat(cpu);
  return softnetColumns([s.total, s.dropped, s.time_squeeze, 0, 0, 0, 0, 0, s.cpu_collision, s.received_rps]);
}
