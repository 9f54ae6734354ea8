/** SYNs that nobody completes. */

import * as fc from 'fast-check';
import { accept, complete, connect, flood, pass, syn } from '../arbitraries/events.js';
import { backlog } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const synFlood = profile({
  id: 'syn-flood',
  sentence: 'Floods of exactly the size of the SYN queue, one fewer and one more, with cookies and without.',
  rules: [
    '__ratelimit/passed',
    '__ratelimit/suppressed',
    'reqsk_timer_handler/half-full',
    'tcp_conn_request/last-quarter',
    'tcp_conn_request/syn-queue-full',
    'tcp_conn_request/synack',
    'tcp_v4_conn_request/last-quarter',
    'tcp_v4_conn_request/syn-queue-full',
    'tcp_v4_conn_request/synack',
  ],
  runs: 400,
  needs: { features: ['segments'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      always: { 'net.ipv4.tcp_syncookies': [0, 0, 1] },
      maybe: ['net.ipv4.tcp_max_syn_backlog', 'net.core.somaxconn', 'net.ipv4.tcp_synack_retries'],
    }),
    sockopt: fc.constant({}),
    backlog: backlog({ max: 33 }),
    blocks: 6,
    block: fc.oneof(
      { weight: 5, arbitrary: flood({ near: ['syn-queue', 'half', 'few'], most: 40 }) },
      { weight: 2, arbitrary: complete() },
      { weight: 1, arbitrary: syn() },
      { weight: 1, arbitrary: connect() },
      { weight: 1, arbitrary: accept() },
      { weight: 2, arbitrary: pass(kernel, { around: ['short', 'synack'], longest: 10_000_000 }) },
    ),
  }),
});
