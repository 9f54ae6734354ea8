/** The birth of children (net/ipv4/tcp_ipv4.c). */

import type { SkBuff } from '../../../host/segment.js';
import type { request_sock } from '../../../linux-4.15/include/net/request-sock.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import * as earlier from '../../../linux-4.15/net/ipv4/tcp-ipv4.js';

/**
 * Makes the child of a completed handshake. As in 4.15, but a cookie's has to find its place in the hash free.
 * @kernel 5.10.262 net/ipv4/tcp_ipv4.c tcp_v4_syn_recv_sock
 */
export function tcp_v4_syn_recv_sock(
  host: Machine,
  sk: sock,
  skb: SkBuff,
  req: request_sock,
  dst: boolean,
  req_unhash: request_sock | undefined,
): sock | undefined {
  const newsk = earlier.tcp_v4_syn_recv_sock(host, sk, skb, req, dst, req_unhash);
  return newsk?.hashed === false && req_unhash === undefined ? undefined : newsk;
}
