/** Segments that make no sense. */

import * as fc from 'fast-check';
import { accept, broadcast, connect, odd, pass, syn } from '../arbitraries/events.js';
import { stopListening } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const oddSegments = profile({
  id: 'odd-segments',
  sentence:
    'Wrong numbers, strange flags, timestamps and broadcasts, sent to nobody, to a listener, to requests and to connections.',
  rules: [
    'cookie_v4_check/cookies-off',
    'inet_csk_accept/not-listening',
    'inet_csk_listen_stop/reset-child',
    'inet_shutdown/listener',
    'reqsk_queue_destroy/requests-vanish',
    'tcp_ack/not-yet-sent',
    'tcp_ack/not-yet-sent-challenged',
    'tcp_check_req/bad-ack',
    'tcp_check_req/no-ack',
    'tcp_check_req/out-of-window',
    'tcp_check_req/out-of-window-rate-limited',
    'tcp_check_req/reset',
    'tcp_check_req/reset-out-of-window',
    'tcp_check_req/syn-in-window',
    'tcp_data_queue/out-of-order',
    'tcp_data_queue/partly-duplicate',
    'tcp_data_queue_ofo/out-of-order',
    'tcp_disconnect/reset',
    'tcp_rcv_established/no-flags',
    'tcp_rcv_state_process/listen-other',
    'tcp_rcv_state_process/listen-reset',
    'tcp_rcv_state_process/listen-syn-fin',
    'tcp_rcv_state_process/no-ack',
    'tcp_rcv_state_process/no-flags',
    'tcp_reqsk_send_challenge_ack/machine-limit',
    'tcp_send_challenge_ack/machine-limit',
    'tcp_send_challenge_ack/send',
    'tcp_send_challenge_ack/socket-limit',
    'tcp_v4_conn_request/broadcast',
    'tcp_v4_do_rcv/reset-from-connection',
    'tcp_v4_rcv/no-socket',
    'tcp_v4_send_reset/for-no-ack',
    'tcp_v4_send_reset/never-for-a-reset',
    'tcp_v4_send_reset/never-for-broadcast',
    'tcp_validate_incoming/syn',
    'tcp_validate_incoming/syn-in-window',
  ],
  runs: 400,
  needs: { features: ['segments', 'segments-after-handshake'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      maybe: ['net.ipv4.tcp_invalid_ratelimit', 'net.ipv4.tcp_challenge_ack_limit', 'net.ipv4.tcp_timestamps'],
    }),
    sockopt: fc.constant({}),
    block: fc.oneof(
      { weight: 3, arbitrary: syn({ count: 3 }) },
      { weight: 4, arbitrary: connect({ count: 3 }) },
      { weight: 12, arbitrary: odd({ count: 3 }) },
      { weight: 1, arbitrary: accept() },
      { weight: 1, arbitrary: broadcast() },
      { weight: 1, arbitrary: stopListening() },
      { weight: 3, arbitrary: pass(kernel, { around: ['short', 'rate', 'ack'], longest: 2_000_000 }) },
    ),
  }),
});
