/** What netdev_max_backlog means on a kernel, tried on the kernel's model: the queue of packets that a listener's segments come through. */

import type { ArrivingSegment } from '../generated/types.js';
import type { RuleId } from '../host/rule.js';
import { type Errno, type KernelVariant, packetBacklogOf } from '../host/variant.js';
import { PacketPath } from '../run/packet-path.js';
import type { Sysctls } from './probe.js';

/** What becomes of a SYN that finds the queue full. */
export interface PacketLost {
  /** The columns of softnet_stat that moved. */
  readonly columns: readonly string[];
  readonly rule: RuleId;
  /** TCP did something or counted something. */
  readonly tcpSawIt: boolean;
}

/** The packet backlog of a CPU. */
export interface PacketLimits {
  /** How many packets wait at most; undefined: more than {@link PACKET_PROBES}. */
  readonly capacity: number | undefined;
  /** How many more may come once the softirq of a full queue has run, beyond those that it processed. */
  readonly whileProcessing: number;
  /** How many packets of a full queue a softirq processes, if it is given the time. */
  readonly perSoftirq: number;
  /** How many softirqs process all packets of a full queue; undefined: more than {@link PACKET_PROBES}, or it never comes to that. */
  readonly runs: number | undefined;
  /** Undefined where the queue could not be filled. */
  readonly full: PacketLost | undefined;
  /** A packet out of a driver's own poll is processed although the queue is full. */
  readonly passedByPolls: boolean;
}

/** The sysctls that matter here, by full name. */
export const PACKET_SYSCTLS: readonly string[] = ['net.core.netdev_max_backlog', 'net.core.netdev_budget'];

/** How many packets are sent to find the queue's end. */
const PACKET_PROBES = 2 ** 17;

const syn = (peer: number): ArrivingSegment => ({ peer, flags: ['SYN'], seq: 100 });

/** The answers, the settings in force, and those of `sysctls` that the kernel refuses. */
export function packetLimits(
  variant: KernelVariant,
  sysctls: Sysctls,
): { limits: PacketLimits | undefined; sysctl: Sysctls; refused: Readonly<Record<string, Errno>> } {
  if (variant.packetBacklog === undefined) return { limits: undefined, sysctl: {}, refused: {} };
  const refused: Record<string, Errno> = {};
  const path = new PacketPath(variant);
  const { backlog } = path;
  for (const [name, value] of Object.entries(sysctls)) {
    const errno = backlog.writeSysctl(name, value);
    if (errno !== 0) refused[name] = errno;
  }
  path.step({ syscall: 'listen', backlog: 0 });
  let peer = 0;
  const fill = (): number => {
    let admitted = 0;
    while (admitted <= PACKET_PROBES && backlog.netifRx({})) admitted++;
    return admitted;
  };
  const waiting = (): number => backlog.waiting(0).limited + backlog.waiting(0).takenOver;
  const capacity = fill();
  const isFull = capacity <= PACKET_PROBES;
  const full = isFull ? lost(path, ++peer) : undefined;
  const passedByPolls = backlog.netifReceiveSkb({});
  // What was sent to find the end of the queue is no segment, so that TCP is not troubled with it.
  const before = waiting();
  backlog.runSoftirq();
  const perSoftirq = before - waiting();
  const whileProcessing = isFull ? fill() - perSoftirq : 0;
  return {
    limits: {
      capacity: isFull ? capacity : undefined,
      whileProcessing,
      perSoftirq,
      runs: isFull ? runsOf(variant, sysctls) : undefined,
      full,
      passedByPolls,
    },
    sysctl: Object.fromEntries(PACKET_SYSCTLS.map((name) => [name, backlog.sysctl[name] ?? 0])),
    refused,
  };
}

/** What becomes of a SYN now. */
function lost(path: PacketPath, peer: number): PacketLost | undefined {
  const { backlog, simulation } = path;
  const before = backlog.softnetStat(0);
  const counters = JSON.stringify(simulation.host.counters);
  const { dropped, rules, tcp } = path.step({ segments: [syn(peer)] });
  const rule = rules.at(-1);
  if (dropped.length === 0 || rule === undefined) return undefined;
  const after = backlog.softnetStat(0);
  const names = Object.keys(after) as (keyof typeof after)[];
  const columns = names.filter((name) => after[name] !== before[name]).map((name) => COLUMNS[name] ?? name);
  return { columns, rule, tcpSawIt: tcp !== undefined || JSON.stringify(simulation.host.counters) !== counters };
}

/** How tools call the columns that have another name in the kernel. */
const COLUMNS: Readonly<Record<string, string>> = { processed: 'the first column' };

function runsOf(variant: KernelVariant, sysctls: Sysctls): number | undefined {
  const backlog = packetBacklogOf(variant, { handler: { receive: () => {} } });
  for (const [name, value] of Object.entries(sysctls)) backlog.writeSysctl(name, value);
  while (backlog.netifRx({}));
  let runs = 0;
  for (let left = -1; ; runs++) {
    const { limited, takenOver } = backlog.waiting(0);
    if (limited + takenOver === 0) return runs;
    if (limited + takenOver === left || runs > PACKET_PROBES) return undefined;
    left = limited + takenOver;
    backlog.runSoftirq();
  }
}
