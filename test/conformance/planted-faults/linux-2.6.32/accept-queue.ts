/** Mistakes about the accept queue, and the connections in it, in 2.6.32. */

import type { PlantedFault } from '../fault.js';

export const acceptQueue: readonly PlantedFault[] = [
  {
    id: 'full-at-the-limit',
    sentence: 'The accept queue is full when it holds as many connections as the limit says, rather than one more.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/include/net/sock.ts',
    from: 'sk.sk_ack_backlog > sk.sk_max_ack_backlog',
    to: 'sk.sk_ack_backlog >= sk.sk_max_ack_backlog',
    rules: ['tcp_v4_syn_recv_sock/child', 'tcp_check_req/handshake-complete', 'tcp_v4_conn_request/synack'],
  },
  {
    id: 'overflow-reset',
    sentence: 'A handshake that finds the accept queue full is reset although tcp_abort_on_overflow is off.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/tcp-minisocks.ts',
    from: "sysctl(host, 'net.ipv4.tcp_abort_on_overflow') === 0",
    to: 'false',
    rules: ['tcp_check_req/overflow-ignored'],
  },
  {
    id: 'abort-on-overflow-ignored',
    sentence: 'tcp_abort_on_overflow does nothing.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/tcp-minisocks.ts',
    from: "sysctl(host, 'net.ipv4.tcp_abort_on_overflow') === 0",
    to: 'true',
    rules: ['tcp_check_req/overflow-aborted'],
  },
  {
    id: 'overflow-not-counted-as-drop',
    sentence: 'A handshake that finds the accept queue full is counted in ListenOverflows alone.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/tcp-ipv4.ts',
    from: "    host.count('ListenOverflows');\n    host.count('ListenDrops');\n",
    to: "    host.count('ListenOverflows');\n",
    rules: ['tcp_v4_syn_recv_sock/accept-queue-full'],
  },
  {
    id: 'overflow-forgets-the-ack',
    sentence: 'An ACK that found the accept queue full leaves no trace, so that the request counts as unanswered.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/tcp-minisocks.ts',
    from: "host.rule('tcp_check_req/overflow-ignored');\n      req.acked = true;",
    to: "host.rule('tcp_check_req/overflow-ignored');",
    rules: ['syn_ack_recalc/acked-outlives-limit', 'syn_ack_recalc/wait-for-data', 'syn_ack_recalc/resend'],
  },
  {
    id: 'newest-first',
    sentence: 'accept returns the newest connection.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/include/net/request-sock.ts',
    from: `  if (queue.rskq_accept_head === undefined) queue.rskq_accept_head = req;
  else if (queue.rskq_accept_tail !== undefined) queue.rskq_accept_tail.dl_next = req;
  queue.rskq_accept_tail = req;
  req.dl_next = undefined;
`,
    to: '  req.dl_next = queue.rskq_accept_head;\n  queue.rskq_accept_head = req;\n',
    rules: ['inet_csk_accept/oldest-first', 'inet_csk_accept/child-already-closed', 'inet_csk_listen_stop/reset-child'],
  },
  {
    id: 'reset-child-frees-its-place',
    sentence: 'A connection that is reset before it was accepted leaves the accept queue.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/tcp-input.ts',
    from: '  tcp_done(host, sk);\n',
    to: `  tcp_done(host, sk);
  const parent = host.listener;
  if (parent === undefined || sk.sk_socket !== undefined) return;
  const queue = parent.icsk_accept_queue;
  let before;
  for (let req = queue.rskq_accept_head; req !== undefined; before = req, req = req.dl_next) {
    if (req.sk !== sk) continue;
    if (before === undefined) queue.rskq_accept_head = req.dl_next;
    else before.dl_next = req.dl_next;
    if (queue.rskq_accept_tail === req) queue.rskq_accept_tail = before;
    parent.sk_ack_backlog--;
  }
`,
    rules: ['tcp_validate_incoming/reset-in-window', 'tcp_validate_incoming/syn-in-window'],
  },
  {
    id: 'queued-children-survive-close',
    sentence: 'Closing the listener leaves the connections that nobody has accepted alone.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/inet-connection-sock.ts',
    from: '    tcp_disconnect(host, child);\n',
    to: '',
    rules: ['inet_csk_listen_stop/reset-child', 'tcp_disconnect/reset'],
  },
  {
    id: 'accept-after-shutdown-waits',
    sentence: 'accept says EAGAIN rather than EINVAL when the socket does not listen any more.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/inet-connection-sock.ts',
    from: "host.rule('inet_csk_accept/not-listening');\n    return 'EINVAL';",
    to: "host.rule('inet_csk_accept/not-listening');\n    return 'EAGAIN';",
    rules: ['inet_csk_accept/not-listening'],
  },
  {
    id: 'shutdown-leaves-listening',
    sentence: 'shutdown of a listener succeeds without an effect.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/af-inet.ts',
    from: '    host.inetsw.prot.disconnect(host, sk);\n',
    to: '',
    rules: ['inet_shutdown/listener'],
  },
  {
    id: 'fin-ends-the-connection',
    sentence: 'A FIN ends a connection as a reset does.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/tcp-input.ts',
    from: 'tcp_set_state(host, sk, TCP_CLOSE_WAIT);',
    to: 'tcp_set_state(host, sk, TCP_CLOSE);',
    rules: ['tcp_fin/close-wait'],
  },
];
