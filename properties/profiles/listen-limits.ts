/** What backlog and somaxconn make of the queues. */

import * as fc from 'fast-check';
import { accept, connect, flood } from '../arbitraries/events.js';
import { backlog, listenAgain } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const listenLimits = profile({
  id: 'listen-limits',
  sentence:
    'The limits that a backlog, somaxconn and tcp_max_syn_backlog give, for every backlog there is, and what listening again makes of them.',
  rules: [
    'inet_listen/adjust-limit',
    'inet_listen/limit-cut-to-16-bits',
    'inet_listen/start',
    'reqsk_queue_alloc/size',
    'sys_listen/backlog-above-somaxconn',
  ],
  runs: 400,
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      maybe: ['net.core.somaxconn', 'net.ipv4.tcp_max_syn_backlog', 'net.ipv4.tcp_syncookies'],
    }),
    sockopt: fc.constant({}),
    backlog: backlog(),
    blocks: 5,
    block: fc.oneof(
      { weight: 2, arbitrary: listenAgain() },
      { weight: 1, arbitrary: connect() },
      { weight: 1, arbitrary: flood({ most: 20 }) },
      { weight: 1, arbitrary: accept() },
    ),
  }),
});
