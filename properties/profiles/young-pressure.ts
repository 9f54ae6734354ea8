/** Old requests make room for young ones. */

import * as fc from 'fast-check';
import { accept, complete, flood, pass } from '../arbitraries/events.js';
import { backlog } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const youngPressure = profile({
  id: 'young-pressure',
  sentence:
    'A SYN queue that is about half full of old requests when young ones come, so that the limit of timeouts falls.',
  rules: [
    '__run_timers/exactly-its-jiffy',
    'calc_index/rounded-up',
    'enqueue_timer/newest-first',
    'inet_csk_reqsk_queue_prune/half-full',
    'reqsk_timer_handler/half-full',
    'syn_ack_recalc/expire',
    'syn_ack_recalc/resend',
    'tcp_conn_request/synack',
    'tcp_v4_conn_request/synack',
  ],
  runs: 400,
  needs: { features: ['segments'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      always: { 'net.ipv4.tcp_syncookies': [0, 1] },
      maybe: ['net.ipv4.tcp_synack_retries'],
    }),
    sockopt: fc.constant({}),
    backlog: backlog({ max: 17 }),
    blocks: 7,
    block: fc.oneof(
      { weight: 4, arbitrary: flood({ near: ['half', 'few'], most: 20 }) },
      { weight: 4, arbitrary: pass(kernel, { around: ['synack'], longest: 25_000_000 }) },
      { weight: 1, arbitrary: complete() },
      { weight: 1, arbitrary: accept() },
    ),
  }),
});
