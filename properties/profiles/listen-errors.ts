/** Calls that fail, and options that are refused. */

import * as fc from 'fast-check';
import { accept, closeConnection, connect, faultyListen } from '../arbitraries/events.js';
import { backlog, listenAgain, listenElsewhere, stopListening } from '../arbitraries/listener.js';
import { socketOptions } from '../arbitraries/socket-options.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const listenErrors = profile({
  id: 'listen-errors',
  sentence: 'System calls on the wrong socket, at the wrong time, or with an option that the kernel refuses.',
  rules: [
    'do_tcp_setsockopt/defer-accept',
    'do_tcp_setsockopt/fastopen',
    'do_tcp_setsockopt/fastopen-invalid',
    'do_tcp_setsockopt/syncnt',
    'do_tcp_setsockopt/syncnt-out-of-range',
    'do_tcp_setsockopt/unknown-option',
    'inet_csk_accept/not-listening',
    'inet_csk_listen_start/port-taken',
    'inet_listen/adjust-limit',
    'inet_listen/connected',
    'inet_listen/fastopen-for-all',
    'inet_listen/start',
    'inet_shutdown/listener',
    'inet_shutdown/listener-write',
    'inet_shutdown/not-connected',
    'reqsk_queue_alloc/no-memory',
    'reqsk_queue_alloc/size',
    'sockfd_lookup_light/bad-descriptor',
    'sockfd_lookup_light/no-socket',
    'sys_listen/backlog-above-somaxconn',
    'sys_listen/not-supported',
    'sys_listen/security',
    'tcp_check_req/defer-accept',
  ],
  runs: 400,
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, { maybe: ['net.ipv4.tcp_fastopen'] }),
    sockopt: socketOptions(),
    backlog: backlog(),
    blocks: 6,
    block: fc.oneof(
      listenElsewhere(),
      stopListening(),
      listenAgain({ max: 16 }),
      accept(),
      connect(),
      closeConnection(),
      faultyListen(),
    ),
  }),
});
