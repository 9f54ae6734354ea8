/** The kernels and the workload that a question names, looked at before anything is run. */

import type { Workload } from '../../../src/generated/types.js';
import type { KernelVariant } from '../../../src/host/variant.js';
import { KERNELS, kernelNamed } from '../../../src/kernels.js';
import { workloadProblem } from '../../../src/simulate/workload.js';
import { quote } from '../../../src/trace/problem.js';
import { Refusal } from './refusal.js';

/** The kernels of these names. */
export function kernelsNamed(names: readonly string[]): KernelVariant[] {
  if (names.length === 0) throw new Refusal({ path: 'kernels', message: 'choose at least one' });
  return names.map((name) => {
    const kernel = kernelNamed(name);
    if (kernel !== undefined) return kernel;
    const known = KERNELS.map((one) => one.name).join(', ');
    throw new Refusal({ path: 'kernels', message: `expected one of ${known}, got ${quote(name)}` });
  });
}

/** The workload, if it is one. */
export function workloadOf(value: unknown): Workload {
  const problem = workloadProblem(value);
  if (problem !== undefined) throw new Refusal(problem);
  return value as Workload;
}
