/** Scenarios made for what recorded and generated ones leave to chance: what sysctls accept, and what they are by default. */

import type { TraceEvent } from '../generated/types.js';
import type { Candidate } from './contrast.js';
import type { Difference } from './differences.js';

/** Scenarios for what sysctls accept and what they are by default, which the others leave to chance. */
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
  return [...ranges, ...defaults].map((scenario, i) => ({ id: `made-up-${i}`, scenario }));
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
const VALUES = [-1, 0, 65_535, 65_536, 2 ** 31 - 1, -(2 ** 31)];
