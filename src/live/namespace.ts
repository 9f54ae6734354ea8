/** Network namespaces of the main thread. */

import { type Libc, must } from './libc.js';
import { settle, writeSysctl } from './sysctl.js';
import { setLoopbackUp } from './tun.js';

const CLONE_NEWNET = 0x40000000;

/** Entries of the table of connections: enough for some thousands. */
const CONNECTIONS = 2048;

/** Moves the main thread into a new network namespace. The one that it was in ends once its sockets and devices are closed. */
export function enterNamespace(libc: Libc): void {
  // Where the kernel lets a namespace have a table of connections of its own (since Linux 6.1): /proc/net/tcp walks through all of it.
  writeSysctl('net.ipv4.tcp_child_ehash_entries', CONNECTIONS);
  must(libc.unshare(CLONE_NEWNET), 'a network namespace');
  settle();
  setLoopbackUp(libc);
}
