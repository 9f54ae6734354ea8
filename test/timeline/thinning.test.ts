import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ThinnedSamples } from '../../src/timeline/thinning.js';
import type { QueueSample } from '../../src/timeline/timeline.js';

const LINES = ['synQueue', 'young', 'acceptQueue', 'synLimit', 'acceptLimit'] as const;

/** Samples at ever later times, many of them at the same. */
const arbitrarySamples: fc.Arbitrary<QueueSample[]> = fc
  .array(
    fc.record({
      later: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1_000_000 })),
      synQueue: fc.nat(300),
      young: fc.nat(300),
      acceptQueue: fc.nat(300),
      synLimit: fc.option(fc.nat(9), { nil: undefined }),
      acceptLimit: fc.option(fc.nat(9), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 400 },
  )
  .map((steps) => {
    let at = 0;
    return steps.map(({ later, ...lines }) => {
      at += later;
      return { at, ...lines };
    });
  });

function thinned(samples: readonly QueueSample[], bound: number): ThinnedSamples {
  const list = new ThinnedSamples(bound);
  for (const sample of samples) list.add(sample);
  return list;
}

/** The least and the greatest value of a line in each stretch. */
function extremes(samples: readonly QueueSample[], line: (typeof LINES)[number], origin: number, width: number) {
  const found = new Map<number, [number, number]>();
  for (const sample of samples) {
    const stretch = Math.floor((sample.at - origin) / width);
    const value = sample[line] ?? -1;
    const [least, most] = found.get(stretch) ?? [value, value];
    found.set(stretch, [Math.min(least, value), Math.max(most, value)]);
  }
  return [...found];
}

describe('thinned samples', () => {
  it('keep the extremes of every line in every stretch, and how all begins and ends', () => {
    fc.assert(
      fc.property(arbitrarySamples, fc.integer({ min: 24, max: 60 }), (samples, bound) => {
        const list = thinned(samples, bound);
        const kept = list.samples();
        expect(kept.length).toBeLessThanOrEqual(bound);
        expect(kept[0]).toBe(samples[0]);
        expect(kept.at(-1)).toBe(samples.at(-1));
        for (const line of LINES) {
          const width = list.stretch || 1;
          const origin = samples[0]?.at ?? 0;
          const before = extremes(samples.slice(1), line, origin, width);
          expect(extremes(kept.slice(1), line, origin, width)).toEqual(before);
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('are all there while there is room', () => {
    const samples = [0, 3, 3, 9].map((at, i) => sample(at, i));
    expect(thinned(samples, 24).samples()).toEqual(samples);
    expect(thinned(samples, 24).stretch).toBe(0);
  });

  it('leave room for some hundred stretches when a million come', () => {
    const list = new ThinnedSamples(2000);
    for (let i = 0; i < 1_000_000; i++) list.add(sample(i * 10, (i * 7919) % 130));
    const { length } = list.samples();
    expect(length).toBeLessThanOrEqual(2000);
    expect(10_000_000 / list.stretch).toBeGreaterThan(150);
  });

  it('cannot be fewer than one stretch keeps', () => {
    expect(() => new ThinnedSamples(10)).toThrow(RangeError);
  });
});

const sample = (at: number, length: number): QueueSample => ({
  at,
  synQueue: length,
  young: length,
  acceptQueue: 130 - length,
  synLimit: 128,
  acceptLimit: 129,
});
