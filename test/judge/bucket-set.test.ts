import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BucketSet, cover, difference, intersection, rotated, windowOf } from '../../src/judge/bucket-set.js';

const SIZE = 64;
const window = fc
  .tuple(fc.nat(SIZE - 1), fc.integer({ min: 1, max: SIZE }))
  .map(([first, count]) => windowOf(first, count, SIZE));
const set = fc.tuple(window, window, window).map(([a, b, c]): BucketSet => difference(cover(a, b), c));

const members = (buckets: BucketSet): number[] => {
  const all: number[] = [];
  for (const [first, last] of buckets) for (let i = first; i <= last; i++) all.push(i);
  return all;
};

describe('sets of buckets', () => {
  it('hold what a window covers, around the end of the table', () => {
    expect(members(windowOf(62, 4, SIZE)).sort((a, b) => a - b)).toEqual([0, 1, 62, 63]);
    expect(members(windowOf(5, 100, SIZE))).toHaveLength(SIZE);
  });

  it('behave as sets of numbers', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const inB = new Set(members(b));
        expect(members(intersection(a, b)).sort()).toEqual(
          members(a)
            .filter((x) => inB.has(x))
            .sort(),
        );
        expect(members(cover(a, b)).sort()).toEqual([...new Set([...members(a), ...members(b)])].sort());
        expect(members(difference(a, b)).sort()).toEqual(
          members(a)
            .filter((x) => !inB.has(x))
            .sort(),
        );
      }),
      { seed: 1 },
    );
  });

  it('turn round and back', () => {
    fc.assert(
      fc.property(set, fc.nat(SIZE - 1), (a, by) => {
        const turned = members(rotated(a, by, SIZE)).map((x) => (x - by + SIZE) % SIZE);
        expect(turned.sort((x, y) => x - y)).toEqual(members(a).sort((x, y) => x - y));
      }),
      { seed: 1 },
    );
  });
});
