/** What a machine's packet backlog may be put through, and how it is played: packets, softirqs, sysctls and time. */

import * as fc from 'fast-check';
import type { Packet, PacketBacklog, PacketHandler } from '../../src/host/packet-backlog.js';
import { type KernelVariant, packetBacklogOf } from '../../src/host/variant.js';

/** Packets that come one after the other. */
export interface Arrivals {
  readonly kind: 'arrive';
  readonly count: number;
  readonly cpu: number;
  /** Out of a driver's own poll. */
  readonly inPoll: boolean;
  readonly packet: Packet;
  /** How long each takes to be processed, µs. */
  readonly takes: number;
}

/** One event. */
export type PacketEvent =
  | Arrivals
  | { readonly kind: 'softirq'; readonly cpu: number }
  | { readonly kind: 'sysctl'; readonly name: string; readonly value: number };

/** A machine and what happens to it. */
export interface PacketScript {
  readonly cpus: number;
  readonly hz: number;
  readonly events: readonly PacketEvent[];
}

const SETTINGS: readonly (readonly [name: string, values: readonly number[]])[] = [
  ['netdev_max_backlog', [0, 1, 3, 15, 100, 130, 1000]],
  ['dev_weight', [1, 2, 16, 64]],
  ['netdev_budget', [1, 2, 16, 17, 300]],
];

/** Those that 2.6.32 does not have. */
const LATER_SETTINGS: typeof SETTINGS = [
  ['netdev_budget_usecs', [0, 1000, 2000, 5000]],
  ['dev_weight_rx_bias', [1, 2]],
  ['flow_limit_cpu_bitmap', [0, 1, 6, 7]],
  ['flow_limit_table_len', [1, 3, 4, 4096]],
];

/** Scripts of up to 40 events on up to three CPUs. */
export function packetScript(kernel: KernelVariant): fc.Arbitrary<PacketScript> {
  const { sysctl } = packetBacklogOf(kernel, { handler: { receive: () => {} } });
  const settings = [...SETTINGS, ...LATER_SETTINGS].filter(([name]) => Object.hasOwn(sysctl, `net.core.${name}`));
  return fc.record({ cpus: fc.integer({ min: 1, max: 3 }), hz: fc.constantFrom(100, 250, 1000) }).chain((machine) => {
    const cpu = fc.nat(machine.cpus - 1);
    const packet = fc.record(
      { rps: cpu, hash: fc.nat(1), deviceDown: fc.constant(true as const) },
      { requiredKeys: [] },
    );
    const arrive = fc.record({
      kind: fc.constant('arrive' as const),
      count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(16, 64), fc.integer({ min: 5, max: 200 })),
      cpu,
      inPoll: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
      packet: fc.oneof({ weight: 4, arbitrary: packet.map(({ deviceDown: _, ...rest }) => rest) }, packet),
      takes: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constantFrom(10, 1000, 5000)),
    });
    const softirq = fc.record({ kind: fc.constant('softirq' as const), cpu });
    const setting = fc.constantFrom(...settings).chain(([name, values]) =>
      fc.record({
        kind: fc.constant('sysctl' as const),
        name: fc.constant(`net.core.${name}`),
        value: fc.constantFrom(...values),
      }),
    );
    const event: fc.Arbitrary<PacketEvent> = fc.oneof(
      { weight: 4, arbitrary: arrive },
      { weight: 4, arbitrary: softirq },
      { weight: 2, arbitrary: setting },
    );
    return fc.record({
      cpus: fc.constant(machine.cpus),
      hz: fc.constant(machine.hz),
      events: fc.array(event, { maxLength: 40, size: 'max' }),
    });
  });
}

/** A packet with its place among all that came to the machine. */
interface PlayedPacket extends Packet {
  readonly number: number;
  readonly takes: number;
}

/** What a property may look at while a script is played. */
export interface Watcher {
  /** A packet is about to come; `to`: the CPU whose queue it is for, undefined if it goes up at once. */
  before?(play: PacketPlay, to: number | undefined): void;
  /** It came; false: it was dropped. */
  after?(play: PacketPlay, to: number | undefined, queued: boolean, packet: Packet): void;
  /** A softirq ran and processed so many packets. */
  ran?(play: PacketPlay, processed: number): void;
  /** An event is over. */
  done?(play: PacketPlay): void;
}

/** A script as it is played. */
export class PacketPlay implements PacketHandler {
  readonly backlog: PacketBacklog;
  /** How many came, and of these how many came to a queue. */
  arrived = 0;
  queuedOrDropped = 0;
  dropped = 0;
  /** By CPU, the numbers of the packets that it took from its queue. */
  readonly fromQueue: number[][];
  processed = 0;
  /** Those that go up at once. */
  private direct = false;

  constructor(kernel: KernelVariant, { cpus, hz }: PacketScript) {
    this.backlog = packetBacklogOf(kernel, { cpus, hz, handler: this });
    this.fromQueue = Array.from({ length: cpus }, () => []);
  }

  receive(packet: Packet, cpu: number): void {
    const { number, takes } = packet as PlayedPacket;
    this.processed += 1;
    if (!this.direct) this.fromQueue[cpu]?.push(number);
    this.backlog.now += takes;
  }

  /** How many packets wait on all CPUs. */
  get waiting(): number {
    let sum = 0;
    for (let cpu = 0; cpu < this.backlog.cpus; cpu++) {
      const { limited, takenOver } = this.backlog.waiting(cpu);
      sum += limited + takenOver;
    }
    return sum;
  }

  /** Plays the events. */
  play(events: readonly PacketEvent[], watcher: Watcher): void {
    for (const event of events) {
      if (event.kind === 'arrive') for (let i = 0; i < event.count; i++) this.arrive(event, watcher);
      else if (event.kind === 'softirq') this.softirq(event.cpu, watcher);
      else this.backlog.writeSysctl(event.name, event.value);
      watcher.done?.(this);
    }
  }

  /** Runs a CPU's softirq once. */
  softirq(cpu: number, watcher: Watcher = {}): void {
    const before = this.processed;
    if (this.backlog.runSoftirq(cpu)) watcher.ran?.(this, this.processed - before);
  }

  private arrive({ cpu, inPoll, packet: what, takes }: Arrivals, watcher: Watcher): void {
    const packet: PlayedPacket = { ...what, number: this.arrived, takes };
    this.direct = inPoll && what.rps === undefined;
    const to = this.direct ? undefined : (what.rps ?? cpu);
    watcher.before?.(this, to);
    const queued = inPoll ? this.backlog.netifReceiveSkb(packet, cpu) : this.backlog.netifRx(packet, cpu);
    this.direct = false;
    this.arrived += 1;
    if (to !== undefined) this.queuedOrDropped += 1;
    if (!queued) this.dropped += 1;
    watcher.after?.(this, to, queued, packet);
  }
}
