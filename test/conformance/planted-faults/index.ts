/** All planted faults. */

import type { PlantedFault } from './fault.js';
import { acceptQueue as acceptQueue2632 } from './linux-2.6.32/accept-queue.js';
import { deferAndCookies as deferAndCookies2632 } from './linux-2.6.32/defer-and-cookies.js';
import { listening as listening2632 } from './linux-2.6.32/listening.js';
import { requests as requests2632 } from './linux-2.6.32/requests.js';
import { synQueue as synQueue2632 } from './linux-2.6.32/syn-queue.js';
import { acceptQueue as acceptQueue415 } from './linux-4.15/accept-queue.js';
import { deferAndCookies as deferAndCookies415 } from './linux-4.15/defer-and-cookies.js';
import { fastOpen as fastOpen415 } from './linux-4.15/fast-open.js';
import { listening as listening415 } from './linux-4.15/listening.js';
import { requests as requests415 } from './linux-4.15/requests.js';
import { synQueue as synQueue415 } from './linux-4.15/syn-queue.js';

/** By kernel, and then along the way of a connection. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  ...listening2632,
  ...synQueue2632,
  ...requests2632,
  ...acceptQueue2632,
  ...deferAndCookies2632,
  ...listening415,
  ...synQueue415,
  ...requests415,
  ...acceptQueue415,
  ...deferAndCookies415,
  ...fastOpen415,
];
