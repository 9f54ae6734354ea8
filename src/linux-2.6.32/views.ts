/** What the process and /proc show of the listener and its connections. */

import type { ListenerInfo, SocketRow, SynQueue } from '../host/variant.js';
import { stateName } from './include/net/tcp-states.js';
import type { Machine } from './machine.js';
import type { MachineBase } from './machine-base.js';
import { tcp_get_info } from './net/ipv4/tcp-sockopt.js';

/** The listener's TCP_INFO; undefined while the process has no such socket. */
export function listener(host: MachineBase): ListenerInfo | undefined {
  return host.listener === undefined ? undefined : tcp_get_info(host.listener);
}

/**
 * The rows of /proc/net/tcp: requests by bucket (`listening_get_next` and `get_openreq4`), then connections, whose order means nothing.
 * A connection that was reset has none, even while it waits to be accepted.
 */
export function sockets(host: Machine): SocketRow[] {
  const rows: SocketRow[] = [];
  const lopt = host.listener?.icsk_accept_queue.listen_opt;
  if (lopt !== undefined) {
    for (const { peer, retrans } of lopt.syn_table.entries()) {
      rows.push({ peer, state: 'SYN_RECV', retransmits: retrans, accepted: false });
    }
  }
  for (const [peer, sk] of host.ehash) {
    rows.push({ peer, state: stateName(sk.sk_state), retransmits: 0, accepted: host.accepted.get(peer) === sk });
  }
  return rows;
}

/** The listener's SYN queue; undefined while it has none. */
export function synQueue({ listener }: Machine): SynQueue | undefined {
  const lopt = listener?.icsk_accept_queue.listen_opt;
  return lopt && { length: lopt.qlen, young: lopt.qlen_young, limit: 2 ** lopt.max_qlen_log };
}
