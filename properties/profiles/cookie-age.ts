/** How long a cookie is good for. */

import * as fc from 'fast-check';
import { accept, cookie, flood, pass } from '../arbitraries/events.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const cookieAge = profile({
  id: 'cookie-age',
  sentence:
    'Cookies that come back just before, at and after the end of their life, and of the time in which the listener takes any.',
  rules: [
    'cookie_v4_check/no-recent-cookie',
    'cookie_v4_check/not-a-cookie',
    'cookie_v4_check/valid',
    'get_cookie_sock/handshake-complete',
    'syn_ack_recalc/expire',
    'syn_flood_warning/logged',
    'syn_flood_warning/not-again',
    'tcp_conn_request/cookie',
    'tcp_v4_conn_request/cookie',
    'tcp_v4_conn_request/synack',
  ],
  runs: 400,
  needs: { features: ['segments', 'cookies'], sysctls: ['net.ipv4.tcp_syncookies'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      always: { 'net.ipv4.tcp_syncookies': [1, 2], 'net.ipv4.tcp_synack_retries': [1, 0] },
      maybe: [],
    }),
    sockopt: fc.constant({}),
    backlog: fc.constantFrom(1, 4),
    blocks: 4,
    block: fc.oneof(
      { weight: 4, arbitrary: cookie(kernel, { around: ['cookie'] }) },
      { weight: 1, arbitrary: pass(kernel, { around: ['cookie'] }) },
      { weight: 1, arbitrary: flood({ near: ['syn-queue', 'few'], most: 20 }) },
      { weight: 1, arbitrary: accept() },
    ),
  }),
});
