/** Linux 6.1 as a {@link KernelVariant}: the model of 6.1.192. */

import type { KernelVariant } from '../host/variant.js';
import { variantOf } from '../linux-4.15/index.js';
import { release } from './release.js';

/** The kernel variant `6.1`. */
export const linux_6_1: KernelVariant = variantOf('6.1', release);
