/** What `spec/kernels` says of a kernel, by its name. */

import { kernelSpecs } from '../generated/kernels.js';
import type { KernelSpec } from '../generated/types.js';

const specs: Readonly<Record<string, KernelSpec>> = kernelSpecs;

/** The specification of a variant, for example `4.15`; undefined: there is none of that name. */
export const kernelSpec = (name: string): KernelSpec | undefined =>
  Object.hasOwn(specs, name) ? specs[name] : undefined;

/** The release that a variant is cited from; the variant's own name where nothing is known of it. */
export const citedRelease = (name: string): string => kernelSpec(name)?.release ?? name;

/** The jiffies per second of the kernel from which a variant was recorded; 1000 where nothing is known of it. */
export const recordedHz = (name: string): number => kernelSpec(name)?.hz ?? 1000;

/** Whether a variant or a release is `first` or a later one, by the numbers that it begins with: 6.12 is since 6.1, and 6.18.44-rc1 since 6.18. */
export function isSince(name: string, first: string): boolean {
  const [numbers, least] = [numbersOf(name), numbersOf(first)];
  const i = least.findIndex((number, at) => number !== (numbers[at] ?? 0));
  return i < 0 || (numbers[i] ?? 0) > (least[i] as number);
}

/** Of `6.18.44-rc1` 6, 18 and 44. */
const numbersOf = (release: string): number[] => (/^\d+(\.\d+)*/.exec(release)?.[0] ?? '').split('.').map(Number);
