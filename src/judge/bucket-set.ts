/** Sets of hash buckets as sorted, disjoint, closed ranges. */

/** A range of buckets, both ends included. */
export type Range = readonly [first: number, last: number];

/** An immutable set of buckets. */
export type BucketSet = readonly Range[];

/** The buckets of `count` consecutive ones from `first` on, in a table of `size`, wrapping around. */
export function windowOf(first: number, count: number, size: number): BucketSet {
  if (count >= size) return [[0, size - 1]];
  const last = first + count - 1;
  return last < size
    ? [[first, last]]
    : [
        [0, last - size],
        [first, size - 1],
      ];
}

/** What both sets have. */
export function intersection(a: BucketSet, b: BucketSet): BucketSet {
  const both: Range[] = [];
  for (const [af, al] of a) {
    for (const [bf, bl] of b) {
      const first = Math.max(af, bf);
      const last = Math.min(al, bl);
      if (first <= last) both.push([first, last]);
    }
  }
  return both;
}

/** What `a` has and `b` has not. */
export function difference(a: BucketSet, b: BucketSet): BucketSet {
  let rest: Range[] = [...a];
  for (const [bf, bl] of b) {
    const next: Range[] = [];
    for (const [first, last] of rest) {
      if (bl < first || bf > last) {
        next.push([first, last]);
        continue;
      }
      if (first < bf) next.push([first, bf - 1]);
      if (last > bl) next.push([bl + 1, last]);
    }
    rest = next;
  }
  return rest;
}

/** What either has. */
export function cover(a: BucketSet, b: BucketSet): BucketSet {
  const joined: Range[] = [];
  for (const [first, last] of [...difference(a, b), ...b].sort((x, y) => x[0] - y[0])) {
    const before = joined.at(-1);
    if (before !== undefined && before[1] + 1 === first) joined[joined.length - 1] = [before[0], last];
    else joined.push([first, last]);
  }
  return joined;
}

/** The part of the set from bucket `first` on. */
export const from = (set: BucketSet, first: number): BucketSet => intersection(set, [[first, Number.MAX_SAFE_INTEGER]]);

/** The part of the set up to bucket `last`. */
export const upTo = (set: BucketSet, last: number): BucketSet => intersection(set, [[0, last]]);

/** The set with every bucket moved by `by`, modulo `size`. */
export function rotated(set: BucketSet, by: number, size: number): BucketSet {
  const moved: Range[] = [];
  for (const [first, last] of set) {
    const a = (((first + by) % size) + size) % size;
    const b = a + (last - first);
    if (b < size) moved.push([a, b]);
    else moved.push([a, size - 1], [0, b - size]);
  }
  return moved.sort((x, y) => x[0] - y[0]);
}
