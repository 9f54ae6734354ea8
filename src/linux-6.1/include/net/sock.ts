/** Memory of sockets (include/net/sock.h). */

import type { tcp_sock } from '../../../linux-4.15/include/linux/tcp.js';
import { sk_mem_reclaim } from '../../../linux-4.15/include/net/tcp-window.js';

/**
 * Reserves the memory of a segment that is gone for the next. Unlike in 5.10 whole pages are given back, even those that are reserved for a
 * segment that is about to be charged, so that less than nothing may be left.
 * @kernel 6.1.192 include/net/sock.h sk_mem_uncharge
 */
export function sk_mem_uncharge(sk: tcp_sock, size: number): void {
  sk.sk_forward_alloc += size;
  sk_mem_reclaim(sk);
}
