/** What holds of the packets in front of TCP. */

import type { Property } from '../property.js';
import { packetQueueBounded } from './packet-queue-bounded.js';
import { packetsAccounted } from './packets-accounted.js';
import { packetsInOrder } from './packets-in-order.js';
import { packetsNotForgotten } from './packets-not-forgotten.js';
import { softirqBudget } from './softirq-budget.js';

/** In alphabetical order. */
export const PACKET_PROPERTIES: readonly Property[] = [
  packetQueueBounded,
  packetsAccounted,
  packetsInOrder,
  packetsNotForgotten,
  softirqBudget,
];
