/** What `spec/kernels` says of a kernel, by its name. */

import { kernelSpecs } from '../generated/kernels.js';
import type { KernelSpec } from '../generated/types.js';

const specs: Readonly<Record<string, KernelSpec>> = kernelSpecs;

/** The specification of a variant, for example `4.15`; undefined: there is none of that name. */
export const kernelSpec = (name: string): KernelSpec | undefined =>
  Object.hasOwn(specs, name) ? specs[name] : undefined;

/** The release that a variant is cited from; the variant's own name where nothing is known of it. */
export const citedRelease = (name: string): string => kernelSpec(name)?.release ?? name;
