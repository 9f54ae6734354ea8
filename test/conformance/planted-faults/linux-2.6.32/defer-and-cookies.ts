/** Mistakes about TCP_DEFER_ACCEPT and SYN cookies, in 2.6.32. */

import type { PlantedFault } from '../fault.js';

export const deferAndCookies: readonly PlantedFault[] = [
  {
    id: 'defer-accept-ignored',
    sentence: 'With TCP_DEFER_ACCEPT, an ACK without data completes the handshake at once.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/tcp-minisocks.ts',
    from: 'req.retrans < sk.icsk_accept_queue.rskq_defer_accept && skb.end_seq === start',
    to: 'false',
    rules: ['tcp_check_req/defer-accept'],
  },
  {
    id: 'defer-accept-without-end',
    sentence: 'With TCP_DEFER_ACCEPT, an ACK without data never completes the handshake, however late it comes.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/tcp-minisocks.ts',
    from: 'req.retrans < sk.icsk_accept_queue.rskq_defer_accept && skb.end_seq === start',
    to: 'sk.icsk_accept_queue.rskq_defer_accept !== 0 && skb.end_seq === start',
    rules: ['tcp_check_req/handshake-complete', 'tcp_v4_syn_recv_sock/child', 'tcp_v4_syn_recv_sock/accept-queue-full'],
  },
  {
    id: 'deferred-request-not-kept',
    sentence: 'With TCP_DEFER_ACCEPT, a request that was acknowledged is dropped as early as any other.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/inet-connection-sock.ts',
    from: 'req.retrans >= thresh && (!req.acked || req.retrans >= max_retries)',
    to: 'req.retrans >= thresh',
    rules: ['syn_ack_recalc/acked-outlives-limit'],
  },
  {
    id: 'cookie-believed-too-long',
    sentence: 'A cookie is believed for minutes, however long ago the SYN queue last overflowed.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/include/net/tcp.ts',
    from: 'return last_overflow === undefined || host.time_after(host.now, last_overflow + TCP_TIMEOUT_INIT);',
    to: 'return last_overflow === undefined;',
    rules: ['cookie_v4_check/no-recent-cookie'],
  },
  {
    id: 'cookie-believed-while-cookies-are-off',
    sentence: 'A cookie is believed even after tcp_syncookies was turned off.',
    kernel: '2.6.32',
    file: 'linux-2.6.32/net/ipv4/syncookies.ts',
    from: "sysctl(host, 'net.ipv4.tcp_syncookies') === 0 || !skb.ack",
    to: '!skb.ack',
    rules: ['cookie_v4_check/cookies-off'],
  },
];
