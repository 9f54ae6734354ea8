/** Listeners that stop and start again. */

import * as fc from 'fast-check';
import { accept, ack, closeConnection, complete, connect, flood, odd, pass, syn } from '../arbitraries/events.js';
import { listenAgain, listenElsewhere, stopListening } from '../arbitraries/listener.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const lifecycle = profile({
  id: 'lifecycle',
  sentence:
    'The listener is closed, shut down, and made anew while requests, connections and their segments are on their way.',
  rules: [
    'inet_csk_accept/not-listening',
    'inet_csk_listen_stop/reset-child',
    'inet_listen/adjust-limit',
    'inet_listen/connected',
    'inet_listen/start',
    'inet_shutdown/listener',
    'inet_shutdown/listener-write',
    'inet_shutdown/not-connected',
    'reqsk_queue_alloc/size',
    'reqsk_queue_destroy/requests-vanish',
    'sockfd_lookup_light/bad-descriptor',
    'sockfd_lookup_light/no-socket',
    'sys_listen/backlog-above-somaxconn',
    'sys_listen/not-supported',
    'tcp_disconnect/reset',
    'tcp_v4_rcv/no-socket',
    'tcp_v4_send_reset/for-no-ack',
  ],
  runs: 400,
  needs: { features: ['listen-again'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, { maybe: ['net.ipv4.tcp_syncookies', 'net.core.somaxconn'] }),
    sockopt: fc.constant({}),
    block: fc.oneof(
      { weight: 4, arbitrary: stopListening() },
      { weight: 4, arbitrary: listenAgain({ max: 9 }) },
      { weight: 1, arbitrary: listenElsewhere() },
      { weight: 3, arbitrary: syn({ count: 3 }) },
      { weight: 2, arbitrary: ack({ count: 3 }) },
      { weight: 4, arbitrary: connect({ count: 3 }) },
      { weight: 2, arbitrary: accept() },
      { weight: 1, arbitrary: flood({ near: ['few'], most: 5 }) },
      { weight: 1, arbitrary: complete() },
      { weight: 2, arbitrary: odd({ count: 3 }) },
      { weight: 1, arbitrary: closeConnection() },
      { weight: 2, arbitrary: pass(kernel, { around: ['short', 'synack'], longest: 10_000_000 }) },
    ),
  }),
});
