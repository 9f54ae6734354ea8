/** The kernels that are specified, by the name that a trace's header gives the variant. */

import type { KernelVariant } from './host/variant.js';
import { linux_2_6_32 } from './linux-2.6.32/index.js';
import { linux_4_15 } from './linux-4.15/index.js';
import { linux_5_10 } from './linux-5.10/index.js';
import { linux_6_1 } from './linux-6.1/index.js';
import { linux_6_12 } from './linux-6.12/index.js';
import { linux_7_2 } from './linux-7.2/index.js';

/** Oldest first. */
export const KERNELS: readonly KernelVariant[] = [
  linux_2_6_32,
  linux_4_15,
  linux_5_10,
  linux_6_1,
  linux_6_12,
  linux_7_2,
];

/** The variant of that name, for example `4.15`; undefined if there is none. */
export function kernelNamed(name: string): KernelVariant | undefined {
  return KERNELS.find((kernel) => kernel.name === name);
}
