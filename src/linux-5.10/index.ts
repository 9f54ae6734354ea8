/** Linux 5.10 as a {@link KernelVariant}: the model of 5.10.262. */

import type { KernelVariant } from '../host/variant.js';
import { variantOf } from '../linux-4.15/index.js';
import { release } from './release.js';

/** The kernel variant `5.10`. */
export const linux_5_10: KernelVariant = variantOf('5.10', release);
