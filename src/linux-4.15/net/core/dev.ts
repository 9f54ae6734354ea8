/** How packets wait for the receive softirq and what it does with them, after `net/core/dev.c`. */

import type { Packet } from '../../../host/packet-backlog.js';
import { FLOW_LIMIT_HISTORY, type napi_struct, type softnet_data } from '../../include/linux/netdevice.js';
import type { NetDevices } from '../../packet-backlog.js';

/**
 * Puts a poll on the CPU's list, and makes its receive softirq pending.
 * @kernel 4.15.11 net/core/dev.c ____napi_schedule
 */
export function ____napi_schedule(host: NetDevices, sd: softnet_data, napi: napi_struct): void {
  sd.poll_list.push(napi);
  host.raiseSoftirq();
}

/**
 * The CPU that steering chooses for a packet, or -1. Which one that is the packet says: it hangs on hashes and tables of the device.
 * @kernel 4.15.11 net/core/dev.c get_rps_cpu
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
 * @kernel 4.15.11 net/core/dev.c rps_trigger_softirq
 */
function rps_trigger_softirq(host: NetDevices, sd: softnet_data): void {
  ____napi_schedule(host, sd, sd.backlog);
  sd.received_rps++;
  host.rule('rps_trigger_softirq/interrupted');
}

/**
 * Notes a queue of another CPU, which is to be interrupted when the softirq of this CPU runs; false: it is this CPU's own.
 * @kernel 4.15.11 net/core/dev.c rps_ipi_queued
 */
function rps_ipi_queued(host: NetDevices, sd: softnet_data): boolean {
  const mysd = host.this_cpu;
  if (sd === mysd) return false;
  mysd.rps_ipi_list.unshift(sd);
  host.raiseSoftirq();
  host.rule('rps_ipi_queued/other-cpu');
  return true;
}

/**
 * Whether a packet is too much for a queue that is half full, because too many of the last packets were of its flow. The CPU at
 * work remembers them, whatever queue they go to.
 * @kernel 4.15.11 net/core/dev.c skb_flow_limit
 */
export function skb_flow_limit(host: NetDevices, skb: Packet, qlen: number): boolean {
  if (qlen < (host.netdev_max_backlog >> 1) >>> 0) return false;
  const fl = host.this_cpu.flow_limit;
  if (fl === undefined) return false;
  const new_flow = ((skb.hash ?? 0) & (fl.num_buckets - 1)) >>> 0;
  const old_flow = fl.history[fl.history_head] as number;
  fl.history[fl.history_head] = new_flow & 0xffff;
  fl.history_head = (fl.history_head + 1) & (FLOW_LIMIT_HISTORY - 1);
  const inOld = fl.buckets.get(old_flow) ?? 0;
  if (inOld > 0) fl.buckets.set(old_flow, inOld - 1);
  const inNew = (fl.buckets.get(new_flow) ?? 0) + 1;
  fl.buckets.set(new_flow, inNew);
  const isTooMuch = inNew > FLOW_LIMIT_HISTORY >> 1;
  if (isTooMuch) fl.count++;
  host.rule(isTooMuch ? 'skb_flow_limit/too-many-of-flow' : 'skb_flow_limit/remembered');
  return isTooMuch;
}

/**
 * Queues a packet for a CPU, or drops it; the CPU whose queue it is counts that.
 * @kernel 4.15.11 net/core/dev.c enqueue_to_backlog
 */
export function enqueue_to_backlog(host: NetDevices, skb: Packet, cpu: number): boolean {
  const sd = host.softnet(cpu);
  if (skb.deviceDown === true) {
    sd.dropped++;
    host.rule('enqueue_to_backlog/device-down');
    return false;
  }
  const qlen = sd.input_pkt_queue.length;
  const fits = qlen <= host.netdev_max_backlog >>> 0;
  if (fits && !skb_flow_limit(host, skb, qlen)) {
    if (qlen === 0) {
      if (sd.backlog.scheduled) {
        host.rule('enqueue_to_backlog/poll-pending');
      } else {
        sd.backlog.scheduled = true;
        if (!rps_ipi_queued(host, sd)) {
          ____napi_schedule(host, sd, sd.backlog);
          host.rule('enqueue_to_backlog/first');
        }
      }
    }
    sd.input_pkt_queue.push(skb);
    host.rule('enqueue_to_backlog/queued');
    return true;
  }
  sd.dropped++;
  if (!fits) host.rule('enqueue_to_backlog/full');
  return false;
}

/**
 * A packet comes from a driver that has no poll of its own; false: it was dropped.
 * @kernel 4.15.11 net/core/dev.c netif_rx_internal
 */
