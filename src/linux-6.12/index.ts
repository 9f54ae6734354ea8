/** Linux 6.12 as a {@link KernelVariant}: the model of 6.12.117. */

import type { KernelVariant } from '../host/variant.js';
import { variantOf } from '../linux-4.15/index.js';
import { release } from './release.js';

/** The kernel variant `6.12`. */
export const linux_6_12: KernelVariant = variantOf('6.12', release);
