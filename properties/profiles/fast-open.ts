/** TCP Fast Open. */

import * as fc from 'fast-check';
import {
  accept,
  ack,
  changeSetting,
  closeConnection,
  connect,
  fastOpen,
  faulty,
  odd,
  pass,
  syn,
} from '../arbitraries/events.js';
import { listenAgain, stopListening } from '../arbitraries/listener.js';
import { socketOptions } from '../arbitraries/socket-options.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { kernelsSince } from '../kernels.js';
import { profile } from './profile.js';

export const fastOpenProfile = profile({
  id: 'fast-open',
  sentence:
    'SYNs with data to a listener with and without Fast Open, whose handshakes are finished, reset, given up, or accepted before that.',
  rules: [
    '__mod_timer/keeps-place',
    'calc_index/rounded-up',
    'do_tcp_setsockopt/fastopen',
    'do_tcp_setsockopt/fastopen-invalid',
    'inet_csk_accept/fastopen-unfinished',
    'inet_listen/fastopen-for-all',
    'reqsk_fastopen_remove/accepted',
    'reqsk_fastopen_remove/hold-slot',
    'reqsk_fastopen_remove/listener-gone',
    'reqsk_fastopen_remove/not-accepted-yet',
    'reqsk_timer_handler/listener-gone',
    'tcp_check_req/duplicate-syn-fastopen',
    'tcp_check_req/reset-fastopen',
    'tcp_check_req/syn-in-window-fastopen',
    'tcp_conn_request/fastopen',
    'tcp_fastopen_queue_check/full',
    'tcp_fastopen_queue_check/off',
    'tcp_fastopen_queue_check/reset-slot-free-again',
    'tcp_fastopen_synack_timer/give-up',
    'tcp_fastopen_synack_timer/resend',
    'tcp_rcv_state_process/fastopen-bad-ack',
    'tcp_rcv_state_process/fastopen-established',
    'tcp_try_fastopen/cookie-required',
    'tcp_v4_rcv/listener-gone',
  ],
  runs: 800,
  kernels: kernelsSince('4.15'),
  needs: { features: ['segments', 'data'], sysctls: ['net.ipv4.tcp_fastopen'], sockopts: ['TCP_FASTOPEN'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      always: { 'net.ipv4.tcp_fastopen': [0x202, 0x202, 0x203, 0x602, 2, 1], 'net.ipv4.tcp_syncookies': [0, 1] },
      maybe: ['net.ipv4.tcp_synack_retries', 'net.ipv4.tcp_abort_on_overflow'],
    }),
    sockopt: socketOptions({ always: { TCP_FASTOPEN: [1, 2, 1, 4, 0, -1] }, maybe: ['TCP_SYNCNT'] }),
    backlog: fc.constantFrom(4, 1, 8),
    block: fc.oneof(
      { weight: 6, arbitrary: syn({ early: [10, 10, 10, 0, 1460], count: 3 }) },
      { weight: 6, arbitrary: fastOpen(kernel) },
      { weight: 3, arbitrary: ack({ count: 3 }) },
      { weight: 4, arbitrary: pass(kernel, { around: ['synack', 'short', 'hold', 'rate'] }) },
      { weight: 4, arbitrary: accept() },
      { weight: 4, arbitrary: odd({ count: 3 }) },
      { weight: 1, arbitrary: connect({ early: [10] }) },
      { weight: 1, arbitrary: faulty(kernel) },
      { weight: 1, arbitrary: closeConnection() },
      { weight: 1, arbitrary: stopListening() },
      { weight: 1, arbitrary: listenAgain({ max: 8 }) },
      { weight: 1, arbitrary: changeSetting(kernel, ['net.ipv4.tcp_fastopen']) },
    ),
  }),
});
