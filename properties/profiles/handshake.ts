/** Handshakes as they should be, and nearly so. */

import * as fc from 'fast-check';
import { accept, ack, connect, odd, pass, syn } from '../arbitraries/events.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const handshake = profile({
  id: 'handshake',
  sentence: 'Handshakes of a few peers, with duplicates, delays, and wrong numbers before they are complete.',
  rules: [
    'cookie_v4_check/no-recent-cookie',
    'tcp_check_req/bad-ack',
    'tcp_check_req/duplicate-syn',
    'tcp_check_req/duplicate-syn-rate-limited',
    'tcp_check_req/handshake-complete',
    'tcp_check_req/out-of-window',
    'tcp_check_req/out-of-window-rate-limited',
    'tcp_check_req/reset',
    'tcp_check_req/reset-out-of-window',
    'tcp_check_req/syn-in-window',
    'tcp_rcv_state_process/listen-other',
    'tcp_rcv_state_process/listen-reset',
    'tcp_rcv_state_process/listen-syn-fin',
    'tcp_v4_do_rcv/reset-from-connection',
    'tcp_v4_send_reset/never-for-a-reset',
    'tcp_v4_syn_recv_sock/child',
    'tcp_validate_incoming/syn-in-window',
  ],
  runs: 400,
  needs: { features: ['segments'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      always: { 'net.ipv4.tcp_syncookies': [0, 1] },
      maybe: ['net.ipv4.tcp_invalid_ratelimit'],
    }),
    sockopt: fc.constant({}),
    block: fc.oneof(
      { weight: 4, arbitrary: syn() },
      { weight: 3, arbitrary: ack() },
      { weight: 2, arbitrary: connect() },
      { weight: 2, arbitrary: pass(kernel, { around: ['short', 'rate', 'synack'], longest: 10_000_000 }) },
      { weight: 3, arbitrary: odd({ kinds: ['number', 'reset', 'syn', 'flags'] }) },
      { weight: 1, arbitrary: accept() },
    ),
  }),
});
