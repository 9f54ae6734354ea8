/** Memory of sockets (include/net/sock.h). */

import type { tcp_sock_base } from '../../../linux-2.6.32/include/linux/tcp.js';

const SK_MEM_QUANTUM = 4096;

/**
 * Reserves memory for a segment, in whole pages. Unlike in 4.15 only what is missing is reserved.
 * @kernel 5.10.262 include/net/sock.h sk_rmem_schedule
 */
export function sk_rmem_schedule(sk: tcp_sock_base, size: number): void {
  const delta = size - sk.sk_forward_alloc;
  if (delta > 0) sk.sk_forward_alloc += Math.ceil(delta / SK_MEM_QUANTUM) * SK_MEM_QUANTUM;
}
