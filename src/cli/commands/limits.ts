/** `limits`: what given settings mean on one or more kernels. */

import type { KernelVariant } from '../../host/variant.js';
import { KERNELS } from '../../kernels.js';
import { kernelFor, type RunningKernel, thisKernel } from '../../live/kernel-of-release.js';
import { LIMITS_SYSCTLS, type Limits, limits as limitsOf } from '../../report/limits.js';
import { renderLimits } from '../../report/limits-text.js';
import { EXIT, UsageError } from '../exit.js';
import { kernelOption } from '../options.js';
import type { Output } from '../output.js';
import { systemSysctls } from '../system-sysctls.js';

/** What the command line says. */
export interface LimitsOptions {
  readonly backlog: number;
  readonly kernel?: readonly string[];
  readonly sysctl: Readonly<Record<string, number>>;
  readonly fromSystem?: boolean;
  readonly json?: boolean;
}

/** All kernels; for the settings of this machine the one that fits its own, which is told. */
function usualKernels({ fromSystem }: LimitsOptions, output: Output, running: RunningKernel): readonly KernelVariant[] {
  if (fromSystem !== true) return KERNELS;
  const kernel = kernelFor(running);
  const built = running.upstream === undefined ? '' : ` (${running.upstream})`;
  output.note(`this machine runs Linux ${running.release}${built}; the model that fits best is ${kernel.name}`);
  return [kernel];
}

/** Prints what the settings mean, a column or a line for each kernel. */
export async function limits(
  options: LimitsOptions,
  output: Output,
  running: RunningKernel = thisKernel(),
): Promise<number> {
  const kernels = options.kernel?.map((name) => kernelOption(name)) ?? usualKernels(options, output, running);
  const system = options.fromSystem === true ? systemSysctls(LIMITS_SYSCTLS) : {};
  const sysctls = { ...system, ...options.sysctl };
  const all: Limits[] = [];
  for (const kernel of kernels) {
    output.progress(() => `trying the settings on ${kernel.name}`);
    all.push(limitsOf(kernel, options.backlog, sysctls));
  }
  const unknown = Object.keys(options.sysctl).find((name) => all.every(({ refused }) => refused[name] === 'ENOENT'));
  if (unknown !== undefined) throw new UsageError(`no such sysctl here: ${unknown}`);
  if (options.json === true) {
    for (const one of all) await output.print(JSON.stringify(one));
  } else {
    const { columns } = output;
    await output.print(renderLimits(all, columns === undefined ? {} : { width: columns }).trimEnd());
  }
  return EXIT.ok;
}
