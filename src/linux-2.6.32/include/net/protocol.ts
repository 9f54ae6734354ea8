/**
 * The tables of functions through which the code that serves every protocol reaches TCP. They are reduced to those functions that
 * are reached this way here and are not the same in all kernels. Each kernel has its own in `net/ipv4/inetsw.ts`.
 */

import type { SHARED } from '../../../host/clone.js';
import type { Errno, SocketOptions } from '../../../host/variant.js';
import type { MachineBase } from '../../machine-base.js';
import type { socket } from '../linux/net.js';
import type { sock_base } from './sock.js';

/** `struct proto`: what a socket's protocol does. In C a socket refers to it as `sk_prot`. */
interface proto {
  init(host: MachineBase): sock_base;
  setsockopt(host: MachineBase, sk: sock_base, optname: keyof SocketOptions, val: number): 0 | Errno;
  accept(host: MachineBase, sk: sock_base): sock_base | Errno;
  disconnect(host: MachineBase, sk: sock_base): void;
  close(host: MachineBase, sk: sock_base): void;
  unhash(host: MachineBase, sk: sock_base): void;
  destroy(host: MachineBase, sk: sock_base): void;
}

/** `struct proto_ops`: what a system call does. In C a `struct socket` refers to it as `ops`. */
interface proto_ops {
  listen(host: MachineBase, sock: socket, backlog: number): 0 | Errno;
}

/** `struct inet_protosw`: what sockets of a type get. Of its sockets here, all are TCP's. */
export interface inet_protosw {
  readonly prot: proto;
  readonly ops: proto_ops;
  readonly [SHARED]: true;
}
