/** The differences between two kernels as files: the scenarios, each as the trace of either kernel, as NDJSON. */

import { existsSync } from 'node:fs';
import type { KernelVariant } from '../host/variant.js';
import { packagePath } from '../package-root.js';
import { traceStep } from '../run/scenario.js';
import { candidateOf, wholeTraces } from './candidates.js';
import type { Candidate } from './contrast.js';
import type { KernelDiff } from './diff.js';

/** The scenarios of a comparison: first the older kernel's trace of each, then the newer one's. */
export function diffTraces({ scenarios }: Pick<KernelDiff, 'scenarios'>): string {
  return scenarios
    .flatMap(({ sides }) => sides.flatMap(({ trace }) => [trace.header, ...trace.steps.map(traceStep)]))
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

/** The name of a file of spec/diff about two kernels, older first. */
export const diffFile = (a: string, b: string, extension: 'md' | 'ndjson'): string =>
  packagePath(`spec/diff/${a}-${b}.${extension}`);

/** The scenarios of the comparison that ships with the package; none if these kernels were not compared. */
export async function shippedScenarios(a: KernelVariant, b: KernelVariant): Promise<Candidate[]> {
  const file = diffFile(a.name, b.name, 'ndjson');
  if (!existsSync(file)) return [];
  const found = new Map<string, Candidate>();
  for await (const { header, steps } of wholeTraces(file)) {
    const candidate = candidateOf(header, steps);
    const earlier = found.get(candidate.id);
    found.set(candidate.id, earlier === undefined ? candidate : merged(earlier, candidate));
  }
  return [...found.values()];
}

/** A scenario from two kernels' traces of it, which have only the settings that each knows. */
function merged(a: Candidate, b: Candidate): Candidate {
  const { seed: _, ...rest } = a;
  const seed = Math.max(a.seed ?? 0, b.seed ?? 0);
  const sysctl = { ...a.scenario.sysctl, ...b.scenario.sysctl };
  return { ...rest, scenario: { ...a.scenario, sysctl }, ...(seed === 0 ? {} : { seed }) };
}
