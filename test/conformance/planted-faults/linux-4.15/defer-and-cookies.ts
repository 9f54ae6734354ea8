/** Mistakes about TCP_DEFER_ACCEPT and SYN cookies, in 4.15. */

import type { PlantedFault } from '../fault.js';

export const deferAndCookies: readonly PlantedFault[] = [
  {
    id: 'defer-accept-ignored',
    sentence: 'With TCP_DEFER_ACCEPT, an ACK without data completes the handshake at once.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-minisocks.ts',
    from: 'req.num_timeout < sk.icsk_accept_queue.rskq_defer_accept && skb.end_seq === u32(req.rcv_isn + 1)',
    to: 'false',
    rules: ['tcp_check_req/defer-accept'],
  },
  {
    id: 'deferred-request-not-silent',
    sentence: 'With TCP_DEFER_ACCEPT, the SYN-ACK is sent again at every timeout, although it was acknowledged.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/inet-connection-sock.ts',
    from: 'resend = !req.acked || req.num_timeout >= rskq_defer_accept - 1;',
    to: 'resend = true;',
    rules: ['syn_ack_recalc/wait-for-data'],
  },
  {
    id: 'overflow-forgets-the-ack',
    sentence: 'An ACK that found the accept queue full leaves no trace, so that the request counts as unanswered.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-minisocks.ts',
    from: "host.rule('tcp_check_req/overflow-ignored');\n      req.acked = true;",
    to: "host.rule('tcp_check_req/overflow-ignored');",
    rules: ['syn_ack_recalc/acked-outlives-limit', 'syn_ack_recalc/wait-for-data', 'syn_ack_recalc/resend'],
  },
  {
    id: 'cookie-believed-forever',
    sentence: 'A cookie is believed however old it is.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/syncookies.ts',
    from: 'u32(skb.seq - 1), MAX_SYNCOOKIE_AGE)',
    to: 'u32(skb.seq - 1), 1000)',
    rules: ['cookie_v4_check/not-a-cookie'],
  },
  {
    id: 'cookies-without-overflow',
    sentence: 'Whether cookies were sent of late is not asked before one is believed.',
    kernel: '4.15',
    file: 'linux-4.15/include/net/tcp.ts',
    from: 'return last_overflow === undefined || host.time_after(host.now, last_overflow + TCP_SYNCOOKIE_VALID);',
    to: 'return false;',
    rules: ['cookie_v4_check/no-recent-cookie'],
  },
  {
    id: 'cookie-overflow-reset',
    sentence: 'The ACK of a cookie that finds the accept queue full is reset.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/syncookies.ts',
    from: "host.rule('tcp_get_cookie_sock/no-child');\n    return undefined;",
    to: "host.rule('tcp_get_cookie_sock/no-child');\n    return sk;",
    rules: ['tcp_get_cookie_sock/no-child'],
  },
];
