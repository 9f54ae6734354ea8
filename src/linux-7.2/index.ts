/** Linux 7.2 as a {@link KernelVariant}: the model of 7.2.13, and of 6.18 where a machine's release says so. */

import type { KernelVariant } from '../host/variant.js';
import { variantOf } from '../linux-4.15/index.js';
import { pointRelease, release } from './release.js';

/** The kernel variant `7.2`. */
export const linux_7_2: KernelVariant = variantOf('7.2', release, pointRelease);
