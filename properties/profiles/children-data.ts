/** Data to connections that nobody has accepted yet. */

import * as fc from 'fast-check';
import { accept, closeConnection, connect, fillWindow, odd, pass } from '../arbitraries/events.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const childrenData = profile({
  id: 'children-data',
  sentence:
    'Data in order, twice, with gaps and beyond the window, and FINs, with waits around the time of a delayed ACK.',
  rules: [
    '__tcp_ack_snd_check/gap-closed',
    '__tcp_ack_snd_check/now',
    'tcp_ack/not-yet-sent',
    'tcp_ack/old',
    'tcp_ack/too-old',
    'tcp_data_queue/duplicate',
    'tcp_data_queue/in-order',
    'tcp_data_queue/out-of-order',
    'tcp_data_queue/partly-duplicate',
    'tcp_data_queue_ofo/out-of-order',
    'tcp_rcv_established/predicted-data',
    'tcp_rcv_state_process/bad-ack',
    'tcp_rcv_state_process/data-after-fin',
    'tcp_rcv_state_process/listen-ack',
    'tcp_send_challenge_ack/send',
    'tcp_send_delayed_ack/later',
    'tcp_send_dupack/old-data',
    'tcp_v4_do_rcv/reset-from-listener',
    'tcp_v4_send_reset/for-an-ack',
    'tcp_validate_incoming/outside-window',
    'tcp_validate_incoming/outside-window-rate-limited',
  ],
  runs: 400,
  needs: { features: ['segments', 'segments-after-handshake', 'data'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      maybe: ['net.ipv4.tcp_invalid_ratelimit', 'net.ipv4.tcp_timestamps', 'net.ipv4.tcp_adv_win_scale'],
    }),
    sockopt: fc.constant({}),
    block: fc.oneof(
      { weight: 3, arbitrary: connect({ count: 2 }) },
      { weight: 8, arbitrary: odd({ kinds: ['data', 'data', 'fin', 'number'], count: 2 }) },
      { weight: 1, arbitrary: fillWindow({ count: 2 }) },
      { weight: 1, arbitrary: accept() },
      { weight: 1, arbitrary: closeConnection({ count: 2 }) },
      { weight: 5, arbitrary: pass(kernel, { around: ['ack', 'ack', 'rate', 'short'], longest: 2_000_000 }) },
    ),
  }),
});
