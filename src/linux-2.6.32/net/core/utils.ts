/** When the network code may write to the kernel log. */

import { __ratelimit } from '../../lib/ratelimit.js';
import type { Machine } from '../../machine.js';
import { sysctl } from '../../sysctl.js';

/**
 * True when a network message may be logged now.
 * @kernel 2.6.32-220.el6 net/core/utils.c net_ratelimit
 */
function net_ratelimit(host: Machine): boolean {
  return __ratelimit(host, host.net_ratelimit_state);
}

/**
 * Logs `line` if network messages are on and there were not too many of late.
 * @kernel 2.6.32-220.el6 include/net/sock.h LIMIT_NETDEBUG
 */
export function LIMIT_NETDEBUG(host: Machine, line: string): void {
  if (sysctl(host, 'net.core.warnings') !== 0 && net_ratelimit(host)) host.log.push(line);
}
