/** What the process and /proc show of the listener and its connections. */

import type { SocketRow, SynQueue } from '../host/variant.js';
import type { request_sock } from './include/net/request-sock.js';
import type { sock } from './include/net/sock.js';
import { stateName } from './include/net/tcp-states.js';
import type { Machine } from './machine.js';
import { isRequest } from './net/ipv4/inet-hashtables.js';
import type { Release } from './release.js';

export { listener } from '../linux-2.6.32/views.js';

/**
 * The rows of /proc/net/tcp, requests first; their order means nothing. A connection that was reset has none, even while it waits to be
 * accepted.
 */
export function sockets(host: Machine): SocketRow[] {
  const requests: SocketRow[] = [];
  const connections: SocketRow[] = [];
  for (const head of host.ehash.values()) {
    for (let found: sock | request_sock | undefined = head; found !== undefined; found = found.hash_next) {
      if (isRequest(found)) requests.push(get_openreq4(found));
      else connections.push(get_tcp4_sock(found));
    }
  }
  return requests.concat(connections);
}

/**
 * A request's row.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c get_openreq4
 */
function get_openreq4({ peer, sk_state, num_timeout }: request_sock): SocketRow {
  return { peer, state: stateName(sk_state), retransmits: num_timeout, accepted: false };
}

/**
 * A connection's row. Before its handshake is complete, a Fast Open child may belong to a process already.
 * @kernel 4.15.11 net/ipv4/tcp_ipv4.c get_tcp4_sock
 */
function get_tcp4_sock({ peer, sk_state, icsk_retransmits, sk_socket }: sock): SocketRow {
  return { peer, state: stateName(sk_state), retransmits: icsk_retransmits, accepted: sk_socket !== undefined };
}

/** The listener's SYN queue; undefined while it has none. */
export function synQueue({ listener, release }: Machine): SynQueue | undefined {
  if (listener === undefined) return undefined;
  const { qlen, young } = listener.icsk_accept_queue;
  return { length: qlen, young, limit: fullAt(release, listener) };
}

/** With how many requests a listener's SYN queue counts as full: the kernel's own test is asked, which has moved by one since 4.15. */
function fullAt(release: Release, sk: sock): number {
  const queue = sk.icsk_accept_queue;
  const { qlen } = queue;
  queue.qlen = sk.sk_max_ack_backlog;
  const isFull = release.inet_csk_reqsk_queue_is_full(sk);
  queue.qlen = qlen;
  return sk.sk_max_ack_backlog + (isFull ? 0 : 1);
}
