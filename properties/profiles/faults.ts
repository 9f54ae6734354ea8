/** A kernel that fails. */

import * as fc from 'fast-check';
import { accept, ack, connect, faulty, faultyCookie, faultyListen, flood, pass, syn } from '../arbitraries/events.js';
import { listenAgain, stopListening } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const faults = profile({
  id: 'faults',
  sentence: 'Memory, routes, permissions and ports that are not to be had for SYNs, ACKs, ACKs of cookies, and listen.',
  rules: [
    'cookie_v4_check/cookies-off',
    'cookie_v4_check/no-memory',
    'cookie_v4_check/no-recent-cookie',
    'cookie_v4_check/no-route',
    'cookie_v4_check/not-a-cookie',
    'cookie_v4_check/security',
    'cookie_v4_check/valid',
    'do_tcp_setsockopt/fastopen',
    'do_tcp_setsockopt/unknown-option',
    'get_cookie_sock/handshake-complete',
    'get_cookie_sock/no-child',
    'inet_csk_listen_stop/reset-child',
    'inet_listen/start',
    'inet_shutdown/listener-write',
    'reqsk_queue_alloc/size',
    'reqsk_queue_destroy/requests-vanish',
    'syn_flood_warning/logged',
    'syn_flood_warning/not-again',
    'sys_listen/security',
    'tcp_check_req/duplicate-syn-not-answered',
    'tcp_conn_request/no-memory',
    'tcp_conn_request/no-route',
    'tcp_conn_request/security',
    'tcp_try_fastopen/no-child',
    'tcp_v4_conn_request/accept-queue-full',
    'tcp_v4_conn_request/cookie',
    'tcp_v4_conn_request/no-memory',
    'tcp_v4_conn_request/security',
    'tcp_v4_conn_request/syn-queue-full',
    'tcp_v4_conn_request/synack-not-sent',
    'tcp_v4_rcv/no-socket',
    'tcp_v4_send_reset/for-no-ack',
    'tcp_v4_syn_recv_sock/no-memory',
    'tcp_v4_syn_recv_sock/no-route',
    'tcp_v4_syn_recv_sock/port-not-inherited',
  ],
  runs: 400,
  needs: { features: ['segments', 'faults'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      always: { 'net.ipv4.tcp_syncookies': [1, 2, 0], 'net.ipv4.tcp_fastopen': [0x202, 1] },
      maybe: ['net.ipv4.tcp_abort_on_overflow'],
    }),
    sockopt: fc.constantFrom({}, { TCP_FASTOPEN: 4 }),
    backlog: fc.constantFrom(1, 4, 0),
    block: fc.oneof(
      { weight: 10, arbitrary: faulty(kernel) },
      { weight: 2, arbitrary: faultyCookie() },
      { weight: 1, arbitrary: faultyListen() },
      { weight: 3, arbitrary: syn({ early: [0, 0, 10], count: 3 }) },
      { weight: 2, arbitrary: ack({ count: 3 }) },
      { weight: 1, arbitrary: connect({ count: 3 }) },
      { weight: 1, arbitrary: flood({ near: ['syn-queue'], most: 20 }) },
      { weight: 1, arbitrary: stopListening() },
      { weight: 1, arbitrary: listenAgain({ max: 8 }) },
      { weight: 1, arbitrary: accept() },
      { weight: 2, arbitrary: pass(kernel, { around: ['short', 'rate', 'synack'], longest: 5_000_000 }) },
    ),
  }),
});
