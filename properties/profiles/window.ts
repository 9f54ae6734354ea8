/** Windows that are full. */

import * as fc from 'fast-check';
import { accept, pass } from '../arbitraries/events.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { aroundWindow, closeWindow } from '../arbitraries/window.js';
import { profile } from './profile.js';

export const window = profile({
  id: 'window',
  sentence:
    'More data than the window takes, data and FINs for where it ends, and what closing such a connection does.',
  rules: [
    'tcp_data_queue/beyond-window',
    'tcp_data_queue/fin-at-closed-window',
    'tcp_data_queue/in-order',
    'tcp_data_queue/zero-window',
    'tcp_rcv_established/predicted-data',
    'tcp_select_window/closed',
    'tcp_select_window/wants-to-close',
    'tcp_sequence/end-beyond-window',
    'tcp_sequence/end-beyond-window-nothing-queued',
    'tcp_validate_incoming/beyond-window',
    'tcp_validate_incoming/outside-window',
  ],
  runs: 100,
  needs: { features: ['segments', 'segments-after-handshake', 'data'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, { maybe: ['net.ipv4.tcp_invalid_ratelimit', 'net.ipv4.tcp_adv_win_scale'] }),
    sockopt: fc.constant({}),
    block: fc.oneof(
      { weight: 3, arbitrary: aroundWindow({ count: 2 }) },
      { weight: 2, arbitrary: closeWindow({ count: 2 }) },
      { weight: 1, arbitrary: accept() },
      { weight: 1, arbitrary: pass(kernel, { around: ['ack', 'rate'], longest: 2_000_000 }) },
    ),
    blocks: 4,
  }),
});
