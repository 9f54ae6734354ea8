/** How long a timeout may be (include/net/tcp.h). */

import type { request_sock } from '../../../linux-4.15/include/net/request-sock.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { shiftedTimeout } from '../../../linux-6.1/include/net/inet-connection-sock.js';

/**
 * When a request times out next, µs: as in 6.1, but (since 6.19) not later than the listener's longest timeout, which was `net.ipv4.tcp_rto_max_ms` when it was made.
 * @kernel 7.2.13 include/net/tcp.h tcp_reqsk_timeout
 */
export function tcp_reqsk_timeout(host: Machine, req: request_sock): number {
  const max = req.rsk_listener.icsk_rto_max;
  const timeout = shiftedTimeout(host, req);
  if (timeout <= max) return timeout;
  host.rule('tcp_reqsk_timeout/capped');
  return max;
}
