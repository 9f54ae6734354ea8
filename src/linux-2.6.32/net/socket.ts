/** The system calls. A file descriptor is what it leads to. */

import type { Errno } from '../../host/variant.js';
import { SOCK_DGRAM, SOCK_STREAM, SS_UNCONNECTED, type socket } from '../include/linux/net.js';
import type { MachineBase } from '../machine-base.js';
import { sysctl } from '../sysctl.js';
import { inet_accept, inet_release, inet_shutdown } from './ipv4/af-inet.js';

/** What a file descriptor leads to: a socket, another kind of file, or nothing. */
type Descriptor = socket | 'no socket' | undefined;

/**
 * The socket behind a file descriptor, or why there is none.
 * @kernel 2.6.32-220.el6 net/socket.c sockfd_lookup_light
 */
function sockfd_lookup_light(host: MachineBase, fd: Descriptor): socket | 'EBADF' | 'ENOTSOCK' {
  if (fd === undefined) {
    host.rule('sockfd_lookup_light/bad-descriptor');
    return 'EBADF';
  }
  if (fd === 'no socket') {
    host.rule('sockfd_lookup_light/no-socket');
    return 'ENOTSOCK';
  }
  return fd;
}

/**
 * A new socket of TCP.
 * @kernel 2.6.32-220.el6 net/socket.c sys_socket
 */
export function sys_socket(host: MachineBase): socket {
  const sk = host.inetsw.prot.init(host);
  const sock: socket = { state: SS_UNCONNECTED, type: SOCK_STREAM, sk };
  sk.sk_socket = sock;
  return sock;
}

/**
 * listen(2). A backlog above somaxconn is cut down to it; both count as unsigned, so that a negative backlog is huge, and a
 * negative somaxconn is no limit.
 * @kernel 2.6.32-220.el6 net/socket.c sys_listen
 */
export function sys_listen(host: MachineBase, fd: Descriptor, backlog: number): 0 | Errno {
  const sock = sockfd_lookup_light(host, fd);
  if (typeof sock === 'string') return sock;
  const somaxconn = sysctl(host, 'net.core.somaxconn');
  if (backlog >>> 0 > somaxconn >>> 0) {
    host.rule('sys_listen/backlog-above-somaxconn');
    backlog = somaxconn;
  }
  if (host.faults.has('security_socket_listen')) {
    host.rule('sys_listen/security');
    return 'EACCES';
  }
  if (sock.type === SOCK_DGRAM) {
    host.rule('sys_listen/not-supported');
    return 'EOPNOTSUPP';
  }
  return host.inetsw.ops.listen(host, sock, backlog);
}

/**
 * accept(2): the socket of a connection, or why there is none.
 * @kernel 2.6.32-220.el6 net/socket.c sys_accept4
 */
export function sys_accept4(host: MachineBase, fd: Descriptor): socket | Errno {
  const sock = sockfd_lookup_light(host, fd);
  if (typeof sock === 'string') return sock;
  const newsock: socket = { state: SS_UNCONNECTED, type: sock.type, sk: undefined };
  const err = inet_accept(host, sock, newsock);
  return err === 0 ? newsock : err;
}

/**
 * shutdown(2).
 * @kernel 2.6.32-220.el6 net/socket.c sys_shutdown
 */
export function sys_shutdown(host: MachineBase, fd: Descriptor, how: number): 0 | Errno {
  const sock = sockfd_lookup_light(host, fd);
  return typeof sock === 'string' ? sock : inet_shutdown(host, sock, how);
}

/** close(2) of a socket. */
export function closeSocket(host: MachineBase, fd: socket | undefined): 0 | Errno {
  if (fd === undefined) {
    host.rule('sockfd_lookup_light/bad-descriptor');
    return 'EBADF';
  }
  inet_release(host, fd);
  return 0;
}
