/** Linux 7.2 as a {@link KernelVariant}: the model of 7.2.13. */

import type { KernelVariant } from '../host/variant.js';
import { variantOf } from '../linux-4.15/index.js';
import { release } from './release.js';

/** The kernel variant `7.2`. */
export const linux_7_2: KernelVariant = variantOf('7.2', release);
