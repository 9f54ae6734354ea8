/** Mistakes about Fast Open, in 4.15. */

import type { PlantedFault } from '../fault.js';

export const fastOpen: readonly PlantedFault[] = [
  {
    id: 'fastopen-limit-one-more',
    sentence: 'One more unfinished Fast Open handshake is let in than the limit says.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-fastopen.ts',
    from: 'if (fastopenq.qlen >= fastopenq.max_qlen) {',
    to: 'if (fastopenq.qlen > fastopenq.max_qlen) {',
    rules: ['tcp_fastopen_queue_check/full', 'tcp_fastopen_queue_check/reset-slot-free-again'],
  },
  {
    id: 'fastopen-without-limit',
    sentence: 'Any number of Fast Open handshakes may be unfinished.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-fastopen.ts',
    from: 'if (fastopenq.qlen >= fastopenq.max_qlen) {',
    to: 'if (false) {',
    rules: ['tcp_fastopen_queue_check/full', 'tcp_fastopen_queue_check/reset-slot-free-again'],
  },
  {
    id: 'fastopen-without-cookie',
    sentence: 'Data in a SYN is always taken, although a Fast Open cookie is required.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-fastopen.ts',
    from: 'if (!tcp_fastopen_no_cookie(host, TFO_SERVER_COOKIE_NOT_REQD)) {',
    to: 'if (false) {',
    rules: ['tcp_try_fastopen/cookie-required'],
  },
  {
    id: 'fastopen-child-counted-twice',
    sentence: 'A Fast Open child is counted into the accept queue again when its handshake completes.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-input-child.ts',
    from: '    reqsk_fastopen_remove(host, sk, req, false);\n',
    to: '    req.rsk_listener.sk_ack_backlog++;\n    reqsk_fastopen_remove(host, sk, req, false);\n',
    rules: ['tcp_rcv_state_process/fastopen-established'],
  },
  {
    id: 'reset-fastopen-child-frees-its-slot',
    sentence: 'A Fast Open child that was accepted and reset does not hold its slot for a minute.',
    kernel: '4.15',
    file: 'linux-4.15/net/core/request-sock.ts',
    from: 'if (!reset || lsk.sk_state !== TCP_LISTEN) {',
    to: 'if (true) {',
    rules: ['tcp_fastopen_queue_check/full', 'reqsk_fastopen_remove/hold-slot'],
  },
  {
    id: 'fastopen-retries-of-a-request',
    sentence: 'The SYN-ACK of a Fast Open child is sent as often as that of a request, rather than once more.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-timer.ts',
    from: "sysctl(host, 'net.ipv4.tcp_synack_retries') + 1",
    to: "sysctl(host, 'net.ipv4.tcp_synack_retries')",
    rules: ['tcp_fastopen_synack_timer/resend'],
  },
];
