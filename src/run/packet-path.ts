/** A listener behind the packet backlog: segments wait in a CPU's queue until its receive softirq runs, or are lost there. */

import type { ArrivingSegment, TraceEvent } from '../generated/types.js';
import { cloneGraph } from '../host/clone.js';
import type { Packet, PacketBacklog, PacketHandler } from '../host/packet-backlog.js';
import type { RuleId } from '../host/rule.js';
import { type KernelVariant, packetBacklogOf } from '../host/variant.js';
import { type PlayedStep, Simulation, type SimulationOptions } from './simulation.js';

/** How a machine is set up; `sysctl` has those of the packet backlog, too. */
export interface PacketPathOptions extends SimulationOptions {
  /** Default 1. */
  readonly cpus?: number;
}

/** What may happen: what a trace has, but segments come to a CPU; and the receive softirq of a CPU runs. */
export type PathEvent =
  | Exclude<TraceEvent, { segments: unknown }>
  | {
      readonly segments: readonly ArrivingSegment[];
      /** The CPU to which the device hands them. Default 0. */
      readonly cpu?: number;
      /** The CPU that receive packet steering chooses for them. Default: none. */
      readonly rps?: number;
    }
  | { readonly softirq: number };

/** What came of an event. */
export interface PathStep {
  readonly event: PathEvent;
  /** The segments that were dropped before TCP saw them. */
  readonly dropped: readonly ArrivingSegment[];
  /** The rules of the packet backlog that fired, in order. */
  readonly rules: readonly RuleId[];
  /** What TCP did; undefined where nothing came to it. */
  readonly tcp: PlayedStep | undefined;
}

interface SegmentPacket extends Packet {
  readonly segment: ArrivingSegment;
}

/**
 * A {@link Simulation} whose segments come through `netif_rx`. What TCP sends leaves at once. Processing takes no time, and a peer's flow hash is
 * its number.
 */
export class PacketPath implements PacketHandler {
  readonly simulation: Simulation;
  readonly backlog: PacketBacklog;
  private through: ArrivingSegment[] = [];

  constructor(variant: KernelVariant, { cpus = 1, sysctl = {}, ...options }: PacketPathOptions = {}) {
    this.backlog = packetBacklogOf(variant, { cpus, hz: options.hz ?? 1000, handler: this });
    const settings = Object.entries(sysctl);
    const tcp = settings.filter(([name]) => !this.isOfBacklog(name));
    this.simulation = new Simulation(variant, { ...options, sysctl: Object.fromEntries(tcp) });
    for (const [name, value] of settings) if (this.isOfBacklog(name)) this.backlog.writeSysctl(name, value);
  }

  receive(packet: Packet): void {
    this.through.push((packet as SegmentPacket).segment);
  }

  /** Lets one event happen now; a `wait` lets its time pass, in which no softirq of reception runs. */
  step(event: PathEvent): PathStep {
    const { backlog, simulation } = this;
    backlog.now = simulation.now;
    backlog.fired = [];
    let dropped: ArrivingSegment[] = [];
    let tcp: PlayedStep | undefined;
    if ('segments' in event) {
      const { segments, cpu = 0, rps } = event;
      const steering = rps === undefined ? {} : { rps };
      dropped = segments.filter((one) => {
        const packet: SegmentPacket = { segment: simulation.sentNow(one), hash: one.peer, ...steering };
        return !backlog.netifRx(packet, cpu);
      });
    } else if ('softirq' in event) {
      this.through = [];
      backlog.runSoftirq(event.softirq);
      if (this.through.length > 0) tcp = simulation.step({ segments: this.through });
    } else if ('sysctl' in event && Object.keys(event.sysctl).every((name) => this.isOfBacklog(name))) {
      for (const [name, value] of Object.entries(event.sysctl)) backlog.writeSysctl(name, value);
    } else {
      tcp = simulation.step(event);
    }
    return { event, dropped, rules: backlog.fired, tcp };
  }

  /** Runs softirqs until none is pending; a step for each. */
  settle(): PathStep[] {
    const steps: PathStep[] = [];
    for (let cpu = this.pending(); cpu >= 0; cpu = this.pending()) steps.push(this.step({ softirq: cpu }));
    return steps;
  }

  /** An independent copy: the same events give the same results in both. */
  clone(): PacketPath {
    return cloneGraph(this);
  }

  private pending(): number {
    return this.backlog.softirqPending.indexOf(true);
  }

  private isOfBacklog(name: string): boolean {
    return Object.hasOwn(this.backlog.sysctl, name);
  }
}