export function netif_rx_internal(host: NetDevices, skb: Packet): boolean {
  const cpu = get_rps_cpu(host, skb);
  return enqueue_to_backlog(host, skb, cpu < 0 ? host.smp_processor_id : cpu);
}

/**
 * Hands a packet to the protocols.
 * @kernel 4.15.11 net/core/dev.c __netif_receive_skb_core
 */
export function __netif_receive_skb_core(host: NetDevices, skb: Packet): void {
  host.this_cpu.processed++;
  host.rule('__netif_receive_skb_core/counted');
  host.handler.receive(skb, host.smp_processor_id);
}

/**
 * A packet comes out of a driver's own poll: it waits in no queue unless steering wants another CPU, or even this one; false: it was dropped.
 * @kernel 4.15.11 net/core/dev.c netif_receive_skb_internal
 */
export function netif_receive_skb_internal(host: NetDevices, skb: Packet): boolean {
  const cpu = get_rps_cpu(host, skb);
  if (cpu >= 0) {
    host.rule('netif_receive_skb_internal/steered');
    return enqueue_to_backlog(host, skb, cpu);
  }
  host.rule('netif_receive_skb_internal/no-queue');
  __netif_receive_skb_core(host, skb);
  return true;
}

/**
 * Interrupts the CPUs whose queues got their first packet here, the last one first. The interrupts come at once.
 * @kernel 4.15.11 net/core/dev.c net_rps_action_and_irq_enable
 */
export function net_rps_action_and_irq_enable(host: NetDevices, sd: softnet_data): void {
  const remotes = sd.rps_ipi_list;
  if (remotes.length === 0) return;
  sd.rps_ipi_list = [];
  for (const remsd of remotes) host.on(remsd.cpu, () => rps_trigger_softirq(host, remsd));
  host.rule('net_rps_action_and_irq_enable/interrupts');
}

/**
 * Processes packets of the CPU's queue, which it takes over as a whole, until nothing is left or the quota is used up. Returns how many.
 * @kernel 4.15.11 net/core/dev.c process_backlog
 */
export function process_backlog(host: NetDevices, napi: napi_struct, quota: number): number {
  const sd = host.this_cpu;
  let work = 0;
  if (sd.rps_ipi_list.length > 0) {
    host.rule('process_backlog/interrupts-first');
    net_rps_action_and_irq_enable(host, sd);
  }
  if (napi.weight !== host.dev_rx_weight) host.rule('process_backlog/next-weight');
  napi.weight = host.dev_rx_weight;
  for (;;) {
    for (let skb = sd.process_queue.shift(); skb !== undefined; skb = sd.process_queue.shift()) {
      __netif_receive_skb_core(host, skb);
      if (++work >= quota) {
        host.rule('process_backlog/weight-used');
        return work;
      }
    }
    if (sd.input_pkt_queue.length === 0) {
      napi.scheduled = false;
      host.rule('process_backlog/empty');
      return work;
    }
    for (const skb of sd.input_pkt_queue.splice(0)) sd.process_queue.push(skb);
    host.rule('process_backlog/taken-over');
  }
}

/**
 * Polls once. A poll that used up its weight goes to `repoll`.
 * @kernel 4.15.11 net/core/dev.c napi_poll
 */
export function napi_poll(host: NetDevices, n: napi_struct, repoll: napi_struct[]): number {
  const weight = n.weight;
  const work = process_backlog(host, n, weight);
  if (work < weight) return work;
  repoll.push(n);
  host.rule('napi_poll/polled-in-next-softirq');
  return work;
}

/**
 * The receive softirq.
 * @kernel 4.15.11 net/core/dev.c net_rx_action
 */
export function net_rx_action(host: NetDevices): void {
  const sd = host.this_cpu;
  const time_limit = host.jiffies + host.usecs_to_jiffies(host.netdev_budget_usecs);
  let budget = host.netdev_budget;
  const list = sd.poll_list.splice(0);
  const repoll: napi_struct[] = [];
  for (;;) {
    const n = list.shift();
    if (n === undefined) {
      if (sd.rps_ipi_list.length === 0 && repoll.length === 0) return;
      break;
    }
    budget -= napi_poll(host, n, repoll);
    if (budget <= 0 || host.jiffies >= time_limit) {
      host.rule(budget <= 0 ? 'net_rx_action/out-of-budget' : 'net_rx_action/out-of-time');
      sd.time_squeeze++;
      break;
    }
  }
  sd.poll_list.unshift(...list, ...sd.poll_list.splice(0), ...repoll);
  if (sd.poll_list.length > 0) {
    host.raiseSoftirq();
    host.rule('net_rx_action/raised-again');
  }
  net_rps_action_and_irq_enable(host, sd);
}
