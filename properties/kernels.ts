/** The variants that properties are about, by name. */

import { isSince } from '../src/host/kernel-spec.js';
import type { KernelVariant } from '../src/host/variant.js';
import { KERNELS } from '../src/kernels.js';

/** All, oldest first. */
export const EVERY_KERNEL: readonly string[] = KERNELS.map(({ name }) => name);

/** Those from `first` on, as in `4.15`. */
export const kernelsSince = (first: string): readonly string[] => EVERY_KERNEL.filter((name) => isSince(name, first));

/** Those whose packet backlog is modelled. */
export const PACKET_KERNELS: readonly string[] = KERNELS.filter(({ packetBacklog }) => packetBacklog !== undefined).map(
  ({ name }) => name,
);

/** Each kernel with the one that follows it. */
export const NEIGHBOURS: readonly (readonly [older: KernelVariant, newer: KernelVariant])[] = KERNELS.slice(1).map(
  (newer, i) => [KERNELS[i] as KernelVariant, newer],
);
