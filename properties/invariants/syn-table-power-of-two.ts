/** How big the SYN table of 2.6.32 is. */

import type { Scenario } from '../../src/run/scenario.js';
import { expectThat, type Property, property } from '../property.js';
import { scenariosFor } from './invariant-property.js';
import { follow } from './support/follow.js';

const RULES = ['reqsk_queue_alloc/size', 'inet_listen/adjust-limit'] as const;

/** Looks at the table itself after every step. */
export const synTablePowerOfTwo: Property = property<Scenario>({
  id: 'syn-table-power-of-two',
  sentence:
    'The SYN table has a power of two of buckets, at least 16, takes as many requests, and keeps its size while the listener listens.',
  kernels: ['2.6.32'],
  rules: RULES,
  arbitrary: ({ kernel }) => scenariosFor(kernel, RULES),
  check: (scenario, bench) =>
    follow(bench, scenario, ({ before, after, place, played: { event } }) => {
      const table = after?.table;
      if (after === undefined || table === undefined) return;
      const { size, log } = table;
      expectThat(size >= 16 && Number.isInteger(Math.log2(size)), () => `${place}the SYN table has ${size} buckets`);
      expectThat(2 ** log === size, () => `${place}${size} buckets take 2^${log} requests`);
      expectThat(after.qlen <= size, () => `${place}${after.qlen} requests are in a table for ${size}`);
      const was = 'syscall' in event && event.syscall !== 'listen' ? undefined : before?.table?.size;
      expectThat(was === undefined || was === size, () => `${place}the SYN table went from ${was} buckets to ${size}`);
    }),
  scenarios: (value) => [value],
});
