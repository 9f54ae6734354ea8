/** What each counter counts. */

import type { CounterName } from '../../src/host/counters.js';
import type { Scenario } from '../../src/run/scenario.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, type Property, property } from '../property.js';
import { scenariosFor } from './invariant-property.js';
import { counterRules } from './support/counter-rules.js';
import { hasFaults } from './support/walk.js';

const RULES = [
  'tcp_v4_syn_recv_sock/accept-queue-full',
  'tcp_v4_syn_recv_sock/child',
  'tcp_check_req/reset',
  'cookie_v4_check/valid',
  'cookie_v4_check/not-a-cookie',
  'tcp_v4_conn_request/cookie',
  'tcp_conn_request/cookie',
  'tcp_conn_request/syn-queue-full',
  'tcp_conn_request/accept-queue-full',
  'syn_ack_recalc/resend',
] as const;

/** Counts the rules of each step and compares. */
export const countersCountDecisions: Property = property<Scenario>({
  id: 'counters-count-decisions',
  sentence:
    'Each counter moves in a step exactly as often as the rules fire that move it, and a counter that no rule moves stays.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  runs: 200,
  arbitrary: ({ kernel }) => scenariosFor(kernel, RULES),
  check: (scenario, bench) => {
    const table = Object.entries(counterRules(bench.kernel.name));
    for (const [index, step] of bench.play(scenario).steps.entries()) {
      if (hasFaults(step)) continue;
      for (const [name, rules] of table) {
        const counted = step.observed.counters[name as CounterName] ?? 0;
        let decided = 0;
        for (const fired of step.rules) for (const rule of rules) if (rule === fired) decided++;
        expectThat(
          counted === decided,
          () => `step ${index + 1}: ${name} moved by ${counted}, and ${decided} rules fired that move it`,
        );
      }
    }
  },
  scenarios: (value) => [value],
});
