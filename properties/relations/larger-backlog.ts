/** Relation: a larger backlog takes nothing away. */

import * as fc from 'fast-check';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { type Burst, burst, burstScenario, connected, isOrderly, lost } from './burst.js';

interface Larger {
  readonly burst: Burst;
  readonly by: number;
}

const withMore = ({ burst: one, by }: Larger): Burst => ({ ...one, backlog: one.backlog + by });

export const largerBacklog = property<Larger>({
  id: 'larger-backlog',
  sentence:
    'In a burst of clients of whom nobody is accepted meanwhile, at least as many have a connection with a larger backlog, and all who have one with the smaller, unless some who would have been turned away came before them and filled the queue (backlogs are below 65536, where 2.6.32 begins anew with 0).',
  kernels: EVERY_KERNEL,
  rules: [
    'tcp_v4_syn_recv_sock/accept-queue-full',
    'tcp_v4_conn_request/syn-queue-full',
    'tcp_conn_request/syn-queue-full',
    'tcp_v4_conn_request/accept-queue-full',
    'tcp_conn_request/accept-queue-full',
    'tcp_v4_conn_request/cookie',
    'tcp_conn_request/cookie',
    'sys_listen/backlog-above-somaxconn',
  ],
  runs: 2000,
  arbitrary: () =>
    fc.record({
      burst: burst({ settings: { 'net.ipv4.tcp_syncookies': [0, 1, 2], 'net.ipv4.tcp_abort_on_overflow': [0, 1] } }),
      by: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 200 })),
    }),
  check(value, bench) {
    const smaller = connected(bench.play(burstScenario(value.burst)).steps);
    const larger = connected(bench.play(burstScenario(withMore(value))).steps);
    const wrong = lost(smaller, larger, !isOrderly(value.burst));
    expectThat(
      wrong === undefined,
      () => `with ${value.burst.backlog + value.by} rather than ${value.burst.backlog}, ${wrong}`,
    );
  },
  scenarios: (value) => [burstScenario(value.burst), burstScenario(withMore(value))],
});
