/** What lies between a network device and TCP: the queue of packets that each CPU keeps until its receive softirq runs. */

import type { RuleId } from './rule.js';
import type { Errno } from './variant.js';

/** A packet that a device has received, as far as the code in front of the protocols looks at it. */
export interface Packet {
  /** Its flow's hash (`skb->rxhash`), 32 bits, which the flow limit of 4.15 goes by. Absent: 0. */
  readonly hash?: number;
  /** The CPU that receive packet steering chooses for its flow. Absent: the device has no steering, or it chooses none. */
  readonly rps?: number;
  /** The device was taken down before the packet could be queued. */
  readonly deviceDown?: true;
}

/** What takes the packets that a softirq processes: the protocols. */
export interface PacketHandler {
  /** Takes a packet on a CPU. Processing takes no time, unless this moves the machine's {@link PacketBacklog.now}. */
  receive(packet: Packet, cpu: number): void;
}

/** The counters of a CPU in /proc/net/softnet_stat, by the names of 4.15; each since boot. */
export interface SoftnetStat {
  /** The first column. 2.6.32 adds to it twice for a packet that is processed: when it arrives, and when it is processed. */
  readonly processed: number;
  readonly dropped: number;
  readonly time_squeeze: number;
  readonly received_rps: number;
  /** Packets that the flow limit dropped; 2.6.32 has no such column. */
  readonly flow_limit_count?: number;
}

/** How a machine's packet backlog is set up. */
export interface PacketBacklogOptions {
  /** How many CPUs there are, all of them online. Default 1. */
  readonly cpus?: number;
  /** Jiffies per second. Default 1000. */
  readonly hz?: number;
  /** Where processed packets go. */
  readonly handler: PacketHandler;
}

/**
 * The packet backlog of one machine. Its CPUs do nothing by themselves: who drives it says when a packet arrives, and when a softirq runs.
 * A method that names a CPU which the machine does not have throws a RangeError.
 */
export abstract class PacketBacklog {
  readonly handler: PacketHandler;
  readonly hz: number;
  /** µs; `jiffies` follows it. */
  now = 0;
  /** By full name: what `net.core` has for it. */
  readonly sysctl: Record<string, number>;
  /** The rules that fired since somebody last emptied this list. */
  fired: RuleId[] = [];
  /** `smp_processor_id()`: the CPU that is at work. */
  smp_processor_id = 0;
  /** Of each CPU, whether the receive softirq is pending. */
  readonly softirqPending: boolean[];

  protected constructor({ cpus = 1, handler, hz = 1000 }: PacketBacklogOptions, sysctl: Record<string, number>) {
    if (!Number.isInteger(cpus) || cpus < 1) throw new RangeError(`a machine has at least one CPU, not ${cpus}`);
    this.handler = handler;
    this.hz = hz;
    this.sysctl = sysctl;
    this.softirqPending = new Array<boolean>(cpus).fill(false);
  }

  /** How many CPUs there are. */
  get cpus(): number {
    return this.softirqPending.length;
  }

  /** Whole ticks since the start. */
  get jiffies(): number {
    return Math.floor((this.now * this.hz) / 1_000_000);
  }

  /** Notes that `rule` decided something. */
  rule(rule: RuleId): void {
    this.fired.push(rule);
  }

  /** A driver without a poll of its own (the loopback device, a TUN device) hands over a packet on a CPU; false: it was dropped. */
  netifRx(packet: Packet, cpu = 0): boolean {
    this.expectCpu(packet.rps ?? 0);
    return this.on(cpu, () => this.arrive(packet));
  }

  /** A driver hands over a packet out of its own poll, as drivers of fast devices do; false: it was dropped. */
  netifReceiveSkb(packet: Packet, cpu = 0): boolean {
    this.expectCpu(packet.rps ?? 0);
    return this.on(cpu, () => this.arriveInPoll(packet));
  }

  /** Makes the receive softirq of the current CPU pending. */
  raiseSoftirq(): void {
    this.softirqPending[this.smp_processor_id] = true;
  }

  /** Runs the receive softirq of a CPU once, if it is pending; false: it is not, and nothing happens. */
  runSoftirq(cpu = 0): boolean {
    return this.on(cpu, () => {
      if (this.softirqPending[cpu] !== true) return false;
      this.softirqPending[cpu] = false;
      this.receiveAction();
      return true;
    });
  }

  /** Does something on a CPU: what runs there, or an interrupt that comes in between. */
  on<T>(cpu: number, work: () => T): T {
    this.expectCpu(cpu);
    const interrupted = this.smp_processor_id;
    this.smp_processor_id = cpu;
    try {
      return work();
    } finally {
      this.smp_processor_id = interrupted;
    }
  }

  /** How many packets wait for a CPU: those that the limit is about, and those that its softirq has already taken over (4.15). */
  abstract waiting(cpu: number): { readonly limited: number; readonly takenOver: number };
  /** The counters of a CPU. */
  abstract softnetStat(cpu: number): SoftnetStat;
  /** A CPU's line of /proc/net/softnet_stat, without its end. */
  abstract softnetLine(cpu: number): string;
  /** How many packets at most a queueing discipline sends in one transmit softirq; undefined: as many as are due. */
  abstract readonly transmitQuota: number | undefined;
  /**
   * Writes a sysctl: 0, or why the kernel refuses.
   * @throws RangeError for a weight below 1, which both kernels take and which ruins their list of polls
   */
  abstract writeSysctl(name: string, value: number): 0 | Errno;
  /** `netif_rx`. */
  protected abstract arrive(packet: Packet): boolean;
  /** `netif_receive_skb`. */
  protected abstract arriveInPoll(packet: Packet): boolean;
  /** `net_rx_action`. */
  protected abstract receiveAction(): void;

  private expectCpu(cpu: number): void {
    if (!(cpu in this.softirqPending)) throw new RangeError(`no CPU ${cpu}: there are ${this.cpus}`);
  }
}

/** Columns of /proc/net/softnet_stat: eight hexadecimal digits each. */
export const softnetColumns = (columns: readonly number[]): string =>
  columns.map((value) => (value >>> 0).toString(16).padStart(8, '0')).join(' ');
