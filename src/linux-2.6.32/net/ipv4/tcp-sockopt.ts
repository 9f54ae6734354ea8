/** The socket options that matter to a listener, and what TCP_INFO says of one (net/ipv4/tcp.c). */

import { HZ } from '../../../host/clock.js';
import type { Errno, ListenerInfo, SocketOptions } from '../../../host/variant.js';
import type { sock, sock_base } from '../../include/net/sock.js';
import { MAX_TCP_SYNCNT, TCP_RTO_MAX, TCP_TIMEOUT_INIT } from '../../include/net/tcp.js';
import { stateName, TCP_LISTEN } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';

/**
 * The number of timeouts after which at least so many seconds have passed.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp.c secs_to_retrans
 */
export function secs_to_retrans(seconds: number, timeout: number, rto_max: number): number {
  let res = 0;
  if (seconds > 0) {
    let period = timeout;
    res = 1;
    while (seconds > period && res < 255) {
      res++;
      timeout *= 2;
      if (timeout > rto_max) timeout = rto_max;
      period += timeout;
    }
  }
  return res;
}

/**
 * Sets an option of TCP: 0, or why it can't be.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp.c do_tcp_setsockopt
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
    default:
      host.rule('do_tcp_setsockopt/unknown-option');
      return 'ENOPROTOOPT';
  }
}

/**
 * What TCP_INFO says of the process's socket: of a listener its accept queue's length and limit.
 * @kernel 2.6.32-220.el6 net/ipv4/tcp.c tcp_get_info
 */
export function tcp_get_info(sk: sock_base): ListenerInfo {
  const listening = sk.sk_state === TCP_LISTEN;
  return {
    state: stateName(sk.sk_state),
    acceptQueue: listening ? sk.sk_ack_backlog : 0,
    maxAcceptQueue: listening ? sk.sk_max_ack_backlog : 0,
  };
}
