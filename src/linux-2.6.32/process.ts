/** The one process: it makes, uses and closes sockets. It is no kernel's, so all kernels share it. */

import type { CallResult, Errno, SocketOptions, SystemCall } from '../host/variant.js';
import { SOCK_DGRAM, SOCK_STREAM, SS_CONNECTED, SS_UNCONNECTED, type socket } from './include/linux/net.js';
import type { MachineBase } from './machine-base.js';
import { closeSocket, sys_accept4, sys_listen, sys_shutdown, sys_socket } from './net/socket.js';

/** A system call at `host.now`. */
export function call(host: MachineBase, call: SystemCall): CallResult {
  switch (call.syscall) {
    case 'listen':
      return call.on === undefined ? listen(host, call.backlog) : listenOnOther(host, call.backlog, call.on);
    case 'accept':
      return accept(host);
    case 'shutdown':
      return { result: sys_shutdown(host, host.listener?.sk_socket, HOW[call.how]) };
    case 'close':
      return { result: 'peer' in call ? closeConnection(host, call.peer) : closeListener(host) };
  }
}

const HOW = { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 } as const;

/** Listens on the process's socket, which is made, bound and given its options when there is none. */
function listen(host: MachineBase, backlog: number): CallResult {
  const listener = host.listener?.sk_socket;
  if (listener !== undefined) return { result: sys_listen(host, listener, backlog) };
  const sock = sys_socket(host);
  const setupErrors = setOptions(host, sock);
  host.listener = sock.sk;
  const result = sys_listen(host, sock, backlog);
  return Object.keys(setupErrors).length === 0 ? { result } : { result, setupErrors };
}

function setOptions(host: MachineBase, sock: socket): Record<string, Errno> {
  const errors: Record<string, Errno> = {};
  for (const [name, value] of Object.entries(host.options) as [keyof SocketOptions, number][]) {
    if (sock.sk === undefined) continue;
    const error = host.inetsw.prot.setsockopt(host, sock.sk, name, value);
    if (error !== 0) errors[name] = error;
  }
  return errors;
}

/** `listen` on something that is no listener, for its errno. */
function listenOnOther(host: MachineBase, backlog: number, on: string): CallResult {
  switch (on) {
    case 'bad-descriptor':
      return { result: sys_listen(host, undefined, backlog) };
    case 'pipe':
      return { result: sys_listen(host, 'no socket', backlog) };
    case 'udp-socket':
      return { result: sys_listen(host, { state: SS_UNCONNECTED, type: SOCK_DGRAM, sk: undefined }, backlog) };
    case 'connected-socket':
      return { result: sys_listen(host, { state: SS_CONNECTED, type: SOCK_STREAM, sk: undefined }, backlog) };
    default:
      return { result: sys_listen(host, sys_socket(host), backlog), setupErrors: { bind: 'EADDRINUSE' } };
  }
}

function accept(host: MachineBase): CallResult {
  const newsock = sys_accept4(host, host.listener?.sk_socket);
  if (typeof newsock === 'string') return { result: newsock };
  const { sk } = newsock;
  if (sk === undefined) return { result: 0 };
  host.accepted.set(sk.peer, sk);
  return { result: 0, accepted: sk.peer };
}

function closeListener(host: MachineBase): 0 | Errno {
  const sock = host.listener?.sk_socket;
  const result = closeSocket(host, sock);
  host.listener = undefined;
  return result;
}

/** Closes an accepted connection with SO_LINGER of 0 seconds. */
function closeConnection(host: MachineBase, peer: number): 0 | Errno {
  const sk = host.accepted.get(peer);
  if (sk !== undefined) sk.sk_lingertime_zero = true;
  host.accepted.delete(peer);
  return closeSocket(host, sk?.sk_socket);
}
