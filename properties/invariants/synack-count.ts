/** How often a SYN-ACK is sent again, and for how long a request lives. */

import * as fc from 'fast-check';
import type { TraceEvent } from '../../src/generated/types.js';
import type { Scenario } from '../../src/run/scenario.js';
import { expectThat, type Property, property } from '../property.js';
import { lifetime, REGULAR_TIMEOUTS, timeout } from './support/timeouts.js';
import { isSynAck, rows } from './support/walk.js';
import { synAckSchedule } from './synack-schedule.js';

/** A client that never answers, and how often it may be asked. */
interface Unanswered {
  /** `tcp_synack_retries`; undefined: the default, 5. */
  readonly retries: number | undefined;
  /** `TCP_SYNCNT`; undefined: not set. What is out of range is refused. */
  readonly count: number | undefined;
  /** When the SYN comes, µs after `listen`. */
  readonly after: number;
}

function allowed({ retries = 5, count }: Unanswered): number {
  return Math.max(0, count !== undefined && count >= 1 && count <= 127 ? count : retries);
}

/** Half a second before a request can be gone, and when it has to be gone. */
function scenarioOf(value: Unanswered, kernel: string): Scenario {
  const { retries, count, after } = value;
  let least = 0;
  for (let k = 0; k <= allowed(value); k++) least += timeout(kernel, k);
  const events: TraceEvent[] = [
    { syscall: 'listen', backlog: 16 },
    { wait: after },
    { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] },
    { wait: least - 500_000 },
    { wait: lifetime(kernel, allowed(value), 1000) - least + 500_000 },
  ];
  return {
    sysctl: {
      'net.ipv4.tcp_syncookies': 0,
      ...(retries === undefined ? {} : { 'net.ipv4.tcp_synack_retries': retries }),
    },
    sockopt: count === undefined ? {} : { TCP_SYNCNT: count },
    events,
  };
}

/** Every number of retransmissions up to the one from which on delays overflow. */
export const synAckCount: Property = property<Unanswered>({
  id: 'synack-count',
  sentence:
    'A SYN-ACK that is not answered is sent again exactly as often as TCP_SYNCNT says, or else tcp_synack_retries, and one timeout later the request is gone, not earlier.',
  kernels: ['2.6.32', '4.15'],
  rules: [
    'syn_ack_recalc/resend',
    'syn_ack_recalc/expire',
    'do_tcp_setsockopt/syncnt',
    'do_tcp_setsockopt/syncnt-out-of-range',
  ],
  runs: 100,
  arbitrary: () =>
    fc.record({
      retries: fc.option(fc.integer({ min: -1, max: REGULAR_TIMEOUTS }), { nil: undefined }),
      count: fc.option(
        fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: REGULAR_TIMEOUTS }) }, fc.constantFrom(0, 128)),
        {
          nil: undefined,
        },
      ),
      after: fc.integer({ min: 1, max: 10_000_000 }),
    }),
  check: (value, bench) => {
    const trace = bench.play(scenarioOf(value, bench.kernel.name), { seed: value.after });
    const [, , , alive, gone] = trace.steps;
    const times = trace.steps.flatMap(({ out }) => out.filter(isSynAck)).length - 1;
    expectThat(times === allowed(value), () => `the SYN-ACK is sent again ${times} times, and not ${allowed(value)}`);
    expectThat(rows(alive).length === 1, () => 'the request is gone before its last timeout');
    expectThat(rows(gone).length === 0, () => 'the request outlives its last timeout');
    const wrong = synAckSchedule.broken(trace, bench.kernel.name);
    expectThat(wrong === undefined, () => wrong ?? '');
  },
  scenarios: (value, { kernel }) => [scenarioOf(value, kernel.name)],
});
