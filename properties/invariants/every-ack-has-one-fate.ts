/** What becomes of ACKs. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Property } from '../property.js';
import { oneFate } from './support/one-fate.js';

/** Tells by the rules that fired, and by what the queues show. */
export const everyAckHasOneFate: Property = oneFate({
  id: 'every-ack-has-one-fate',
  sentence:
    'Every ACK to a listener does exactly one of these: it makes a connection, it is matched to a request or a cookie without making one, or it is refused with a reset.',
  kernels: EVERY_KERNEL,
  rules: [
    'tcp_check_req/handshake-complete',
    'tcp_check_req/out-of-window',
    'tcp_check_req/bad-ack',
    'get_cookie_sock/handshake-complete',
    'tcp_get_cookie_sock/handshake-complete',
    'tcp_rcv_state_process/listen-ack',
  ],
  about: ({ flags }) => flags.includes('ACK') && !flags.includes('SYN') && !flags.includes('RST'),
  fates: ['matched', 'connected', 'refused'],
});
