/** Machines to look at: an accept queue that overflows, a SYN flood, one that has counted everything. */

import type { ArrivingSegment, TraceEvent } from '../../../src/generated/types.js';
import { TCP_EXT_ROW, TCP_ROW } from '../../../src/host/counters.js';
import type { KernelVariant } from '../../../src/host/variant.js';
import { kernelNamed } from '../../../src/kernels.js';
import type { LogEntry, Moment } from '../../../src/report/views/moment.js';
import { Simulation } from '../../../src/run/simulation.js';

export function kernel(name: string): KernelVariant {
  const variant = kernelNamed(name);
  if (variant === undefined) throw new Error(name);
  return variant;
}

export const syn = (peer: number): ArrivingSegment => ({ peer, flags: ['SYN'], seq: 1000 * peer });
export const ack = (peer: number): ArrivingSegment => ({
  peer,
  flags: ['ACK'],
  seq: 1000 * peer + 1,
  ack: { of: 'synack', plus: 1 },
});

/** The machine after these events. */
export function machine(
  name: string,
  events: readonly TraceEvent[],
  sysctl: Readonly<Record<string, number>> = {},
): Moment {
  const variant = kernel(name);
  const simulation = new Simulation(variant, { sysctl });
  const log: LogEntry[] = [];
  for (const event of events) {
    const step = simulation.step(event);
    for (const line of step.log) log.push({ at: step.at, line });
  }
  return { variant, host: simulation.host, at: simulation.now, log };
}

/** Of four peers three fit into a queue with a backlog of 2; the first is accepted, the second sends 100 bytes after 3.5 s. */
export function overflow(name: string): Moment {
  const peers = [1, 2, 3, 4];
  const data: ArrivingSegment = { ...ack(2), flags: ['PSH', 'ACK'], len: 100 };
  return machine(
    name,
    [
      { syscall: 'listen', backlog: 2 },
      { segments: peers.map(syn) },
      { segments: peers.map(ack) },
      { syscall: 'accept', nonblocking: true },
      { wait: 3_500_000 },
      { segments: [data] },
    ],
    { 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_max_syn_backlog': 1024 },
  );
}

/** More SYNs than a queue with a backlog of 8 holds, with cookies. */
export function flood(name: string): Moment {
  const peers = Array.from({ length: 20 }, (_, i) => i + 1);
  const events: TraceEvent[] = [{ wait: 250_000 }, { syscall: 'listen', backlog: 8 }, { segments: peers.map(syn) }];
  return machine(name, [...events, { wait: 100_000 }], { 'net.ipv4.tcp_syncookies': 1 });
}

/** A machine on which every counter has a number of its own. */
export function everyCounter(name: string): Moment {
  const moment = machine(name, []);
  for (const [i, counter] of [...TCP_ROW, ...TCP_EXT_ROW].entries()) moment.host.count(counter, 101 + i);
  return moment;
}
