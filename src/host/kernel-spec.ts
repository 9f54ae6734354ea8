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

/** Whether a variant is `first` or a later one, by their numbers: 6.12 is since 6.1. */
export function isSince(name: string, first: string): boolean {
  const [numbers, least] = [name, first].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const i = numbers.findIndex((number, at) => number !== least[at]);
  return i < 0 || (numbers[i] ?? 0) > (least[i] ?? 0);
}
