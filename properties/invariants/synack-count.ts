/** How often a SYN-ACK is sent again, and for how long a request lives. */

import * as fc from 'fast-check';
import type { TraceEvent } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { defaultOf, sysctlsOf } from '../arbitraries/sysctls.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, type Property, property } from '../property.js';
import { frequencies, type TimedScenario } from './invariant-property.js';
import { lifetime, regularTimeouts, timeout } from './support/timeouts.js';
import { isSynAck, rows } from './support/walk.js';
import { synAckSchedule } from './synack-schedule.js';

/** A client that never answers, and how often it may be asked. */
interface Unanswered {
  /** `tcp_synack_retries`; undefined: the default. What is out of range is refused. */
  readonly retries: number | undefined;
  /** `TCP_SYNCNT`; undefined: not set. What is out of range is refused. */
  readonly count: number | undefined;
  /** `tcp_rto_max_ms`, where there is such a setting; undefined: the default. */
  readonly longest: number | undefined;
  /** When the SYN comes, µs after `listen`. */
  readonly after: number;
  readonly hz: number;
}

const RETRIES = 'net.ipv4.tcp_synack_retries';
const LONGEST = 'net.ipv4.tcp_rto_max_ms';

function allowed({ retries, count }: Unanswered, kernel: KernelVariant): number {
  if (count !== undefined && count >= 1 && count <= 127) return count;
  const { default: usual = 0, min = Number.NEGATIVE_INFINITY } = sysctlsOf(kernel)[RETRIES] ?? {};
  return Math.max(0, retries === undefined || retries < min ? usual : retries);
}

/** Half a second before a request can be gone, and when it has to be gone. */
function scenarioOf(value: Unanswered, kernel: KernelVariant): TimedScenario {
  const { retries, count, longest, after, hz } = value;
  const times = allowed(value, kernel);
  const most = longest === undefined ? undefined : longest * 1000;
  let least = 0;
  for (let k = 0; k <= times; k++) least += timeout(kernel.name, k, most);
  const events: TraceEvent[] = [
    { syscall: 'listen', backlog: 16 },
    { wait: after },
    { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] },
    { wait: least - 500_000 },
    { wait: lifetime(kernel.name, times, hz, most) - least + 500_000 },
  ];
  return {
    sysctl: {
      'net.ipv4.tcp_syncookies': 0,
      ...(retries === undefined ? {} : { [RETRIES]: retries }),
      ...(longest === undefined ? {} : { [LONGEST]: longest }),
    },
    sockopt: count === undefined ? {} : { TCP_SYNCNT: count },
    events,
    hz,
  };
}

/** Every number of retransmissions up to the one from which on delays overflow. */
export const synAckCount: Property = property<Unanswered>({
  id: 'synack-count',
  sentence:
    'A SYN-ACK that is not answered is sent again exactly as often as TCP_SYNCNT says, or else tcp_synack_retries, and one timeout later the request is gone, not earlier.',
  kernels: EVERY_KERNEL,
  rules: [
    'syn_ack_recalc/resend',
    'syn_ack_recalc/expire',
    'do_tcp_setsockopt/syncnt',
    'do_tcp_setsockopt/syncnt-out-of-range',
  ],
  runs: 100,
  arbitrary: ({ kernel }) =>
    fc.record({
      retries: fc.option(fc.integer({ min: -1, max: regularTimeouts(kernel.name) }), { nil: undefined }),
      count: fc.option(
        fc.oneof(
          { weight: 4, arbitrary: fc.integer({ min: 1, max: regularTimeouts(kernel.name) }) },
          fc.constantFrom(0, 128),
        ),
        {
          nil: undefined,
        },
      ),
      longest:
        defaultOf(kernel, LONGEST) === undefined
          ? fc.constant(undefined)
          : fc.option(fc.constantFrom(1000, 1001, 3000, 10_000, 119_999, 120_000), { nil: undefined }),
      after: fc.integer({ min: 1, max: 10_000_000 }),
      hz: fc.constantFrom(...frequencies(kernel)),
    }),
  check: (value, bench) => {
    const trace = bench.play(scenarioOf(value, bench.kernel), { seed: value.after });
    const [, , , alive, gone] = trace.steps;
    const times = trace.steps.flatMap(({ out }) => out.filter(isSynAck)).length - 1;
    const right = allowed(value, bench.kernel);
    expectThat(times === right, () => `the SYN-ACK is sent again ${times} times, and not ${right}`);
    expectThat(rows(alive).length === 1, () => 'the request is gone before its last timeout');
    expectThat(rows(gone).length === 0, () => 'the request outlives its last timeout');
    const wrong = synAckSchedule.broken(trace, bench.kernel.name);
    expectThat(wrong === undefined, () => wrong ?? '');
  },
  scenarios: (value, { kernel }) => [scenarioOf(value, kernel)],
});
