/** The socket options that matter to a listener, and what TCP_INFO says of one (net/ipv4/tcp.c). */

import { HZ } from '../../../host/clock.js';
import type { Errno, SocketOptions } from '../../../host/variant.js';
import { secs_to_retrans } from '../../../linux-2.6.32/net/ipv4/tcp-sockopt.js';
import type { sock } from '../../include/net/sock.js';
import { MAX_TCP_SYNCNT, TCP_RTO_MAX, TCP_TIMEOUT_INIT } from '../../include/net/tcp.js';
import { TCP_CLOSE, TCP_LISTEN } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';

export { secs_to_retrans, tcp_get_info } from '../../../linux-2.6.32/net/ipv4/tcp-sockopt.js';

/**
 * Sets an option of TCP: 0, or why it can't be. TCP_FASTOPEN is what 2.6.32 has not.
 * @kernel 4.15.11 net/ipv4/tcp.c do_tcp_setsockopt
 */
export function do_tcp_setsockopt(host: Machine, sk: sock, optname: keyof SocketOptions, val: number): 0 | Errno {
  switch (optname) {
    case 'TCP_SYNCNT':
      if (val < 1 || val > MAX_TCP_SYNCNT) {
        host.rule('do_tcp_setsockopt/syncnt-out-of-range');
        return 'EINVAL';
      }
      sk.icsk_syn_retries = val;
      host.rule('do_tcp_setsockopt/syncnt');
      return 0;
    case 'TCP_DEFER_ACCEPT':
      sk.icsk_accept_queue.rskq_defer_accept = secs_to_retrans(val, TCP_TIMEOUT_INIT / HZ, TCP_RTO_MAX / HZ);
      host.rule('do_tcp_setsockopt/defer-accept');
      return 0;
    case 'TCP_FASTOPEN':
      if (val < 0 || (sk.sk_state !== TCP_CLOSE && sk.sk_state !== TCP_LISTEN)) {
        host.rule('do_tcp_setsockopt/fastopen-invalid');
        return 'EINVAL';
      }
      host.rule('do_tcp_setsockopt/fastopen');
      fastopen_queue_tune(host, sk, val);
      return 0;
  }
}

/**
 * Sets how many Fast Open handshakes may be unfinished; at most somaxconn, in an unsigned comparison.
 * @kernel 4.15.11 include/linux/tcp.h fastopen_queue_tune
 */
export function fastopen_queue_tune(host: Machine, sk: sock, backlog: number): void {
  sk.icsk_accept_queue.fastopenq.max_qlen = Math.min(backlog >>> 0, sysctl(host, 'net.core.somaxconn') >>> 0) | 0;
}
