/** What tcp_max_syn_backlog keeps for peers that are known. */

import * as fc from 'fast-check';
import { changeSetting, complete, connect, flood, pass } from '../arbitraries/events.js';
import { backlog } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const lastQuarter = profile({
  id: 'last-quarter',
  sentence:
    'Without cookies, SYNs up to and beyond three quarters of tcp_max_syn_backlog, and what the log says of it.',
  rules: [
    '__ratelimit/passed',
    '__ratelimit/suppressed',
    '__ratelimit/tells-what-it-suppressed',
    'reqsk_timer_handler/half-full',
    'syn_ack_recalc/resend',
    'tcp_conn_request/last-quarter',
    'tcp_conn_request/syn-queue-full',
    'tcp_conn_request/synack',
    'tcp_v4_conn_request/last-quarter',
    'tcp_v4_conn_request/syn-queue-full',
  ],
  runs: 400,
  needs: { features: ['segments'], sysctls: ['net.ipv4.tcp_syncookies', 'net.ipv4.tcp_max_syn_backlog'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      always: {
        'net.ipv4.tcp_syncookies': [0],
        'net.ipv4.tcp_max_syn_backlog': [16, 8, 4, 3, 1, 0, 7, 15, 17, 32, -1],
        'net.core.message_cost': [5, 1, 0],
      },
      maybe: ['net.core.message_burst', 'net.core.warnings'],
    }),
    sockopt: fc.constant({}),
    backlog: backlog({ max: 128 }),
    blocks: 6,
    block: fc.oneof(
      { weight: 5, arbitrary: flood({ near: ['three-quarters', 'few', 'half'], most: 40 }) },
      { weight: 2, arbitrary: complete() },
      { weight: 1, arbitrary: connect() },
      { weight: 1, arbitrary: changeSetting(kernel, ['net.ipv4.tcp_max_syn_backlog']) },
      { weight: 2, arbitrary: pass(kernel, { around: ['short', 'log'], longest: 10_000_000 }) },
    ),
  }),
});
