/** Whether the queues count themselves right. */

import type { Scenario } from '../../src/run/scenario.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, type Property, property } from '../property.js';
import { scenariosFor } from './invariant-property.js';
import { follow } from './support/follow.js';

const RULES = [
  'tcp_v4_conn_request/synack',
  'tcp_conn_request/synack',
  'tcp_check_req/handshake-complete',
  'tcp_check_req/reset',
  'inet_csk_accept/oldest-first',
  'inet_csk_accept/child-already-closed',
  'syn_ack_recalc/resend',
  'syn_ack_recalc/expire',
] as const;

/** Looks into the machine after every step. */
export const lengthsEqualContents: Property = property<Scenario>({
  id: 'lengths-equal-contents',
  sentence:
    'The lengths that the queues keep are those of what is in them, the young requests are those without a timeout, and never more than all requests.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  arbitrary: ({ kernel }) => scenariosFor(kernel, RULES),
  check: (scenario, bench) =>
    follow(bench, scenario, ({ after, place }) => {
      if (after === undefined) return;
      const { length, waiting, qlen, young, requests } = after;
      const youngOnes = requests.filter(({ timeouts }) => timeouts === 0).length;
      expectThat(young <= qlen, () => `${place}${young} of ${qlen} requests are young`);
      expectThat(
        length === waiting.length,
        () => `${place}the accept queue counts ${length} and holds ${waiting.length}`,
      );
      expectThat(qlen === requests.length, () => `${place}the SYN queue counts ${qlen} and holds ${requests.length}`);
      expectThat(young === youngOnes, () => `${place}the SYN queue counts ${young} young ones and holds ${youngOnes}`);
    }),
  scenarios: (value) => [value],
});
