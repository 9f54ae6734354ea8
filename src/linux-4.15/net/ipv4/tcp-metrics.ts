/** What the kernel remembers of peers (net/ipv4/tcp_metrics.c). */

import type { request_sock } from '../../include/net/request-sock.js';
import type { Machine } from '../../machine.js';

/**
 * Whether a round trip to the peer was measured on an earlier connection, which ended in order.
 * @kernel 4.15.11 net/ipv4/tcp_metrics.c tcp_peer_is_proven
 */
export function tcp_peer_is_proven(host: Machine, req: request_sock): boolean {
  return host.metrics.has(req.peer);
}
