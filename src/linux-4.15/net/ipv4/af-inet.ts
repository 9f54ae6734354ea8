/** The system calls on a socket of the Internet family. */

import type { Errno } from '../../../host/variant.js';
import { SOCK_STREAM, SS_UNCONNECTED, type socket } from '../../include/linux/net.js';
import type { sock } from '../../include/net/sock.js';
import { TFO_SERVER_ENABLE, TFO_SERVER_WO_SOCKOPT1 } from '../../include/net/tcp.js';
import { TCP_CLOSE, TCP_LISTEN } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';
import { inet_csk_listen_start } from './inet-connection-sock.js';
import { fastopen_queue_tune } from './tcp-sockopt.js';

export { inet_accept, inet_release, inet_shutdown } from '../../../linux-2.6.32/net/ipv4/af-inet.js';

/**
 * Starts listening, with Fast Open if the sysctl turns it on for all, or moves the limit of a socket that listens already.
 * @kernel 4.15.11 net/ipv4/af_inet.c inet_listen
 */
export function inet_listen(host: Machine, sock: socket, backlog: number): 0 | Errno {
  const sk = sock.sk as sock | undefined;
  if (sk === undefined || sock.state !== SS_UNCONNECTED || sock.type !== SOCK_STREAM) {
    host.rule('inet_listen/connected');
    return 'EINVAL';
  }
  const old_state = sk.sk_state;
  if (old_state !== TCP_CLOSE && old_state !== TCP_LISTEN) return 'EINVAL';
  if (old_state !== TCP_LISTEN) {
    const tcp_fastopen = sysctl(host, 'net.ipv4.tcp_fastopen');
    const forced = (tcp_fastopen & TFO_SERVER_WO_SOCKOPT1) !== 0 && (tcp_fastopen & TFO_SERVER_ENABLE) !== 0;
    if (forced && sk.icsk_accept_queue.fastopenq.max_qlen === 0) {
      host.rule('inet_listen/fastopen-for-all');
      fastopen_queue_tune(host, sk, backlog);
    }
    const err = inet_csk_listen_start(host, sk, backlog);
    if (err !== 0) return err;
    host.rule('inet_listen/start');
  } else {
    host.rule('inet_listen/adjust-limit');
  }
  sk.sk_max_ack_backlog = backlog >>> 0;
  return 0;
}
