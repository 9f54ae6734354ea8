/** Resets from both sides. */

import * as fc from 'fast-check';
import { accept, closeConnection, connect, ending, odd, pass, syn } from '../arbitraries/events.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const resets = profile({
  id: 'resets',
  sentence:
    'Peers reset requests and connections with right, near and wrong numbers; the server closes connections before and after that.',
  rules: [
    '__tcp_ack_snd_check/now',
    'cookie_v4_check/cookies-off',
    'inet_csk_accept/child-already-closed',
    'inet_csk_accept/oldest-first',
    'inet_csk_accept/queue-empty',
    'sockfd_lookup_light/bad-descriptor',
    'tcp_check_req/duplicate-syn',
    'tcp_check_req/handshake-complete',
    'tcp_check_req/out-of-window',
    'tcp_check_req/reset',
    'tcp_check_req/reset-out-of-window',
    'tcp_close/linger-zero',
    'tcp_close/linger-zero-after-reset',
    'tcp_close/reset-already',
    'tcp_close/unread-data',
    'tcp_close/unread-data-after-reset',
    'tcp_data_queue/duplicate',
    'tcp_data_queue/in-order',
    'tcp_data_queue/out-of-order',
    'tcp_disconnect/reset',
    'tcp_fin/close-wait',
    'tcp_rcv_state_process/listen-reset',
    'tcp_reqsk_send_challenge_ack/request-limit',
    'tcp_reqsk_send_challenge_ack/send',
    'tcp_send_challenge_ack/send',
    'tcp_send_challenge_ack/socket-limit',
    'tcp_send_delayed_ack/later',
    'tcp_send_delayed_ack/nearly-due',
    'tcp_v4_send_reset/never-for-a-reset',
    'tcp_v4_syn_recv_sock/child',
    'tcp_validate_incoming/outside-window-rate-limited',
    'tcp_validate_incoming/reset-at-rcv-nxt',
    'tcp_validate_incoming/reset-elsewhere-in-window',
    'tcp_validate_incoming/reset-in-window',
    'tcp_validate_incoming/reset-outside-window',
    'tcp_validate_incoming/reset-with-number-of-fin',
    'tcp_validate_incoming/syn',
  ],
  runs: 400,
  needs: { features: ['segments'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, { maybe: ['net.ipv4.tcp_invalid_ratelimit'] }),
    sockopt: fc.constant({}),
    block: fc.oneof(
      { weight: 4, arbitrary: ending() },
      { weight: 3, arbitrary: syn({ count: 3 }) },
      { weight: 5, arbitrary: connect({ count: 3 }) },
      { weight: 6, arbitrary: odd({ kinds: ['reset', 'fin', 'data'], count: 3 }) },
      { weight: 3, arbitrary: odd({ kinds: ['reset'], count: 3 }) },
      { weight: 3, arbitrary: accept() },
      { weight: 3, arbitrary: closeConnection({ count: 3 }) },
      { weight: 1, arbitrary: pass(kernel, { around: ['short', 'rate'], longest: 2_000_000 }) },
    ),
  }),
});
