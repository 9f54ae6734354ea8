import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEATURES, type ScenarioLimits, UNLIMITED, unmet } from '../../../properties/arbitraries/limits.js';
import { scenario } from '../../../properties/arbitraries/scenario.js';
import { PROFILES } from '../../../properties/profiles/index.js';
import { kernelSpecs } from '../../../src/generated/kernels.js';
import type { Feature, TraceEvent } from '../../../src/generated/types.js';
import type { RuleId } from '../../../src/host/rule.js';
import type { KernelVariant } from '../../../src/host/variant.js';
import { KERNELS, kernelNamed } from '../../../src/kernels.js';
import { playScenario, type Scenario, traceStep } from '../../../src/run/scenario.js';
import { TraceChecker } from '../../../src/trace/check.js';

const SEED = Number(process.env['SEED'] ?? 1);

const names = [...new Set(Object.values(kernelSpecs).flatMap(({ sysctls }) => Object.keys(sysctls)))];

const limits: fc.Arbitrary<ScenarioLimits> = fc.record({
  features: fc.subarray(Object.keys(FEATURES) as Feature[]).map((some) => new Set(some)),
  sysctls: fc.oneof(
    fc.constant('all' as const),
    fc.subarray(names).map((some) => new Set(some)),
  ),
  sockopts: fc.subarray(['TCP_DEFER_ACCEPT', 'TCP_SYNCNT', 'TCP_FASTOPEN']).map((some) => new Set(some)),
  longest: fc.constantFrom(Number.POSITIVE_INFINITY, 0, 1_000_000, 10_000_000),
  peers: fc.constantFrom(Number.POSITIVE_INFINITY, 1, 3, 20),
});

describe.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))('scenarios for %s', (name, kernel) => {
  const profiles = PROFILES.filter(({ kernels }) => kernels.includes(name));

  it('ask for nothing that the limits lack', () => {
    const limited = fc
      .tuple(fc.constantFrom(...profiles), limits)
      .chain(([profile, given]) => profile.scenario(kernel, given).map((made) => [made, given] as const));
    fc.assert(
      fc.property(limited, ([made, given]) => {
        expect(unmet(made, kernel, given)).toEqual([]);
        expect(made.events.some((event) => 'syscall' in event && event.syscall === 'listen')).toBe(true);
      }),
      { seed: SEED, numRuns: 400 },
    );
  });

  it('are played as valid traces', () => {
    const checker = new TraceChecker();
    for (const profile of profiles) {
      for (const made of fc.sample(profile.scenario(kernel), { seed: SEED, numRuns: 20 })) {
        const { header, steps } = playScenario(kernel, made);
        expect(checker.header(header)).toBeUndefined();
        for (const step of steps) expect(checker.step(traceStep(step))).toBeUndefined();
      }
    }
  });

  it.each<[RuleId, number]>([
    ['inet_csk_accept/child-already-closed', 5],
    ['tcp_v4_syn_recv_sock/accept-queue-full', 4],
    ['syn_ack_recalc/expire', 4],
  ])('shrink to a few events that still show %s', (rule, most) => {
    const shows = (made: Scenario): boolean =>
      playScenario(kernel, made).steps.some(({ rules }) => rules.includes(rule));
    const found = fc.check(
      fc.property(scenario(kernel), (made) => !shows(made)),
      { seed: SEED, numRuns: 5000 },
    );
    const [least] = found.counterexample ?? [];
    if (least === undefined) throw new Error(`no scenario showed ${rule}`);
    expect(least.events.length).toBeLessThanOrEqual(most);
  });
});

it('no scenario shrinks to itself, even where what is dropped is put back to fit the limits', () => {
  const kernel = kernelNamed('4.15') as KernelVariant;
  const handshakes: ScenarioLimits = { ...UNLIMITED, features: new Set(['cookies']) };
  const accepts = (made: Scenario): boolean =>
    playScenario(kernel, made).steps.filter(({ accepted }) => accepted !== undefined).length > 1;
  const found = fc.check(
    fc.property(scenario(kernel, { limits: handshakes }), (made) => !accepts(made)),
    { seed: SEED, numRuns: 1000 },
  );
  expect(found.counterexample?.[0]?.events).toHaveLength(7);
  expect(found.numShrinks).toBeLessThan(60);
});

