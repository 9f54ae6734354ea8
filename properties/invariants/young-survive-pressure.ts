/** Whom pressure on the SYN queue costs its place. */

import * as fc from 'fast-check';
import type { ArrivingSegment, TraceEvent } from '../../src/generated/types.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, type Property, property } from '../property.js';
import { frequencies, type TimedScenario } from './invariant-property.js';
import { lifetime } from './support/timeouts.js';
import { isSynAck } from './support/walk.js';

/** Two floods, the second of which comes while the requests of the first are old. */
interface Pressure {
  readonly backlog: number;
  readonly retries: number;
  /** How many SYNs come in each. */
  readonly old: number;
  readonly young: number;
  /** Between the two, µs. */
  readonly pause: number;
  readonly hz: number;
}

function flood(first: number, count: number): TraceEvent {
  const syn = (_: unknown, i: number): ArrivingSegment => ({
    peer: first + i,
    flags: ['SYN'],
    seq: 1000 * (first + i + 1),
  });
  return { segments: Array.from({ length: count }, syn) };
}

function scenarioOf({ backlog, retries, old, young, pause, hz }: Pressure, kernel: string): TimedScenario {
  return {
    sysctl: {
      'net.core.somaxconn': 4096,
      'net.ipv4.tcp_max_syn_backlog': 4096,
      'net.ipv4.tcp_syncookies': 0,
      'net.ipv4.tcp_synack_retries': retries,
    },
    sockopt: {},
    hz,
    events: [
      { syscall: 'listen', backlog },
      flood(0, old),
      { wait: pause },
      flood(old, young),
      { wait: lifetime(kernel, retries, hz) },
    ],
  };
}

/** Old requests may be given up before their time, but not before two timeouts, and the young ones get their two as well. */
export const youngSurvivePressure: Property = property<Pressure>({
  id: 'young-survive-pressure',
  sentence:
    'When the SYN queue is half full, old requests are given up earlier, but every request is sent its SYN-ACK at least twice more, or as often as is allowed if that is less; without pressure none is given up early.',
  kernels: EVERY_KERNEL,
  rules: [
    'inet_csk_reqsk_queue_prune/half-full',
    'reqsk_timer_handler/half-full',
    'syn_ack_recalc/resend',
    'syn_ack_recalc/expire',
  ],
  runs: 100,
  arbitrary: ({ kernel }) =>
    fc.record({
      backlog: fc.constantFrom(7, 8, 15, 16, 31, 32, 64),
      retries: fc.integer({ min: 0, max: 6 }),
      old: fc.integer({ min: 1, max: 64 }),
      young: fc.integer({ min: 1, max: 64 }),
      pause: fc.integer({ min: 1_000, max: 40_000_000 }),
      hz: fc.constantFrom(...frequencies(kernel)),
    }),
  check: (value, bench) => {
    const { steps } = bench.play(scenarioOf(value, bench.kernel.name), { seed: value.pause });
    const times = new Map<number, number>();
    for (const { peer } of steps.flatMap(({ out }) => out.filter(isSynAck)))
      times.set(peer, (times.get(peer) ?? -1) + 1);
    const pressure = steps.some(({ rules }) => rules.some((rule) => rule.endsWith('/half-full')));
    const least = pressure ? Math.min(2, value.retries) : value.retries;
    for (const [peer, again] of times) {
      expectThat(
        again >= least && again <= value.retries,
        () => `the SYN-ACK to peer ${peer} is sent ${again} times again, and not ${least} to ${value.retries} times`,
      );
    }
  },
  scenarios: (value, { kernel }) => [scenarioOf(value, kernel.name)],
});
