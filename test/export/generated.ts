/** Generated traces for the tests of what they are exported to. */

import * as fc from 'fast-check';
import { scenario } from '../../properties/arbitraries/scenario.js';
import { KERNELS } from '../../src/kernels.js';
import { type PlayedTrace, playScenario } from '../../src/run/scenario.js';

/** What any of the kernels does in a generated scenario. */
export const traces: fc.Arbitrary<PlayedTrace> = fc
  .constantFrom(...KERNELS)
  .chain((kernel) =>
    fc
      .tuple(scenario(kernel), fc.nat(1000), fc.constantFrom(100, 250, 1000))
      .map(([made, seed, hz]) => playScenario(kernel, made, { id: `generated-${seed}`, seed, hz })),
  );

/** How these tests use chance. */
export const CHANCE = { seed: 1, numRuns: 60 };