describe('what a subject lacks', () => {
  const [kernel] = KERNELS;
  if (kernel === undefined) throw new Error('no kernels');
  const none: ScenarioLimits = { features: new Set(), sysctls: new Set(), sockopts: new Set(), longest: 0, peers: 1 };
  const flood: Scenario = {
    sysctl: { 'net.ipv4.tcp_syncookies': 1 },
    sockopt: { TCP_SYNCNT: 3 },
    events: [
      { syscall: 'listen', backlog: 1 },
      { segments: [1, 2].map((peer) => ({ peer, flags: ['SYN'], seq: peer })) },
      { wait: 1_000_000 },
    ],
  };

  it('is said in words', () => {
    expect(unmet(flood, kernel, none)).toEqual([
      'segments: segments one by one',
      'cookies: SYN cookies',
      'the sysctl net.ipv4.tcp_syncookies',
      'the socket option TCP_SYNCNT',
      'waits of 1 s in all, at most 0 s',
      '2 peers, at most 1',
    ]);
  });

  it('is the right to turn clients away where nothing but the full accept queue keeps one from connecting', () => {
    const connect = (peer: number): TraceEvent[] => [
      { segments: [{ peer, flags: ['SYN'], seq: 1000 }] },
      { segments: [{ peer, flags: ['ACK'], seq: 1001, ack: { of: 'synack', plus: 1 } }] },
    ];
    const crowd: Scenario = {
      sysctl: {},
      sockopt: {},
      events: [{ syscall: 'listen', backlog: 1 }, ...[1, 2, 3].flatMap(connect)],
    };
    const linux_4_15 = kernelNamed('4.15') as KernelVariant;
    const roomy = { ...none, peers: 3 };
    const and = (feature: Feature): ScenarioLimits => ({ ...roomy, features: new Set([feature]) });
    expect(unmet(crowd, linux_4_15, roomy)).toContain('turned-away: clients that get no answer and give up');
    expect(unmet(crowd, linux_4_15, and('turned-away'))).toEqual([]);
    expect(unmet({ ...crowd, events: crowd.events.slice(0, -1) }, linux_4_15, and('turned-away'))).toContain(
      'segments: segments one by one',
    );
    // 2.6.32 answers the third SYN and ignores the ACK: the client believes that it is connected.
    expect(unmet(crowd, kernel, and('turned-away'))).toContain('segments: segments one by one');
  });

  it.each<[string, TraceEvent]>([
    ['a FIN', { segments: [{ peer: 1, flags: ['FIN', 'ACK'], seq: 1001, ack: { of: 'synack', plus: 1 } }] }],
    [
      'a SYN and a FIN',
      { segments: [{ peer: 1, flags: ['SYN', 'FIN', 'ACK'], seq: 1000, ack: { of: 'synack', plus: 1 } }] },
    ],
  ])('is what a new connection does about %s in the ACK that completes its handshake', (_, last) => {
    const syn: TraceEvent = { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] };
    const events: TraceEvent[] = [{ syscall: 'listen', backlog: 1 }, syn, last];
    const segmentsOnly = { ...none, features: new Set<Feature>(['segments', 'turned-away', 'cookies']) };
    const needed = 'segments-after-handshake: segments from a peer whose handshake is complete';
    for (const one of KERNELS) {
      const made: Scenario = { sysctl: {}, sockopt: {}, events };
      expect(playScenario(one, made).steps[2]?.observed.counters).toMatchObject({ PassiveOpens: 1 });
      expect(unmet(made, one, segmentsOnly)).toEqual([needed]);
      // The same for nobody: a FIN that is no end of a connection needs nothing.
      expect(unmet({ ...made, events: events.toSpliced(1, 1) }, one, segmentsOnly)).toEqual([]);
    }
  });

  it('is nothing without limits', () => {
    expect(unmet(flood, kernel, UNLIMITED)).toEqual([]);
  });
});
