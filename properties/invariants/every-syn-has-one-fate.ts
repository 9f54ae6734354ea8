/** What becomes of SYNs. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Property } from '../property.js';
import { oneFate } from './support/one-fate.js';
import { isSyn } from './support/walk.js';

/** Tells by the rules that fired, and by what the queues and the wire show. */
export const everySynHasOneFate: Property = oneFate({
  id: 'every-syn-has-one-fate',
  sentence:
    'Every SYN to a listener is exactly one of dropped, queued, answered with a cookie, or matched to the request of its peer; queues and answers agree with that.',
  kernels: EVERY_KERNEL,
  rules: [
    'tcp_v4_conn_request/synack',
    'tcp_v4_conn_request/cookie',
    'tcp_v4_conn_request/syn-queue-full',
    'tcp_v4_conn_request/accept-queue-full',
    'tcp_conn_request/synack',
    'tcp_conn_request/cookie',
    'tcp_conn_request/syn-queue-full',
    'tcp_conn_request/accept-queue-full',
    'tcp_check_req/duplicate-syn',
  ],
  about: isSyn,
  fates: ['dropped', 'queued', 'cookie', 'matched', 'refused'],
});
