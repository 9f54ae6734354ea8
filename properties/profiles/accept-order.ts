/** Who is accepted when. */

import * as fc from 'fast-check';
import { accept, ack, closeConnection, complete, connect, flood, syn } from '../arbitraries/events.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const acceptOrder = profile({
  id: 'accept-order',
  sentence: 'Handshakes that are completed in another order than they began, and accepted in between.',
  rules: [
    'inet_csk_accept/oldest-first',
    'inet_csk_accept/queue-empty',
    'tcp_ack/pure',
    'tcp_check_req/handshake-complete',
    'tcp_check_req/out-of-window-rate-limited',
    'tcp_close/linger-zero',
    'tcp_validate_incoming/syn',
  ],
  runs: 400,
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, { maybe: ['net.ipv4.tcp_abort_on_overflow'] }),
    sockopt: fc.constant({}),
    block: fc.oneof(
      { weight: 2, arbitrary: syn() },
      { weight: 2, arbitrary: ack() },
      { weight: 3, arbitrary: connect() },
      { weight: 3, arbitrary: accept() },
      { weight: 1, arbitrary: flood({ near: ['few', 'accept-queue'], most: 12 }) },
      { weight: 2, arbitrary: complete() },
      { weight: 1, arbitrary: closeConnection() },
    ),
  }),
});
