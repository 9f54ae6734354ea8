/** Looks for a planted fault as the conformance kit does it for its users. */

import { INVARIANTS } from '../properties/invariants/index.js';
import { casesFor } from '../src/conformance/cases.js';
import { modelSubject } from '../src/conformance/model-subject.js';
import { runSuite } from '../src/conformance/suite.js';
import type { CaseFailure } from '../src/generated/types.js';
import type { KernelVariant } from '../src/host/variant.js';
import { kernelNamed } from '../src/kernels.js';
import type { PlantedFault } from '../test/conformance/planted-faults/fault.js';

/** How a fault was found. */
export interface Found {
  /** The first campaign of the kit that finds it and names a rule that it breaks. */
  readonly case: string;
  /** How many scenarios of the campaign it took, the one that failed included. */
  readonly runs: number;
  /** How many steps are left of that one after shrinking. */
  readonly steps: number;
  /** The broken rule that was named. */
  readonly rule: string;
  /** Whether that is the last rule before what is not allowed, which the kit shows last. */
  readonly last: boolean;
}

/** What a search came to. */
export interface Hunt {
  readonly found: Found | undefined;
  /** Campaigns before it that failed without a rule that the fault breaks. */
  readonly unnamed: readonly string[];
}

/** Runs campaigns on the faulty `variant`, with the kit's defaults, until one names the fault. By default all, in the kit's order. */
export async function hunt(fault: PlantedFault, variant: KernelVariant, only?: string): Promise<Hunt> {
  const kernel = kernelNamed(fault.kernel) as KernelVariant;
  const campaigns = casesFor(kernel).filter(({ kind, name }) => kind === 'campaign' && (only ?? name) === name);
  const unnamed: string[] = [];
  for (const { name } of campaigns) {
    const { cases } = await runSuite(modelSubject(variant), { kernel, run: [name] });
    const failure = cases[0]?.failure;
    if (failure?.campaign === undefined) continue;
    const rule = named(fault, failure);
    if (rule !== undefined) {
      const { campaign, rules, trace } = failure;
      const found = { case: name, runs: campaign.runs, steps: trace.steps.length, rule, last: rules.at(-1) === rule };
      return { found, unnamed };
    }
    unnamed.push(name);
  }
  return { found: undefined, unnamed };
}

/** Of the rules that a fault breaks, the last that a failure names, itself or by an invariant. */
function named(fault: PlantedFault, { rules, broken }: CaseFailure): string | undefined {
  const violated = INVARIANTS.filter(({ id }) => broken.some(({ invariant }) => invariant === id));
  const all: readonly string[] = [...violated.flatMap((one) => one.rules), ...rules];
  return all.findLast((rule) => fault.rules.some((one) => one === rule));
}

/** How many of the recorded scenarios show the fault. */
export async function noticedByGolden({ kernel: name }: PlantedFault, variant: KernelVariant): Promise<number> {
  const kernel = kernelNamed(name) as KernelVariant;
  const { totals } = await runSuite(modelSubject(variant), { kernel, run: ['golden/*'] });
  return totals.failed;
}
