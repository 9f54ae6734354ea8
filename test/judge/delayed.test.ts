/** Traces with a tolerance of their own: what a real clock makes of a scenario. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenario } from '../../properties/arbitraries/scenario.js';
import type { Step } from '../../src/generated/types.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { LEVELS } from '../../src/trace/level.js';
import { playedLate } from '../support/delayed.js';
import { KINDS } from '../support/kernels.js';
import { seenAt } from '../support/levels.js';
import { played } from '../support/played.js';

const TOLERANCE = { timer: 50_000, next: 20_000 };

describe.each(KINDS)('on %s', (_, kernel) => {
  it.each([100, 250, 1000])(
    'segments that are late within the tolerance conform, HZ=%i',
    { timeout: 120_000 },
    (hz) => {
      fc.assert(
        fc.property(scenario(kernel), fc.constantFrom(...LEVELS), fc.nat(), (one, level, seed) => {
          const late = playedLate(kernel, one, { hz, seed, tolerance: TOLERANCE, longer: 100_000 });
          const { header, steps } = seenAt(level, late);
          expect(judgeTrace(header, steps)).toEqual({ verdict: 'conforms', steps: steps.length });
        }),
        { seed: 2, numRuns: 60 },
      );
    },
  );

  const retransmitted = played(kernel, [
    { syscall: 'listen', backlog: 1 },
    { segments: [{ peer: 1, flags: ['SYN'], seq: 100 }] },
    { wait: 8_000_000 },
  ]);
  const header = { ...retransmitted.header, origin: 'subject' as const, tolerance: TOLERANCE };
  /** The last step, whose first segment is seen later by `us`. */
  const seenLater = (us: number): Step[] => {
    const [listen, syn, wait] = retransmitted.steps as [Step, Step, Step];
    const [first, ...others] = wait.out;
    return [listen, syn, { ...wait, out: [{ ...first, at: (first?.at ?? 0) + us } as Step['out'][number], ...others] }];
  };

  it('a segment may be as late as the tolerance, and no later', () => {
    expect(judgeTrace(header, seenLater(45_000)).verdict).toBe('conforms');
    expect(judgeTrace(header, seenLater(150_000))).toMatchObject({ verdict: 'violates', line: 4 });
    const { tolerance: __, ...strict } = header;
    if (kernel.name === '2.6.32') expect(judgeTrace(strict, seenLater(45_000)).verdict).toBe('violates');
  });

  it('timers that run late, so that counters and rows follow them, conform', () => {
    fc.assert(
      fc.property(scenario(kernel), fc.constantFrom(...LEVELS), fc.nat(), (one, level, seed) => {
        const { sysctl, sockopt } = one;
        const trace = played(kernel, one.events, { sysctl, sockopt, seed });
        const first = trace.steps.findIndex(({ event }) => 'segments' in event);
        // From the first wait after the first arrival on, all happens 30 ms later than the timers know.
        const from = trace.steps.findIndex(({ event }, i) => first >= 0 && i > first && 'wait' in event);
        const by = 30_000;
        const steps = trace.steps.map((step, i): Step => {
          if (from < 0 || i < from) return step;
          const { at, until } = step.observed;
          const out = step.out.map((one) => ({ ...one, at: one.at + by }));
          const observed = { ...step.observed, at: at + by, until: until + by };
          return { ...step, at: i === from ? step.at : step.at + by, out, observed };
        });
        const seen = seenAt(level, { header: { ...trace.header, origin: 'subject', tolerance: TOLERANCE }, steps });
        expect(judgeTrace(seen.header, seen.steps).verdict).toBe('conforms');
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});
