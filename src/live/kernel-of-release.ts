/** Which of the specified kernels a running kernel is to be held against, by its release. */

import { readFileSync } from 'node:fs';
import * as os from 'node:os';
import { citedRelease, isSince, kernelSpec } from '../host/kernel-spec.js';
import type { KernelVariant } from '../host/variant.js';
import { KERNELS } from '../kernels.js';

/** A running kernel, as it tells itself. */
export interface RunningKernel {
  /** What `uname -r` prints. */
  readonly release: string;
  /** The mainline release that it is built from, where its own version names one that `release` does not. */
  readonly upstream?: string;
}

/**
 * What a kernel says of itself. Distributions number their releases by themselves; Debian's `uname -v` and Ubuntu's /proc/version_signature
 * name the mainline release as well.
 * @param release as `uname -r` prints it
 * @param texts where else the mainline release may stand
 */
export function runningKernel(release: string, ...texts: readonly string[]): RunningKernel {
  const series = /^\d+\.\d+/.exec(release)?.[0];
  if (series === undefined) return { release };
  const mainline = new RegExp(`(?<=^|\\s)${series.replace('.', '\\.')}\\.\\d+(?=[\\s-]|$)`, 'g');
  const named = texts.flatMap((text) => [...text.matchAll(mainline)].map(([name]) => name));
  const upstream = named.find((name) => !release.startsWith(name));
  return upstream === undefined ? { release } : { release, upstream };
}

/** What the kernel of this machine says of itself. */
export function thisKernel(): RunningKernel {
  let signature = '';
  try {
    signature = readFileSync('/proc/version_signature', 'utf8');
  } catch {
    // Only Ubuntu has it.
  }
  return runningKernel(os.release(), os.version(), signature);
}

/**
 * The newest kernel whose behaviour is not newer than the running one, by the earliest release that is known to have it; for a kernel that is older than all of them, the oldest.
 * Point releases count: fixes reach them that change behaviour.
 */
export function kernelFor(
  { release, upstream = release }: RunningKernel,
  kernels: readonly KernelVariant[] = KERNELS,
): KernelVariant {
  const fitting = kernels.filter(({ name }) => isSince(upstream, kernelSpec(name)?.since ?? citedRelease(name)));
  return (fitting.at(-1) ?? kernels[0]) as KernelVariant;
}
