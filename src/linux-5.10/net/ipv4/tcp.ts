/** How a connection ends (net/ipv4/tcp.c). */

import type { sock } from '../../../linux-4.15/include/net/sock.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { reqsk_fastopen_remove } from '../../../linux-4.15/net/core/request-sock.js';
import * as earlier from '../../../linux-4.15/net/ipv4/tcp.js';

/**
 * Takes a socket back to the state of a new one. As in 4.15, but a Fast Open child is parted from its request here, not by whoever calls this.
 * @kernel 5.10.262 net/ipv4/tcp.c tcp_disconnect
 */
export function tcp_disconnect(host: Machine, sk: sock): void {
  earlier.tcp_disconnect(host, sk);
  if (sk.fastopen_rsk !== undefined) reqsk_fastopen_remove(host, sk, sk.fastopen_rsk, false);
}
