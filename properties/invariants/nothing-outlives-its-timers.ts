/** What is left of a listener's requests after a long time. */

import { secs_to_retrans } from '../../src/linux-2.6.32/net/ipv4/tcp-sockopt.js';
import type { Scenario } from '../../src/run/scenario.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, type Property, property } from '../property.js';
import { scenariosFor, type TimedScenario } from './invariant-property.js';
import { lifetime } from './support/timeouts.js';
import { rows } from './support/walk.js';

const RULES = ['syn_ack_recalc/resend', 'syn_ack_recalc/expire', 'syn_ack_recalc/wait-for-data'] as const;

/** Beyond this many timeouts a request lives for hours, and from 128 on (since 4.15) its count wraps before it reaches the limit. */
const MOST = 100;

const RETRIES = 'net.ipv4.tcp_synack_retries';

/** The most timeouts that anything in a scenario can have before it is given up. */
function mostTimeouts({ sysctl, sockopt, events }: Scenario, kernel: string): number {
  const written = events.flatMap((event) => ('sysctl' in event ? [event.sysctl[RETRIES] ?? 0] : []));
  const { TCP_SYNCNT = 0, TCP_DEFER_ACCEPT = 0 } = sockopt;
  const deferred = secs_to_retrans(TCP_DEFER_ACCEPT, kernel === '2.6.32' ? 3 : 1, 120);
  // Fast Open waits for one more.
  return Math.max(5, sysctl[RETRIES] ?? 0, ...written, TCP_SYNCNT, deferred) + 1;
}

function prolonged(scenario: TimedScenario, kernel: string): TimedScenario {
  const wait = lifetime(kernel, Math.min(MOST, mostTimeouts(scenario, kernel)), scenario.hz);
  return { ...scenario, events: [...scenario.events, { wait }, { wait: 600_000_000 }] };
}

/** Lets any scenario be followed by a long silence. */
export const nothingOutlivesItsTimers: Property = property<TimedScenario>({
  id: 'nothing-outlives-its-timers',
  sentence:
    'After a silence as long as all timeouts that are allowed, no request and no unfinished Fast Open connection is left, and nothing is sent any more.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  arbitrary: ({ kernel }) => scenariosFor(kernel, RULES),
  check: (scenario, bench) => {
    const kernel = bench.kernel.name;
    if (mostTimeouts(scenario, kernel) > MOST) return;
    const { steps } = bench.play(prolonged(scenario, kernel));
    const left = rows(steps.at(-2)).find(({ state }) => state === 'SYN_RECV');
    expectThat(
      left === undefined,
      () => `peer ${left?.peer}'s request is still there, after ${left?.retransmits} timeouts`,
    );
    const late = steps.at(-1)?.out[0];
    expectThat(late === undefined, () => `${late?.flags.join('|')} is sent to peer ${late?.peer} at ${late?.at} µs`);
  },
  scenarios: (value, { kernel }) => [prolonged(value, kernel.name)],
});
