/** The accept queue overflows. */

import * as fc from 'fast-check';
import { accept, ack, complete, connect, flood, pass } from '../arbitraries/events.js';
import { backlog } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const overflow = profile({
  id: 'overflow',
  sentence:
    'More handshakes are completed than the accept queue takes; some clients send again, and room is made or not.',
  rules: [
    '__tcp_ack_snd_check/now',
    'get_cookie_sock/no-child',
    'tcp_ack/pure',
    'tcp_check_req/handshake-complete',
    'tcp_check_req/overflow-ignored',
    'tcp_conn_request/accept-queue-full',
    'tcp_conn_request/cookie',
    'tcp_conn_request/cookie-accept-queue-full',
    'tcp_get_cookie_sock/handshake-complete',
    'tcp_get_cookie_sock/no-child',
    'tcp_syn_flood_action/warn',
    'tcp_v4_conn_request/accept-queue-full',
    'tcp_v4_syn_recv_sock/accept-queue-full',
    'tcp_v4_syn_recv_sock/child',
  ],
  runs: 400,
  needs: { features: ['segments'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, { maybe: ['net.ipv4.tcp_syncookies', 'net.ipv4.tcp_synack_retries'] }),
    sockopt: fc.constant({}),
    backlog: backlog({ max: 9 }),
    block: fc.oneof(
      { weight: 4, arbitrary: flood({ near: ['accept-queue', 'few'], most: 12 }) },
      { weight: 4, arbitrary: complete() },
      { weight: 2, arbitrary: connect() },
      { weight: 3, arbitrary: ack() },
      { weight: 2, arbitrary: accept() },
      { weight: 2, arbitrary: pass(kernel, { around: ['short', 'synack'], longest: 50_000_000 }) },
    ),
  }),
});
