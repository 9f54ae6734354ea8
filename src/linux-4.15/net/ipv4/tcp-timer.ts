/** Timeouts of requests and of Fast Open children (net/ipv4/tcp_timer.c). Nobody sends data here, so nothing else times out. */

import { inet_csk_reset_xmit_timer } from '../../include/net/inet-connection-sock.js';
import type { request_sock } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { backedOff } from '../../include/net/tcp.js';
import { TCP_CLOSE, TCP_LISTEN } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { inet_rtx_syn_ack } from './inet-connection-sock.js';
import { tcp_done } from './tcp.js';

/**
 * Gives a connection up.
 * @kernel 4.15.11 net/ipv4/tcp_timer.c tcp_write_err
 */
function tcp_write_err(host: Machine, sk: sock): void {
  tcp_done(host, sk);
  host.count('TCPAbortOnTimeout');
}

/**
 * A Fast Open child's SYN-ACK timed out. It is sent once more often than a request's.
 * @kernel 4.15.11 net/ipv4/tcp_timer.c tcp_fastopen_synack_timer
 */
function tcp_fastopen_synack_timer(host: Machine, sk: sock): void {
  const max_retries = sk.icsk_syn_retries || sysctl(host, 'net.ipv4.tcp_synack_retries') + 1;
  const req = sk.fastopen_rsk as request_sock;
  tcp_syn_ack_timeout(host);
  if (req.num_timeout >= max_retries) {
    host.rule('tcp_fastopen_synack_timer/give-up');
    tcp_write_err(host, sk);
    return;
  }
  host.rule('tcp_fastopen_synack_timer/resend');
  inet_rtx_syn_ack(host, sk, req);
  req.num_timeout = (req.num_timeout + 1) & 0x7f;
  sk.icsk_retransmits = (sk.icsk_retransmits + 1) & 0xff;
  inet_csk_reset_xmit_timer(host, sk, backedOff(host, req.num_timeout), sk.icsk_rto_max);
}

/**
 * Nothing but a SYN-ACK can be outstanding.
 * @kernel 4.15.11 net/ipv4/tcp_timer.c tcp_retransmit_timer
 */
function tcp_retransmit_timer(host: Machine, sk: sock): void {
  if (sk.fastopen_rsk !== undefined) tcp_fastopen_synack_timer(host, sk);
}

/**
 * The retransmission timer, unless it has been stopped or put off in the meantime.
 * @kernel 4.15.11 net/ipv4/tcp_timer.c tcp_write_timer_handler
 */
function tcp_write_timer_handler(host: Machine, sk: sock): void {
  if (sk.sk_state === TCP_CLOSE || sk.sk_state === TCP_LISTEN || sk.icsk_pending === 0) return;
  if (host.time_after(sk.icsk_timeout, host.now)) {
    if (sk.icsk_retransmit_timer !== undefined) host.timers.mod_timer(host, sk.icsk_retransmit_timer, sk.icsk_timeout);
    return;
  }
  sk.icsk_pending = 0;
  tcp_retransmit_timer(host, sk);
}

/**
 * What the retransmission timer calls.
 * @kernel 4.15.11 net/ipv4/tcp_timer.c tcp_write_timer
 */
export function tcp_write_timer(host: Machine, sk: sock): void {
  tcp_write_timer_handler(host, sk);
}

/**
 * Counts the timeout of a SYN-ACK, whether or not the request lives on.
 * @kernel 4.15.11 net/ipv4/tcp_timer.c tcp_syn_ack_timeout
 */
export function tcp_syn_ack_timeout(host: Machine): void {
  host.count('TCPTimeouts');
}
