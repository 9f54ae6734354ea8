/** The system calls on a socket of the Internet family. */

import type { Errno } from '../../../host/variant.js';
import { SOCK_STREAM, SS_CONNECTED, SS_UNCONNECTED, type socket } from '../../include/linux/net.js';
import { RCV_SHUTDOWN, SHUTDOWN_MASK, type sock, type sock_base } from '../../include/net/sock.js';
import { TCP_CLOSE, TCP_LISTEN } from '../../include/net/tcp-states.js';
import type { Machine } from '../../machine.js';
import type { MachineBase } from '../../machine-base.js';
import { inet_csk_listen_start } from './inet-connection-sock.js';

/**
 * Starts listening, or moves the accept queue's limit of a socket that listens already. The limit has 16 bits.
 * @kernel 2.6.32-220.el6 net/ipv4/af_inet.c inet_listen
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
    const err = inet_csk_listen_start(host, sk, backlog);
    if (err !== 0) return err;
    host.rule('inet_listen/start');
  } else {
    host.rule('inet_listen/adjust-limit');
  }
  sk.sk_max_ack_backlog = backlog & 0xffff;
  if (backlog < 0 || backlog > 0xffff) host.rule('inet_listen/limit-cut-to-16-bits');
  return 0;
}

/**
 * Closes the process's socket.
 * @kernel 2.6.32-220.el6 net/ipv4/af_inet.c inet_release
 */
export function inet_release(host: MachineBase, sock: socket): void {
  const { sk } = sock;
  if (sk === undefined) return;
  sock.sk = undefined;
  host.inetsw.prot.close(host, sk);
}

/**
 * Hands the process a connection.
 * @kernel 2.6.32-220.el6 net/ipv4/af_inet.c inet_accept
 */
export function inet_accept(host: MachineBase, sock: socket, newsock: socket): 0 | Errno {
  const sk2: sock_base | Errno = sock.sk === undefined ? 'EINVAL' : host.inetsw.prot.accept(host, sock.sk);
  if (typeof sk2 === 'string') return sk2;
  newsock.sk = sk2;
  sk2.sk_socket = newsock;
  newsock.state = SS_CONNECTED;
  return 0;
}

/**
 * Shuts a socket down. For a listener, SHUT_RD and SHUT_RDWR end the listening, and SHUT_WR does nothing.
 * @kernel 2.6.32-220.el6 net/ipv4/af_inet.c inet_shutdown
 */
export function inet_shutdown(host: MachineBase, sock: socket, how: number): 0 | Errno {
  const { sk } = sock;
  how++;
  if (sk === undefined || (how & ~SHUTDOWN_MASK) !== 0 || how === 0) return 'EINVAL';
  if (sk.sk_state === TCP_LISTEN) {
    if ((how & RCV_SHUTDOWN) === 0) {
      host.rule('inet_shutdown/listener-write');
      return 0;
    }
    host.rule('inet_shutdown/listener');
    host.inetsw.prot.disconnect(host, sk);
    sock.state = SS_UNCONNECTED;
    return 0;
  }
  sk.sk_shutdown |= how;
  if (sk.sk_state !== TCP_CLOSE) return 0;
  host.rule('inet_shutdown/not-connected');
  return 'ENOTCONN';
}
