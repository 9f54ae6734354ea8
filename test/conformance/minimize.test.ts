import { describe, expect, it } from 'vitest';
import { MOST_TRIES, minimize, sizeOf } from '../../src/conformance/minimize.js';
import type { TraceEvent } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { judgeTrace, kernelNamed, playScenario, type Scenario } from '../../src/index.js';
import { goldenTraces } from '../support/recordings.js';

const scenario = (events: readonly TraceEvent[], more: Partial<Scenario> = {}): Scenario => ({
  sysctl: {},
  sockopt: {},
  events,
  ...more,
});
const listen = (backlog: number): TraceEvent => ({ syscall: 'listen', backlog });
const syn = (...peers: number[]): TraceEvent => ({
  segments: peers.map((peer) => ({ peer, flags: ['SYN'] as const, seq: 5_000_000 + peer })),
});
const wait = (us: number): TraceEvent => ({ wait: us });
const waits = ({ events }: Scenario): number => events.reduce((sum, one) => sum + ('wait' in one ? one.wait : 0), 0);
const peers = ({ events }: Scenario): number[] =>
  events.flatMap((one) => ('segments' in one ? one.segments.map(({ peer }) => peer) : []));

describe('minimize', () => {
  it('keeps only the events that are needed together, however far they are apart', () => {
    const events = [listen(7), ...Array.from({ length: 50 }, (_, i) => (i === 10 || i === 40 ? syn(i) : wait(i + 1)))];
    const smallest = minimize(scenario(events), (one) => peers(one).length === 2);
    expect(smallest.events).toEqual(
      [syn(0), syn(0)].map((_, i) => ({ segments: [{ peer: i + 1, flags: ['SYN'], seq: 1000 }] })),
    );
  });

  it('takes segments out of a burst, but leaves no burst without segments', () => {
    const smallest = minimize(scenario([syn(1, 2, 3, 4, 5)]), ({ events }) => events.length > 0);
    expect(smallest.events).toEqual([{ segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] }]);
  });

  it('drops sysctls, socket options and faults that do not matter', () => {
    const faulty: TraceEvent = { ...listen(3), faults: ['get_port', 'security_socket_listen'] } as TraceEvent;
    const whole = scenario([faulty], { sysctl: { a: 1, b: 2 }, sockopt: { TCP_SYNCNT: 3, TCP_DEFER_ACCEPT: 4 } });
    const smallest = minimize(
      whole,
      ({ sysctl, sockopt, events: [event] }) =>
        sysctl['b'] === 2 &&
        sockopt.TCP_SYNCNT === 3 &&
        event !== undefined &&
        'faults' in event &&
        event.faults?.includes('get_port') === true,
    );
    expect(smallest).toEqual({
      sysctl: { b: 2 },
      sockopt: { TCP_SYNCNT: 3 },
      events: [{ syscall: 'listen', backlog: 0, faults: ['get_port'] }],
    });
  });

  it.each([
    [3_141_592, 3_000_000, 3_000_000],
    [3_141_592, 3_140_000, 3_140_000],
    [63_999_999, 60_000_001, 63_000_000],
  ])('rounds a wait of %i µs down, where %i will do, to %i', (from, enough, to) => {
    expect(minimize(scenario([wait(from)]), (one) => waits(one) >= enough).events).toEqual([wait(to)]);
  });

  it('leaves the names of peers where they matter', () => {
    const smallest = minimize(scenario([syn(9, 42)]), (one) => peers(one).includes(42));
    expect(peers(smallest)).toEqual([42]);
  });

  it('stops after a bounded number of tries, with something that fails', () => {
    let tries = 0;
    const all = scenario(Array.from({ length: 3000 }, (_, i) => wait(i + 1)));
    const smallest = minimize(all, ({ events }) => {
      tries += 1;
      return events.length % 2 === 0 && events.length > 1000;
    });
    expect(tries).toBeLessThanOrEqual(MOST_TRIES);
    expect(smallest.events.length % 2).toBe(0);
    expect(sizeOf(smallest)).toBeLessThanOrEqual(sizeOf(all));
  });

  const told = (kernel: KernelVariant, other: KernelVariant) => (one: Scenario) => {
    const { header, steps } = playScenario(kernel, one);
    return judgeTrace(header, steps, other).verdict === 'violates';
  };

  it('makes recordings on which the kernels part so small that no event can go, and does so every time alike', () => {
    const [older, newer] = ['2.6.32', '4.15'].map((name) => kernelNamed(name) as KernelVariant) as [
      KernelVariant,
      KernelVariant,
    ];
    const parts = told(older, newer);
    const recorded = goldenTraces('linux-2.6.32', 'named').map(({ header: { sysctl, sockopt }, steps }) =>
      scenario(
        steps.map(({ event }) => event),
        { sysctl, sockopt },
      ),
    );
    const tried = recorded.filter((one) => one.events.length < 40 && parts(one)).filter((_, i) => i % 40 === 0);
    expect(tried.length).toBeGreaterThan(3);
    for (const one of tried) {
      const smallest = minimize(one, parts);
      expect(parts(smallest)).toBe(true);
      expect(minimize(one, parts)).toEqual(smallest);
      for (const i of smallest.events.keys()) {
        expect(parts({ ...smallest, events: smallest.events.toSpliced(i, 1) })).toBe(false);
      }
    }
  });
});
