/** Mistakes about the accept queue, and the connections in it, in 4.15. */

import type { PlantedFault } from '../fault.js';

export const acceptQueue: readonly PlantedFault[] = [
  {
    id: 'full-at-the-limit',
    sentence: 'The accept queue is full when it holds as many connections as the limit says, rather than one more.',
    kernel: '4.15',
    file: 'linux-2.6.32/include/net/sock.ts',
    from: 'sk.sk_ack_backlog > sk.sk_max_ack_backlog',
    to: 'sk.sk_ack_backlog >= sk.sk_max_ack_backlog',
    rules: [
      'tcp_v4_syn_recv_sock/child',
      'tcp_check_req/handshake-complete',
      'tcp_conn_request/synack',
      'tcp_conn_request/cookie',
      'tcp_conn_request/syn-queue-full',
      'tcp_conn_request/fastopen',
    ],
  },
  {
    id: 'overflow-reset',
    sentence: 'A handshake that finds the accept queue full is reset although tcp_abort_on_overflow is off.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-minisocks.ts',
    from: "sysctl(host, 'net.ipv4.tcp_abort_on_overflow') === 0",
    to: 'false',
    rules: ['tcp_check_req/overflow-ignored'],
  },
  {
    id: 'abort-on-overflow-ignored',
    sentence: 'tcp_abort_on_overflow does nothing.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-minisocks.ts',
    from: "sysctl(host, 'net.ipv4.tcp_abort_on_overflow') === 0",
    to: 'true',
    rules: ['tcp_check_req/overflow-aborted'],
  },
  {
    id: 'accept-in-order-of-syns',
    sentence: 'accept returns connections in the order in which their SYNs came.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/inet-connection-sock.ts',
    from: `  else (queue.rskq_accept_tail as request_sock).dl_next = req;
  queue.rskq_accept_tail = req;
`,
    to: `  else {
    const later = (one: request_sock): boolean => (one.snt_synack ?? Infinity) > (req.snt_synack ?? Infinity);
    let at: request_sock | undefined;
    let next: request_sock | undefined = queue.rskq_accept_head;
    while (next !== undefined && !later(next)) [at, next] = [next, next.dl_next];
    req.dl_next = next;
    if (at === undefined) queue.rskq_accept_head = req;
    else at.dl_next = req;
  }
  if (req.dl_next === undefined) queue.rskq_accept_tail = req;
`,
    rules: ['inet_csk_accept/oldest-first', 'inet_csk_accept/child-already-closed', 'inet_csk_listen_stop/reset-child'],
  },
  {
    id: 'blind-reset-accepted',
    sentence: 'A reset anywhere in the window ends a connection.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-input-child.ts',
    from: 'if (skb.seq === sk.rcv_nxt) {',
    to: 'if (inWindow) {',
    rules: ['tcp_validate_incoming/reset-elsewhere-in-window'],
  },
  {
    id: 'reset-child-not-handed-out',
    sentence: 'accept skips connections that were reset while they waited.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/inet-connection-sock.ts',
    from: '  const req = reqsk_queue_remove(queue, sk) as request_sock;\n',
    to: `  let req = reqsk_queue_remove(queue, sk) as request_sock;
  while (req.sk.sk_state === TCP_CLOSE && !reqsk_queue_empty(queue)) req = reqsk_queue_remove(queue, sk);
`,
    rules: ['inet_csk_accept/child-already-closed'],
  },
  {
    id: 'close-resets-accepted-connections',
    sentence: 'Closing the listener also resets the connections that the process has accepted.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp.ts',
    from: '    tcp_set_state(host, sk, TCP_CLOSE);\n    inet_csk_listen_stop(host, sk);\n',
    to: `    tcp_set_state(host, sk, TCP_CLOSE);
    inet_csk_listen_stop(host, sk);
    for (const child of host.accepted.values()) tcp_disconnect(host, child);
`,
    rules: ['inet_csk_listen_stop/reset-child', 'inet_csk_listen_stop/child-already-closed'],
  },
  {
    id: 'queued-children-survive-close',
    sentence: 'Closing the listener leaves the connections that nobody has accepted alone.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/inet-connection-sock.ts',
    from: '  host.release.tcp_disconnect(host, child);\n',
    to: '',
    rules: ['inet_csk_listen_stop/reset-child', 'tcp_disconnect/reset'],
  },
  {
    id: 'shutdown-for-writing-ends-listening',
    sentence: 'shutdown for writing ends the listening, too.',
    kernel: '4.15',
    file: 'linux-2.6.32/net/ipv4/af-inet.ts',
    from: 'if ((how & RCV_SHUTDOWN) === 0) {',
    to: 'if (false) {',
    rules: ['inet_shutdown/listener-write'],
  },
];
