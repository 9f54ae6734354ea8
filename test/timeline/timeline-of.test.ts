import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { KERNELS, kernelNamed } from '../../src/kernels.js';
import { Probe } from '../../src/report/probe.js';
import { Simulation } from '../../src/run/simulation.js';
import type { MarkKind, Timeline } from '../../src/timeline/timeline.js';
import { playTimeline, timelineOf } from '../../src/timeline/timeline-of.js';
import { type GoldenTrace, goldenTraces } from '../support/recordings.js';

const kernel = (name: string): KernelVariant => {
  const found = kernelNamed(name);
  if (found === undefined) throw new Error(`no kernel ${name}`);
  return found;
};

const total = ({ marks }: Timeline, kind: MarkKind): number =>
  marks.reduce((sum, mark) => sum + (mark.kind === kind ? mark.count : 0), 0);

/** The sample that holds at a time. */
const at = ({ samples }: Timeline, time: number) => samples.findLast((sample) => sample.at <= time);

function named(name: string, id: string): GoldenTrace {
  const found = goldenTraces(`linux-${name}`, 'named').find(({ header }) => header.id === id);
  if (found === undefined) throw new Error(`no trace ${id}`);
  return found;
}

const syn = (peer: number): TraceEvent => ({ segments: [{ peer, flags: ['SYN'], seq: 1000 }] });
const ack = (peer: number): TraceEvent => ({
  segments: [{ peer, flags: ['ACK'], seq: 1001, ack: { of: 'synack', plus: 1 } }],
});

describe('the timeline of a recorded trace', () => {
  it.each(['2.6.32', '4.15'])(
    'shows on %s what was recorded: queues, resets, SYN-ACKs that are sent again, accepts',
    (name) => {
      const traces = goldenTraces(`linux-${name}`, 'named');
      expect(traces.length).toBe(270);
      for (const { header, steps } of traces) {
        const { timeline, verdict } = timelineOf({ header, steps }, kernel(name));
        expect([header.id, verdict.verdict]).toEqual([header.id, 'conforms']);
        const out = steps.flatMap((step) => step.out);
        expect([header.id, total(timeline, 'reset')]).toEqual([
          header.id,
          out.filter(({ flags }) => flags.includes('RST')).length,
        ]);
        expect([header.id, total(timeline, 'retransmission')]).toEqual([
          header.id,
          out.filter(({ flags, newIsn }) => flags.includes('SYN') && newIsn !== true).length,
        ]);
        expect(total(timeline, 'accepted')).toBe(steps.filter(({ accepted }) => accepted !== undefined).length);
        const last = steps.at(-1)?.observed;
        const rows = last?.sockets?.filter(({ state }) => state === 'SYN_RECV');
        const end = timeline.samples.at(-1);
        const isOpen = last?.listener?.state === 'LISTEN';
        expect([header.id, end?.acceptQueue]).toEqual([header.id, isOpen ? last?.listener?.acceptQueue : 0]);
        expect(end?.acceptLimit).toBe(isOpen ? (last?.listener?.maxAcceptQueue ?? 0) + 1 : undefined);
        if (rows !== undefined && isOpen && !header.id.includes('fastopen') && !header.id.includes('tfo')) {
          expect([header.id, end?.synQueue]).toEqual([header.id, rows.length]);
          expect(end?.young).toBe(rows.filter(({ retransmits }) => retransmits === 0).length);
        }
      }
    },
  );

  it('shows within a wait when requests age and expire', () => {
    const trace = named('4.15', 'two-waves');
    const { timeline } = timelineOf(trace, kernel('4.15'));
    const expiries = timeline.marks.filter(({ kind }) => kind === 'expired');
    expect(expiries.reduce((sum, { count }) => sum + count, 0)).toBe(30);
    expect(expiries.every(({ rule }) => rule === 'syn_ack_recalc/expire')).toBe(true);
    for (const { at: time } of expiries) expect(trace.steps.some((step) => step.at === time)).toBe(false);
    expect(at(timeline, 500_000)).toMatchObject({ synQueue: 10, young: 10 });
    expect(at(timeline, 1_500_000)).toMatchObject({ synQueue: 10, young: 0 });
  });

  it('ends where it violates the specification', () => {
    const trace = named('4.15', 'b3-last-ack-overflows');
    const broken = structuredClone(trace);
    const step = broken.steps[8];
    if (step?.observed.listener === undefined) throw new Error('nothing to break');
    Object.assign(step.observed.listener, { acceptQueue: 77 });
    const { timeline, verdict } = timelineOf(broken, kernel('4.15'));
    expect(verdict).toMatchObject({ verdict: 'violates', line: 10, observed: 77 });
    expect(timeline.until).toBe(step.at);
    expect(timeline.samples.every(({ acceptQueue }) => acceptQueue < 77)).toBe(true);
  });
});

describe('the timeline of a scenario', () => {
  it.each(KERNELS.map((one) => [one.name, one] as const))('ends on %s with what the machine shows', (_, variant) => {
    const events: TraceEvent[] = [{ syscall: 'listen', backlog: 2 }, syn(8)];
    for (let peer = 1; peer <= 6; peer++) events.push(syn(peer), ack(peer));
    events.push({ wait: 1_500_000 }, { syscall: 'accept', nonblocking: true }, { wait: 100_000_000 }, syn(9));
    const scenario = { sysctl: { 'net.ipv4.tcp_syncookies': 0 }, sockopt: {}, events };
    const timeline = playTimeline(variant, scenario);
    const simulation = new Simulation(variant, scenario);
    const out = events.flatMap((event) => simulation.step(event).out);
    const queue = variant.synQueue(simulation.host);
    expect(timeline.samples.at(-1)).toEqual({
      at: 101_500_000,
      synQueue: queue?.length,
      young: queue?.young,
      acceptQueue: variant.listener(simulation.host)?.acceptQueue,
      synLimit: queue?.limit,
      acceptLimit: 3,
    });
    expect(timeline.until).toBe(101_500_000);
    expect(total(timeline, 'accepted')).toBe(1);
    const { ListenDrops = 0 } = simulation.host.counters;
    if (variant.name !== '2.6.32') {
      expect(total(timeline, 'syn-dropped') + total(timeline, 'ack-dropped')).toBe(ListenDrops);
    }
    const again = out.filter(({ flags, newIsn }) => flags.includes('SYN') && newIsn !== true);
    expect(again.length).toBeGreaterThan(0);
    expect(total(timeline, 'retransmission')).toBe(again.length);
  });

  it.each(KERNELS.map((one) => [one.name, one] as const))(
    'has on %s the limit at which a SYN is refused',
    (_, variant) => {
      const sysctls = { 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.tcp_max_syn_backlog': 4096 };
      for (const backlog of [0, 1, 7, 20]) {
        const probe = new Probe(variant, backlog, sysctls, {});
        const limit = variant.synQueue(probe.host)?.limit;
        let admitted = 0;
        while (probe.syn(admitted + 1) === 'SYN-ACK') admitted += 1;
        expect([backlog, limit]).toEqual([backlog, admitted]);
      }
    },
  );
});
