/** SYN cookies. */

import * as fc from 'fast-check';
import { accept, ack, complete, connect, cookie, flood, pass } from '../arbitraries/events.js';
import { backlog } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const cookies = profile({
  id: 'cookies',
  sentence:
    'The SYN queue overflows into cookies; their ACKs come back right, wrong, twice, or while the accept queue is full.',
  rules: [
    'cookie_v4_check/not-a-cookie',
    'cookie_v4_check/valid',
    'get_cookie_sock/handshake-complete',
    'get_cookie_sock/no-child',
    'inet_csk_reqsk_queue_prune/half-full',
    'syn_flood_warning/logged',
    'syn_flood_warning/not-again',
    'tcp_ack/not-yet-sent',
    'tcp_check_req/bad-ack',
    'tcp_get_cookie_sock/handshake-complete',
    'tcp_syn_flood_action/warn',
    'tcp_v4_conn_request/cookie',
    'tcp_v4_conn_request/syn-queue-full',
    'tcp_v4_conn_request/synack',
  ],
  runs: 400,
  needs: { features: ['segments', 'cookies'], sysctls: ['net.ipv4.tcp_syncookies'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      always: { 'net.ipv4.tcp_syncookies': [1, 2, 1, 0] },
      maybe: ['net.ipv4.tcp_abort_on_overflow'],
    }),
    sockopt: fc.constant({}),
    backlog: backlog({ max: 7 }),
    blocks: 6,
    block: fc.oneof(
      { weight: 5, arbitrary: cookie(kernel, { around: ['short'], longest: 1_000_000 }) },
      { weight: 1, arbitrary: flood({ near: ['syn-queue', 'accept-queue'], most: 20 }) },
      { weight: 2, arbitrary: complete() },
      { weight: 2, arbitrary: ack() },
      { weight: 1, arbitrary: connect() },
      { weight: 2, arbitrary: accept() },
      { weight: 1, arbitrary: pass(kernel, { around: ['short', 'log'], longest: 61_000_000 }) },
    ),
  }),
});
