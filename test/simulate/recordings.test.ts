/**
 * Where a recording begins with what the clients of a workload do, the simulated kernel counts what the recorded one counted: floods of SYNs and
 * what becomes of them, and clients one after the other until the queues are full.
 */

import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Step, Workload } from '../../src/generated/types.js';
import { KERNELS } from '../../src/kernels.js';
import { simulate } from '../../src/simulate/simulate.js';
import { type GoldenTrace, goldenTraces } from '../support/recordings.js';
import { workload } from './workloads.js';

/** In so many runs at most chance has to have done what it did when the recording was made. */
const SEEDS = 200;

/** The beginning of a recording, and the workload that does the same. */
interface Beginning {
  readonly steps: readonly Step[];
  readonly workload: Workload;
}

/** The one segment that an event is; undefined: it is something else. */
const segment = ({ event }: Step) =>
  'segments' in event && event.segments.length === 1 ? event.segments[0] : undefined;

/** Whether an event is the SYN of a peer, without options. */
const isSyn = (step: Step, peer: number): boolean => flood(step).length === 1 && flood(step)[0] === peer;

/** Whether an event is the ACK that ends a peer's handshake. */
function isAnswer(step: Step, syn: Step, peer: number): boolean {
  const { seq = 0 } = segment(syn) ?? {};
  const answer = { peer, flags: ['ACK'], seq: seq + 1, ack: { of: 'synack', plus: 1 } };
  return isDeepStrictEqual(segment(step), answer);
}

/** The peers that an event has SYNs of and nothing else; none: it is something else. */
function flood({ event }: Step): readonly number[] {
  if (!('segments' in event)) return [];
  const plain = event.segments.every(({ peer: _, seq: __, flags, ...rest }) => {
    return flags.join() === 'SYN' && Object.keys(rest).length === 0;
  });
  return plain ? event.segments.map(({ peer }) => peer) : [];
}

/** SYNs of one peer each, all at once, and then nothing for a while. */
function floodOf(trace: GoldenTrace, backlog: number): Beginning | undefined {
  const [, first, ...later] = trace.steps;
  const peers = first === undefined ? [] : flood(first);
  const end = later.findIndex(({ event }) => !('wait' in event));
  const waits = end === -1 ? later : later.slice(0, end);
  if (first === undefined || waits.length === 0 || peers.length === 0 || new Set(peers).size < peers.length)
    return undefined;
  const steps = [first, ...waits];
  const clients = { arrivals: { kind: 'burst', count: peers.length }, flood: 1 } as const;
  return { steps, workload: workloadOf(trace, backlog, steps, clients) };
}

/** Clients that connect, each when the one before it has a connection, up to the first who gets none; nobody accepts them. */
function clientsOf(trace: GoldenTrace, backlog: number): Beginning | undefined {
  const [, ...later] = trace.steps;
  const isConnected = (peer: number): boolean => {
    const [syn, answer] = later.slice(2 * peer);
    return (
      answer !== undefined &&
      syn !== undefined &&
      isSyn(syn, peer) &&
      syn.out.length === 1 &&
      isAnswer(answer, syn, peer)
    );
  };
  let pairs = 0;
  while (isConnected(pairs)) pairs++;
  const next = later[2 * pairs];
  const isRefused = next !== undefined && isSyn(next, pairs) && next.out.length === 0;
  if (pairs === 0) return undefined;
  const steps = later.slice(0, 2 * pairs + (isRefused ? 1 : 0));
  const arrivals = { kind: 'constant', rate: 1000, count: pairs + (isRefused ? 1 : 0) } as const;
  return { steps, workload: workloadOf(trace, backlog, steps, { arrivals, roundTrip: 400 }) };
}

function workloadOf(
  { header }: GoldenTrace,
  backlog: number,
  steps: readonly Step[],
  clients: Workload['clients'],
): Workload {
  const lasts = (steps.at(-1)?.observed.until ?? 0) - (steps[0]?.at ?? 0);
  const { sysctl, sockopt, kernel } = header;
  return workload({
    hz: kernel.hz,
    sysctl,
    sockopt,
    backlog,
    clients,
    server: { pauses: [{ from: 0 }] },
    // No client knows before a second has passed that its SYN was lost.
    until: clients.flood === 1 ? lasts : 900_000,
  });
}

/** What steps add up to, by counter. */
function counted(steps: readonly Step[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { observed } of steps) {
    for (const [name, moved] of Object.entries(observed.counters)) sums[name] = (sums[name] ?? 0) + moved;
  }
  return sums;
}

/** All recordings of a kernel that begin with `listen` and go on like a workload. */
function beginnings(kernel: string, beginningOf: (trace: GoldenTrace, backlog: number) => Beginning | undefined) {
  return goldenTraces(`linux-${kernel}`).flatMap((trace) => {
    const event = trace.steps[0]?.event;
    if (event === undefined || !('syscall' in event) || event.syscall !== 'listen') return [];
    if (trace.header.sysctlErrors !== undefined) return [];
    const found = beginningOf(trace, event.backlog);
    return found === undefined ? [] : [[trace.header.id, found] as const];
  });
}

describe.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))(
  'a workload on %s counts as recorded',
  (name, kernel) => {
    it.each([
      ['a flood', floodOf, 30],
      ['clients', clientsOf, 30],
    ] as const)('%s', (_, beginningOf, least) => {
      const all = beginnings(name, beginningOf);
      const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
      const wrong = all.filter(([, { steps, workload }]) => {
        const recorded = counted(steps);
        return !seeds.some((seed) => isDeepStrictEqual(simulate(kernel, { ...workload, seed }).counters, recorded));
      });
      process.stdout.write(`${name}: ${all.length} recordings\n`);
      expect(wrong.map(([id]) => id)).toEqual([]);
      expect(all.length).toBeGreaterThanOrEqual(least);
    });
  },
);
