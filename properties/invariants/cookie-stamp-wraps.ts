/** When a listener looks for cookies, and how that hangs on for how long the machine has been up. */

import * as fc from 'fast-check';
import type { TraceEvent } from '../../src/generated/types.js';
import { isSince } from '../../src/host/kernel-spec.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { traceStep } from '../../src/run/scenario.js';
import { kernelsSince } from '../kernels.js';
import { expectThat, type Property, property } from '../property.js';
import { describeVerdict } from '../relations/verdict.js';
import { frequencies, type TimedScenario } from './invariant-property.js';

/** A listener that gets SYNs, which it answers with cookies, and ACKs that belong to nothing. */
interface Stamped {
  /** The jiffies at the start, of which 32 bits count. */
  readonly jiffies: number;
  /** How often these have been 0 before that. */
  readonly wraps: number;
  /** What arrives, and after how many jiffies. */
  readonly arrivals: readonly { readonly after: number; readonly cookie: boolean }[];
  readonly hz: number;
}

type StampedScenario = TimedScenario & { readonly uptime: number };

const BITS = 2 ** 32;

function scenarioOf({ jiffies, wraps, arrivals, hz }: Stamped): StampedScenario {
  const jiffy = 1_000_000 / hz;
  const events = arrivals.flatMap(({ after, cookie }, i): TraceEvent[] => [
    { wait: after * jiffy },
    cookie
      ? { segments: [{ peer: i, flags: ['SYN'], seq: 1000 }] }
      : { segments: [{ peer: i, flags: ['ACK'], seq: 1001, ack: { of: 'nothing', plus: 1 } }] },
  ]);
  return {
    sysctl: { 'net.ipv4.tcp_syncookies': 2 },
    sockopt: {},
    events: [{ syscall: 'listen', backlog: 16 }, ...events],
    hz,
    uptime: (300 * hz + jiffies + wraps * BITS) * jiffy,
  };
}

/** For each ACK whether the listener looks for a cookie in it, by the numbers that the kernel compares. */
function looks({ jiffies, arrivals, hz }: Stamped, kernel: KernelVariant): boolean[] {
  const narrow = isSince(kernel.name, '5.10');
  // A stamp of 64 bits that was never written is far in the past.
  let stamp = narrow ? 0 : Number.NEGATIVE_INFINITY;
  let now = jiffies;
  /** Whether `now` is from `from` to `to` jiffies after the stamp. */
  const isAfter = (from: number, to: number): boolean => {
    const since = narrow ? (now - stamp - from) >>> 0 : now - stamp - from;
    return since >= 0 && since <= to - from;
  };
  return arrivals.flatMap(({ after, cookie }) => {
    now += after;
    if (!cookie) return [isAfter(narrow ? -hz : 0, 120 * hz)];
    if (!isAfter(0, hz)) stamp = now;
    return [];
  });
}

/** Jiffies about those at which something changes for a listener that noted no cookie, in seconds before or after 32 bits of them are 0. */
const about = (hz: number): fc.Arbitrary<number> =>
  fc
    .tuple(fc.constantFrom(-1, 0, 1, 119, 120), fc.integer({ min: -2, max: 2 }), fc.constantFrom(0, -hz, -121 * hz))
    .map(([second, more, before]) => second * hz + more + before);

export const cookieStampWraps: Property = property<Stamped>({
  id: 'cookie-stamp-wraps',
  sentence:
    'A listener looks for a cookie in an ACK up to 120 s after the cookie that it noted last, and from 5.10 on, where it noted none, from 1 s before 32 bits of jiffies are 0 to 120 s after that.',
  kernels: kernelsSince('4.15'),
  rules: [
    'cookie_v4_check/no-recent-cookie',
    'cookie_v4_check/not-a-cookie',
    'tcp_synq_no_recent_overflow/jiffies-near-zero',
    'tcp_synq_overflow/jiffies-near-zero',
  ],
  runs: 300,
  arbitrary: ({ kernel }) =>
    fc.constantFrom(...frequencies(kernel)).chain((hz) =>
      fc.record({
        jiffies: about(hz),
        wraps: fc.constantFrom(0, 1, 7),
        arrivals: fc.array(
          fc.record({
            after: fc
              .tuple(fc.constantFrom(0, 1, 2, 119, 120, 121), fc.integer({ min: 0, max: 3 }))
              .map(([seconds, more]) => Math.max(1, seconds * hz + more - 1)),
            cookie: fc.boolean(),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        hz: fc.constant(hz),
      }),
    ),
  check: (value, bench) => {
    const { header, steps } = bench.play(scenarioOf(value), { seed: value.jiffies });
    const acks = steps.filter(({ event }) => 'segments' in event && event.segments[0]?.flags[0] === 'ACK');
    const looked = acks.map(({ observed }) => 'SyncookiesFailed' in observed.counters);
    const right = looks(value, bench.kernel);
    expectThat(
      String(looked) === String(right),
      () => `the listener looks for cookies in the ACKs: ${looked}, and not ${right}`,
    );
    const verdict = judgeTrace(header, steps.map(traceStep), bench.kernel);
    expectThat(verdict.verdict === 'conforms', () => describeVerdict(verdict));
  },
  scenarios: (value) => [scenarioOf(value)],
});
