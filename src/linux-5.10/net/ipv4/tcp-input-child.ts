/** What a socket does with a segment, by its state (net/ipv4/tcp_input.c). */

import type { SkBuff } from '../../../host/segment.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import { TCPOLEN_TSTAMP_ALIGNED } from '../../../linux-4.15/include/net/tcp.js';
import { tcp_fast_path_on } from '../../../linux-4.15/include/net/tcp-window.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { completeHandshake, tcp_initialize_rcv_mss } from '../../../linux-4.15/net/ipv4/tcp-input-child.js';

/**
 * An acceptable ACK completes the handshake. As in 4.15, but what timestamps take of a segment is known before the window's bounds are set.
 * @kernel 5.10.262 net/ipv4/tcp_input.c tcp_rcv_state_process
 */
export function establish(host: Machine, sk: sock, skb: SkBuff): void {
  if (sk.tstamp_ok) sk.advmss -= TCPOLEN_TSTAMP_ALIGNED;
  completeHandshake(host, sk, skb);
  tcp_initialize_rcv_mss(sk);
  tcp_fast_path_on(sk);
}
