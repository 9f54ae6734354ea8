/** How many Fast Open handshakes may be unfinished. */

import type { Scenario } from '../../src/run/scenario.js';
import { kernelsSince } from '../kernels.js';
import { expectThat, type Property, property } from '../property.js';
import { scenariosFor } from './invariant-property.js';
import { follow } from './support/follow.js';

const RULES = [
  'tcp_conn_request/fastopen',
  'tcp_fastopen_queue_check/full',
  'tcp_rcv_state_process/fastopen-established',
] as const;

/** Looks into the listener after every step. */
export const fastOpenQueueBounded: Property = property<Scenario>({
  id: 'fastopen-queue-bounded',
  sentence:
    'The Fast Open queue never counts more unfinished handshakes than TCP_FASTOPEN, or the backlog in its place, allows.',
  kernels: kernelsSince('4.15'),
  rules: RULES,
  arbitrary: ({ kernel }) => scenariosFor(kernel, RULES),
  check: (scenario, bench) =>
    follow(bench, scenario, ({ after, place }) => {
      const queue = after?.fastOpen;
      if (queue === undefined) return;
      expectThat(
        queue.length <= Math.max(0, queue.limit),
        () => `${place}${queue.length} Fast Open handshakes are unfinished, of at most ${queue.limit}`,
      );
    }),
  scenarios: (value) => [value],
});
