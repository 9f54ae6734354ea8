/** Running a kernel: what it plays the judge accepts, the same seed plays the same, and a copy goes its own way. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenario } from '../../properties/arbitraries/scenario.js';
import type { TraceEvent } from '../../src/generated/types.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { KERNELS, kernelNamed } from '../../src/kernels.js';
import { type PlayedStep, Simulation } from '../../src/run/simulation.js';
import { TraceChecker } from '../../src/trace/check.js';
import { played } from '../support/played.js';

/** Another seed tries other scenarios. */
const SEED = Number(process.env['FC_SEED'] ?? 20_26);
const RUNS = Number(process.env['FC_RUNS'] ?? 300);

const listen: TraceEvent = { syscall: 'listen', backlog: 2 };
const syn = (peer: number): TraceEvent => ({ segments: [{ peer, flags: ['SYN'], seq: 100 }] });
const ack = (peer: number): TraceEvent => ({
  segments: [{ peer, flags: ['ACK'], seq: 101, ack: { of: 'synack', plus: 1 } }],
});

describe.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))('a simulation of %s', (_, kernel) => {
  it('plays traces that are well formed, and that the judge accepts', () => {
    const chance = fc.record({ seed: fc.nat(), hz: fc.constantFrom(100, 250, 300, 1000) });
    fc.assert(
      fc.property(scenario(kernel, { blocks: 8 }), chance, ({ events, sysctl, sockopt }, { seed, hz }) => {
        const { header, steps } = played(kernel, events, { sysctl, sockopt, seed, hz });
        const checker = new TraceChecker();
        expect(checker.header(header)).toBeUndefined();
        for (const step of steps) expect(checker.step(step)).toBeUndefined();
        expect(judgeTrace(header, steps)).toEqual({ verdict: 'conforms', steps: steps.length });
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('plays the same again for the same seed, and from any step on in a copy', () => {
    fc.assert(
      fc.property(scenario(kernel, { blocks: 8 }), fc.nat(), fc.nat(), ({ events, sysctl, sockopt }, seed, cut) => {
        const original = new Simulation(kernel, { sysctl, sockopt, seed });
        const again = new Simulation(kernel, { sysctl, sockopt, seed });
        const at = cut % events.length;
        for (const event of events.slice(0, at)) expect(again.step(event)).toEqual(original.step(event));
        const copy = original.clone();
        const rest = (one: Simulation): PlayedStep[] => events.slice(at).map((event) => one.step(event));
        const expected = rest(again);
        expect(rest(copy)).toEqual(expected);
        expect(rest(original)).toEqual(expected);
      }),
      { seed: SEED, numRuns: RUNS / 3 },
    );
  });

  it('shares nothing with its copy', () => {
    const original = new Simulation(kernel);
    original.step(listen);
    original.step(syn(1));
    const copy = original.clone();
    copy.step(ack(1));
    copy.step({ wait: 300_000_000 });
    expect(copy.step({ wait: 0 }).observed.listener).toMatchObject({ acceptQueue: 1 });
    expect(original.now).toBe(0);
    const { observed, out } = original.step({ wait: 0 });
    expect(out).toEqual([]);
    expect(observed.counters).toEqual({});
    expect(observed.listener).toMatchObject({ acceptQueue: 0 });
    expect(observed.sockets).toMatchObject([{ peer: 1, state: 'SYN_RECV' }]);
  });

  it('tells the rules of each step, and only those', () => {
    const simulation = new Simulation(kernel);
    expect(simulation.step(listen).rules).toContain('inet_listen/start');
    expect(simulation.step(syn(1)).rules.some((rule) => rule.endsWith('conn_request/synack'))).toBe(true);
    expect(simulation.step({ wait: 10 }).rules).toEqual([]);
  });

  it('tells the sysctls that the kernel refuses', () => {
    const { sysctlErrors } = new Simulation(kernel, { sysctl: { 'net.core.somaxconn': 5, 'no.such.thing': 1 } });
    expect(sysctlErrors).toEqual({ 'no.such.thing': 'ENOENT' });
  });

  it('is where it has been told to wait to', () => {
    const simulation = new Simulation(kernel);
    simulation.step({ wait: 1_500_000 });
    const { at, observed } = simulation.step({ wait: 500_000 });
    expect([at, observed.at, simulation.now]).toEqual([1_500_000, 2_000_000, 2_000_000]);
  });
});

describe('faults', () => {
  it('hold for one event', () => {
    const [kernel] = KERNELS;
    if (kernel === undefined) throw new Error('no kernel');
    const simulation = new Simulation(kernel);
    simulation.step(listen);
    expect(simulation.step({ ...syn(1), faults: ['inet_reqsk_alloc'] } as TraceEvent).out).toEqual([]);
    expect(simulation.step(syn(1)).out).toHaveLength(1);
  });
});

describe('releases of one model', () => {
  it('differ where the kernels do', () => {
    const kernel = kernelNamed('2.6.32');
    if (kernel === undefined) throw new Error('no 2.6.32');
    const somaxconn = { 'net.core.somaxconn': 70_000 };
    expect(new Simulation(kernel, { sysctl: somaxconn }).sysctlErrors).toEqual({});
    expect(new Simulation(kernel, { sysctl: somaxconn, release: '2.6.32.69' }).sysctlErrors).toEqual({
      'net.core.somaxconn': 'EINVAL',
    });
  });
});
