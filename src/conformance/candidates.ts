/** Where a search for differences looks: the golden scenarios of both kernels, and generated ones. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';

import { PROFILES } from '../../properties/profiles/index.js';

import type { Step, TraceHeader } from '../generated/types.js';
import { citedRelease } from '../host/kernel-spec.js';
import type { KernelVariant } from '../host/variant.js';
import { kernelNamed } from '../kernels.js';
import { packagePath } from '../package-root.js';
import { startScenario, traceStep } from '../run/scenario.js';
import { readTraces } from '../trace/read.js';
import type { Candidate } from './contrast.js';

/** Every scenario of the golden traces of these kernels, each once, recorded ones first. */
export async function goldenCandidates(kernels: readonly KernelVariant[]): Promise<Candidate[]> {
  const found = new Map<string, Candidate>();
  for (const file of filesBelow(packagePath('fixtures'))) {
    for await (const { header, steps } of wholeTraces(file)) {
      if (!kernels.some(({ name }) => name === header.kernel.variant)) continue;
      const candidate = candidateOf(header, steps);
      const { scenario, releases, seed } = candidate;
      const key = JSON.stringify([scenario, releases, seed]);
      if (!found.has(key)) found.set(key, candidate);
    }
  }
  return [...found.values()];
}

/**
 * Scenarios from the profiles of these kernels.
 * @param seed of fast-check
 * @param runs how many from each profile; by default as many as the profile says
 */
export function generatedCandidates(kernels: readonly KernelVariant[], seed: number, runs?: number): Candidate[] {
  return kernels.flatMap((kernel) =>
    PROFILES.filter((profile) => profile.kernels.includes(kernel.name)).flatMap((profile) =>
      fc
        .sample(profile.scenario(kernel), { seed, numRuns: runs ?? profile.runs })
        .map((scenario, i) => ({ id: `${profile.id}-${kernel.name}-${i}`, scenario })),
    ),
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ndjson(\.gz)?$/.test(name) && !name.startsWith('softnet'))
    .sort()
    .map((name) => join(folder, name));
}

interface WholeTrace {
  readonly header: TraceHeader;
  readonly steps: readonly Step[];
}

/**
 * The traces of a file that ships with the package.
 * @throws Error if there is anything wrong with the file
 */
export async function* wholeTraces(file: string): AsyncGenerator<WholeTrace> {
  let current: { readonly header: TraceHeader; readonly steps: Step[] } | undefined;
  for await (const record of readTraces(file)) {
    if (record.kind === 'invalid') throw new Error(`${file}:${record.line}: ${record.message}`);
    if (record.kind === 'step') {
      current?.steps.push(record.value);
    } else {
      if (current !== undefined) yield current;
      current = { header: record.value, steps: [] };
    }
  }
  if (current !== undefined) yield current;
}

/** The scenario of a trace. */
export function candidateOf(header: TraceHeader, steps: readonly Step[]): Candidate {
  const { id, kernel, sysctl, sockopt, origin } = header;
  const scenario = { sysctl, sockopt, events: steps.map(({ event }) => event) };
  const candidate = {
    id,
    scenario,
    ...(kernel.release === citedRelease(kernel.variant) ? {} : { releases: { [kernel.variant]: kernel.release } }),
  };
  const seed = origin === 'model' ? seedOf(header, steps) : 0;
  return seed === 0 ? candidate : { ...candidate, seed };
}

/** How many seeds are tried for a trace of a model. */
const SEEDS = 1024;

/** The seed with which a model plays a scenario as in this trace; 0 if it is none of the first {@link SEEDS}. */
function seedOf({ kernel, sysctl, sockopt }: TraceHeader, steps: readonly Step[]): number {
  const variant = kernelNamed(kernel.variant);
  if (variant === undefined) return 0;
  const { release, hz } = kernel;
  for (let seed = 0; seed < SEEDS; seed++) {
    const { simulation } = startScenario(variant, { sysctl, sockopt }, { release, hz, seed });
    if (steps.every((step) => isSame(step, traceStep(simulation.step(step.event))))) return seed;
  }
  return 0;
}

/** Whether a step that was read is one that was played: in whatever order its counters are, and without what is undefined in it. */
const isSame = (read: Step, played: Step): boolean => isDeepStrictEqual(read, JSON.parse(JSON.stringify(played)));
