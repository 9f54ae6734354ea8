/** The accept queue overflows, and clients are told. */

import * as fc from 'fast-check';
import { accept, changeSetting, complete, connect, flood, pass } from '../arbitraries/events.js';
import { backlog } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const abortOnOverflow = profile({
  id: 'abort-on-overflow',
  sentence:
    'More handshakes are completed than the accept queue takes while tcp_abort_on_overflow is on, or is switched.',
  rules: [
    'inet_csk_accept/oldest-first',
    'inet_csk_accept/queue-empty',
    'proc_dou8vec_minmax/any-byte',
    'tcp_ack/pure',
    'tcp_check_req/overflow-aborted',
    'tcp_check_req/overflow-ignored',
    'tcp_conn_request/accept-queue-full',
    'tcp_conn_request/cookie',
    'tcp_conn_request/cookie-accept-queue-full',
    'tcp_conn_request/syn-queue-full',
    'tcp_get_cookie_sock/handshake-complete',
    'tcp_get_cookie_sock/no-child',
    'tcp_syn_flood_action/warn',
    'tcp_v4_conn_request/accept-queue-full',
    'tcp_v4_syn_recv_sock/accept-queue-full',
    'tcp_v4_syn_recv_sock/child',
  ],
  runs: 400,
  needs: { features: ['segments'], sysctls: ['net.ipv4.tcp_abort_on_overflow'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      always: { 'net.ipv4.tcp_abort_on_overflow': [1, 1, 0] },
      maybe: ['net.ipv4.tcp_syncookies'],
    }),
    sockopt: fc.constant({}),
    backlog: backlog({ max: 4 }),
    block: fc.oneof(
      { weight: 4, arbitrary: flood({ near: ['accept-queue', 'few'], most: 12 }) },
      { weight: 4, arbitrary: complete() },
      { weight: 3, arbitrary: connect() },
      { weight: 2, arbitrary: accept() },
      { weight: 1, arbitrary: pass(kernel, { around: ['short', 'synack'], longest: 10_000_000 }) },
      { weight: 1, arbitrary: changeSetting(kernel, ['net.ipv4.tcp_abort_on_overflow']) },
    ),
  }),
});
