/** A machine whose devices receive numbered packets, and whose protocols note what comes through. For tests of the packet backlog. */

import type { Packet, PacketBacklog, PacketHandler, SoftnetStat } from '../../src/host/packet-backlog.js';
import type { RuleId } from '../../src/host/rule.js';
import { type KernelVariant, packetBacklogOf } from '../../src/host/variant.js';

/** What a test says of a packet. */
export interface Told extends Packet {
  /** How long it takes to process, in µs. */
  readonly takes?: number;
}

interface Numbered extends Told {
  readonly number: number;
}

/** How a machine is set up. */
export interface DevicesSetup {
  readonly cpus?: number;
  readonly hz?: number;
  /** Names without `net.core.`. */
  readonly sysctl?: Readonly<Record<string, number>>;
}

/** See the file's comment. */
export class Devices implements PacketHandler {
  readonly backlog: PacketBacklog;
  /** Of every packet that came through, its number, and behind an @ its CPU if that is not 0. */
  readonly received: string[] = [];
  private next = 0;

  constructor(kernel: KernelVariant, { sysctl = {}, ...options }: DevicesSetup = {}) {
    this.backlog = packetBacklogOf(kernel, { ...options, handler: this });
    this.set(sysctl);
  }

  receive(packet: Packet, cpu: number): void {
    const { number, takes = 0 } = packet as Numbered;
    this.received.push(cpu === 0 ? String(number) : `${number}@${cpu}`);
    this.backlog.now += takes;
  }

  /** Writes sysctls; the last result. */
  set(sysctl: Readonly<Record<string, number>>): 0 | string {
    let result: 0 | string = 0;
    for (const [name, value] of Object.entries(sysctl)) result = this.backlog.writeSysctl(`net.core.${name}`, value);
    return result;
  }

  /** So many packets come from a driver without a poll; how many were dropped. */
  arrive(count = 1, told: Told = {}, cpu = 0): number {
    let dropped = 0;
    for (let i = 0; i < count; i++) {
      const packet: Numbered = { ...told, number: this.next++ };
      if (!this.backlog.netifRx(packet, cpu)) dropped++;
    }
    return dropped;
  }

  /** One packet comes out of a driver's own poll. */
  arriveInPoll(told: Told = {}, cpu = 0): boolean {
    const packet: Numbered = { ...told, number: this.next++ };
    return this.backlog.netifReceiveSkb(packet, cpu);
  }

  /** Runs a CPU's softirq once; what came through. */
  softirq(cpu = 0): readonly string[] {
    const before = this.received.length;
    this.backlog.runSoftirq(cpu);
    return this.received.slice(before);
  }

  /** The rules of what is done, in order. */
  rulesOf(work: () => void): readonly RuleId[] {
    this.backlog.fired = [];
    work();
    return this.backlog.fired;
  }

  /** How many packets wait on a CPU. */
  limited(cpu = 0): number {
    return this.backlog.waiting(cpu).limited;
  }

  stat(cpu = 0): SoftnetStat {
    return this.backlog.softnetStat(cpu);
  }

  pending(cpu = 0): boolean {
    return this.backlog.softirqPending[cpu] === true;
  }
}

/** `from`, … `to` - 1, as {@link Devices.received} has them. */
export const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => String(from + i));
