/** What a listener asks of its SYN queue (include/net/inet_connection_sock.h). */

import { inet_csk_reqsk_queue_len } from '../../../linux-4.15/include/net/inet-connection-sock.js';
import type { sock } from '../../../linux-4.15/include/net/sock.js';

/**
 * Whether the SYN queue has more requests than the accept queue's limit says, so that there is room for one even where the limit is 0. The
 * comparison is unsigned.
 * @kernel 5.10.262 include/net/inet_connection_sock.h inet_csk_reqsk_queue_is_full
 */
export function inet_csk_reqsk_queue_is_full(sk: sock): boolean {
  return inet_csk_reqsk_queue_len(sk) >>> 0 > sk.sk_max_ack_backlog;
}

/** Bit of `icsk_ack.pending`: the next ACK goes out at once. */
export const ICSK_ACK_NOW = 16;
