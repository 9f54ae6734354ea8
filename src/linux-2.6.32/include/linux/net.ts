/** `struct socket`: what a process's file descriptor leads to. */

import type { sock_base } from '../net/sock.js';

export const SS_UNCONNECTED = 1;
export const SS_CONNECTED = 3;

export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;

/** The process's side of a socket. */
export interface socket {
  state: number;
  readonly type: number;
  /** Undefined once it has been released, and for a socket that is not TCP's. */
  sk: sock_base | undefined;
}
