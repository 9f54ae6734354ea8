/** Mistakes in listening: the limit, and listening again, in 4.15. */

import type { PlantedFault } from '../fault.js';

export const listening: readonly PlantedFault[] = [
  {
    id: 'limit-not-clamped',
    sentence: 'A backlog above somaxconn is taken as it is.',
    kernel: '4.15',
    file: 'linux-2.6.32/net/socket.ts',
    from: '    backlog = somaxconn;\n',
    to: '',
    rules: ['sys_listen/backlog-above-somaxconn'],
  },
  {
    id: 'negative-backlog-is-zero',
    sentence: 'A negative backlog is treated as 0.',
    kernel: '4.15',
    file: 'linux-2.6.32/net/socket.ts',
    from: 'if (backlog >>> 0 > somaxconn >>> 0) {',
    to: 'backlog = Math.max(backlog, 0);\n  if (backlog > somaxconn) {',
    rules: ['sys_listen/backlog-above-somaxconn'],
  },
  {
    id: 'backlog-zero-is-the-default',
    sentence: 'A backlog of 0 asks for the largest queue.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/af-inet.ts',
    from: 'sk.sk_max_ack_backlog = backlog >>> 0;',
    to: "sk.sk_max_ack_backlog = backlog >>> 0 || sysctl(host, 'net.core.somaxconn');",
    rules: ['inet_listen/start', 'inet_listen/adjust-limit'],
  },
  {
    id: 'limit-of-8-bits',
    sentence: 'The limit has 8 bits.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/af-inet.ts',
    from: 'sk.sk_max_ack_backlog = backlog >>> 0;',
    to: 'sk.sk_max_ack_backlog = backlog & 0xff;',
    rules: ['inet_listen/start', 'inet_listen/adjust-limit'],
  },
  {
    id: 'listening-again-starts-over',
    sentence: 'Listening again empties the accept queue.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/af-inet.ts',
    from: 'if (old_state !== TCP_LISTEN) {',
    to: 'if (true) {',
    rules: ['inet_listen/adjust-limit'],
  },
  {
    id: 'listening-again-is-ignored',
    sentence: 'Listening again leaves the limit as it was.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/af-inet.ts',
    from: 'sk.sk_max_ack_backlog = backlog >>> 0;',
    to: 'if (old_state !== TCP_LISTEN) sk.sk_max_ack_backlog = backlog >>> 0;',
    rules: ['inet_listen/adjust-limit'],
  },
];
