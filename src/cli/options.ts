/** Options that several commands share. */

import type { KernelVariant } from '../host/variant.js';
import { KERNELS, kernelNamed } from '../kernels.js';
import { UsageError } from './exit.js';

/** The kernel that `--kernel` names. */
export function kernelOption(name: string | undefined): KernelVariant | undefined {
  if (name === undefined) return undefined;
  const kernel = kernelNamed(name);
  if (kernel === undefined) {
    throw new UsageError(`no such kernel: ${name} (there are ${KERNELS.map((one) => one.name).join(', ')})`);
  }
  return kernel;
}

/** Collects `--sysctl name=value` into a record. */
export function sysctlOption(text: string, earlier: Record<string, number>): Record<string, number> {
  const match = /^([a-z][a-z0-9_.]*)=(-?\d+)$/.exec(text);
  const value = Number(match?.[2]);
  if (match === null || !Number.isSafeInteger(value)) {
    throw new UsageError(`expected NAME=INTEGER after --sysctl, got ${JSON.stringify(text)}`);
  }
  return { ...earlier, [match[1] as string]: value };
}
