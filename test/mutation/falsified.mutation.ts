/** Golden traces in which one fact was falsified, as tests of their own. */

import { readFileSync } from 'node:fs';
import { describe, expect, inject, it } from 'vitest';
import { type Corruption, corruptions, type Mutable } from '../../properties/corruptions/corruptions.js';
import type { Step } from '../../src/generated/types.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { SeededEnvironment } from '../../src/run/environment.js';
import type { GoldenTrace } from '../support/recordings.js';

/** How many traces are falsified in each way. */
const TRACES = 8;

const traces = JSON.parse(readFileSync(inject('compactTraces'), 'utf8')) as GoldenTrace[];

/** Traces that `corruption` found something to falsify in. */
function falsified(corruption: Corruption): GoldenTrace[] {
  const chance = new SeededEnvironment(1);
  const found: GoldenTrace[] = [];
  for (let tries = 0; found.length < TRACES && tries < 1000; tries++) {
    const trace = traces[chance.choose(traces.length)] as GoldenTrace;
    const steps = structuredClone(trace.steps) as Mutable<Step>[];
    if (corruption.corrupt(steps, (n) => chance.choose(n))) found.push({ ...trace, steps });
  }
  return found;
}

describe('a golden trace with one lie', () => {
  it.each(corruptions.map((corruption) => [corruption.kind, corruption] as const))(
    '(%s) is rejected',
    (_, corruption) => {
      const verdicts = falsified(corruption).map(({ header, steps }) => judgeTrace(header, steps).verdict);
      expect(verdicts).toEqual(Array.from({ length: TRACES }, () => 'violates'));
    },
  );
});
