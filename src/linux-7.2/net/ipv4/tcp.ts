/** New sockets (net/ipv4/tcp.c). */

import { HZ } from '../../../host/clock.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import * as earlier from '../../../linux-4.15/net/ipv4/tcp.js';
import { sysctl } from '../../../linux-4.15/sysctl.js';

/**
 * TCP's part of a new socket: its receive buffer, and its longest timeout, in whole jiffies. Children have it from their listener.
 * @kernel 7.2.13 net/ipv4/tcp.c tcp_init_sock
 */
export function tcp_init_sock(host: Machine, sk: sock): void {
  earlier.tcp_init_sock(host, sk);
  sk.icsk_rto_max = host.clock.wholeJiffies(sysctl(host, 'net.ipv4.tcp_rto_max_ms') * (HZ / 1000));
}
