/** Scenarios made for what recorded and generated ones leave to chance: what sysctls accept, what they are by default, and when ACKs wait. */

import type { TraceEvent } from '../generated/types.js';
import type { Scenario } from '../run/scenario.js';
import type { Candidate } from './contrast.js';
import type { Difference } from './differences.js';
import { areaOf } from './topics.js';

/** Scenarios for what sysctls accept, what they are by default, and what is done to ACKs that wait, which the others leave to chance. */
export function madeUp(differences: readonly Difference[]): Candidate[] {
  const sysctls = differences.flatMap((one) => (one.kind === 'sysctl' ? [one] : []));
  const ranges = sysctls
    .filter(({ what }) => what === 'range')
    .flatMap(({ sysctl }) => VALUES.map((value) => ({ sysctl: { [sysctl]: value } })))
    .map((event) => ({ sysctl: {}, sockopt: {}, events: [event] }));
  const unset = sysctls.filter(({ what }) => what === 'default').map(({ sysctl }) => sysctl);
  const defaults = unset.flatMap((sysctl) =>
    [0, 1, 2].flatMap((other) => {
      const written = { 'net.core.somaxconn': 1024, ...Object.fromEntries(unset.map((name) => [name, other])) };
      const { [sysctl]: _, ...settings } = written as Record<string, number>;
      return [1, 128, 1024].map((backlog) => ({ sysctl: settings, sockopt: {}, events: [listen(backlog), ...FLOOD] }));
    }),
  );
  const aboutConnections = differences.some((one) => one.kind === 'rule' && areaOf(one.topic) === 'connection');
  return [...ranges, ...defaults, ...(aboutConnections ? waitingAcks() : [])].map((scenario, i) => ({
    id: `made-up-${i}`,
    scenario,
  }));
}

/** How many segments come before: some kernels acknowledge the first few at once. */
const BEFORE = [0, 1, 8, 16, 24];

/** How far apart, ms, segments come whose ACKs wait longer and longer. */
const DELAYS = [50, 90, 170, 180, 190, 195, 195, 199, 250];

/** A connection after some data whose ACKs have left, and what is done with the ACK of the segments that come then. */
function waitingAcks(): Scenario[] {
  const [piece, settled] = [10, { wait: 100_000 }];
  const data = (at: number, len = piece): TraceEvent => ({
    segments: [{ peer: 1, flags: ['PSH', 'ACK'], seq: 1001 + at, ack: { of: 'synack', plus: 1 }, len }],
  });
  const syn: TraceEvent = { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] };
  const connect: TraceEvent[] = [
    syn,
    { segments: [{ peer: 1, flags: ['ACK'], seq: 1001, ack: { of: 'synack', plus: 1 } }] },
  ];
  const pieces = (from: number, count: number): TraceEvent[] =>
    Array.from({ length: count }, (_, i) => data((from + i) * piece));
  const scenarios = BEFORE.flatMap((count) => {
    const end = count * piece;
    const before = [...pieces(0, count), settled];
    const slowly = DELAYS.flatMap((ms, i) => [data(end + i * piece), { wait: ms * 1000 }]);
    return [
      [...before, data(Math.max(0, end - 5)), settled],
      [...before, data(end + piece), data(end), data(end + 2 * piece), settled],
      [...before, data(end + piece), settled, data(end), settled, ...pieces(count + 2, 3), settled],
      [...pieces(0, count), syn, ...pieces(count, 16), settled],
      [...before, ...slowly],
    ];
  });
  const challenged = [
    [syn, syn],
    [{ wait: 600_000 }, syn],
  ];
  const events = [...scenarios, ...challenged].map((after) => [listen(1), ...connect, ...after]);
  const limits = [{}, { 'net.ipv4.tcp_challenge_ack_limit': 0, 'net.ipv4.tcp_invalid_ratelimit': 0 }];
  return limits.flatMap((sysctl, i) =>
    (i === 0 ? events : events.slice(scenarios.length)).map((one) => ({ sysctl, sockopt: {}, events: one })),
  );
}

const listen = (backlog: number): TraceEvent => ({ syscall: 'listen', backlog });

/** A stray ACK, and then SYNs in bursts: more than a quarter, a half, and all of what any default lets in. */
const FLOOD: readonly TraceEvent[] = [
  { segments: [{ peer: 0, flags: ['ACK'], seq: 1000, ack: { of: 'nothing', plus: 1 } }] },
  ...[0, 33, 66, 99].map((first) => ({
    segments: Array.from({ length: 33 }, (_, i) => ({ peer: first + i + 1, flags: ['SYN'] as const, seq: 1000 })),
  })),
];

/** Numbers around the edges of what sysctls accept. */
const VALUES = [-1, 0, 255, 256, 65_535, 65_536, 2 ** 31 - 1, -(2 ** 31)];
