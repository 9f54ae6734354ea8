/** Mistakes in listening: the limit, and listening again, in 2.6.32. */

import type { PlantedFault } from '../fault.js';

export const listening: readonly PlantedFault[] = [
  {
    id: 'limit-not-clamped',
    sentence: 'A backlog above somaxconn is taken as it is.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/socket.ts',
    from: '    backlog = somaxconn;\n',
    to: '',
    rules: ['sys_listen/backlog-above-somaxconn'],
  },
  {
    id: 'limit-clamped-signed',
    sentence: 'The backlog is compared with somaxconn as a signed number, so that a negative one stays as it is.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/socket.ts',
    from: 'backlog >>> 0 > somaxconn >>> 0',
    to: 'backlog > somaxconn',
    rules: ['sys_listen/backlog-above-somaxconn'],
  },
  {
    id: 'somaxconn-of-the-boot',
    sentence: 'The somaxconn of the boot is in force, whatever was written to it since.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/socket.ts',
    from: "sysctl(host, 'net.core.somaxconn')",
    to: '128',
    rules: ['sys_listen/backlog-above-somaxconn', 'inet_listen/start', 'inet_listen/adjust-limit'],
  },
  {
    id: 'backlog-zero-is-one',
    sentence: 'A backlog of 0 is treated as 1.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/af-inet.ts',
    from: 'sk.sk_max_ack_backlog = backlog & 0xffff;',
    to: 'sk.sk_max_ack_backlog = Math.max(backlog & 0xffff, 1);',
    rules: ['inet_listen/start', 'inet_listen/adjust-limit', 'inet_listen/limit-cut-to-16-bits'],
  },
  {
    id: 'limit-of-32-bits',
    sentence: 'The limit has 32 bits rather than 16.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/af-inet.ts',
    from: 'sk.sk_max_ack_backlog = backlog & 0xffff;',
    to: 'sk.sk_max_ack_backlog = backlog >>> 0;',
    rules: ['inet_listen/limit-cut-to-16-bits'],
  },
  {
    id: 'listening-again-starts-over',
    sentence: 'Listening again empties both queues.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/af-inet.ts',
    from: 'if (old_state !== TCP_LISTEN) {',
    to: 'if (true) {',
    rules: ['inet_listen/adjust-limit'],
  },
  {
    id: 'listening-again-is-ignored',
    sentence: 'Listening again leaves the limit as it was.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/af-inet.ts',
    from: 'sk.sk_max_ack_backlog = backlog & 0xffff;',
    to: 'if (old_state !== TCP_LISTEN) sk.sk_max_ack_backlog = backlog & 0xffff;',
    rules: ['inet_listen/adjust-limit'],
  },
  {
    id: 'listening-again-resizes-the-syn-queue',
    sentence: 'Listening again gives the SYN queue the size that the new backlog asks for.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/af-inet.ts',
    from: "host.rule('inet_listen/adjust-limit');",
    to: `host.rule('inet_listen/adjust-limit');
    sk.icsk_accept_queue.listen_opt.max_qlen_log = Math.max(Math.ceil(Math.log2((backlog >>> 0) + 1)), 3);`,
    rules: ['tcp_v4_conn_request/synack', 'tcp_v4_conn_request/cookie', 'tcp_v4_conn_request/syn-queue-full'],
  },
];
