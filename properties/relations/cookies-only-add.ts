/** Relation: SYN cookies let clients in, and keep none out. */

import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { type Burst, burst, burstScenario, connected, lost } from './burst.js';

const withCookies = (one: Burst, value: number): Burst => ({
  ...one,
  sysctl: { ...one.sysctl, 'net.ipv4.tcp_syncookies': value },
});

export const cookiesOnlyAdd = property<Burst>({
  id: 'cookies-only-add',
  sentence:
    'In a burst of clients of whom nobody is accepted meanwhile, at least as many have a connection with tcp_syncookies at 1 as at 0, and all who have one at 0, unless some who would have been turned away came before them and filled the queue.',
  kernels: EVERY_KERNEL,
  rules: [
    'tcp_v4_conn_request/syn-queue-full',
    'tcp_conn_request/syn-queue-full',
    'tcp_v4_conn_request/cookie',
    'tcp_conn_request/cookie',
    'tcp_v4_conn_request/last-quarter',
    'tcp_conn_request/last-quarter',
    'cookie_v4_check/valid',
    'tcp_v4_syn_recv_sock/accept-queue-full',
  ],
  runs: 2000,
  arbitrary: () => burst({ settings: { 'net.ipv4.tcp_abort_on_overflow': [0, 1] } }),
  check(value, bench) {
    const off = connected(bench.play(burstScenario(withCookies(value, 0))).steps);
    const on = connected(bench.play(burstScenario(withCookies(value, 1))).steps);
    const wrong = lost(off, on, true);
    expectThat(wrong === undefined, () => `with cookies, ${wrong}`);
  },
  scenarios: (value) => [burstScenario(withCookies(value, 0)), burstScenario(withCookies(value, 1))],
});
