import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../../../properties/invariants/index.js';
import { EVERY_KERNEL } from '../../../properties/kernels.js';
import { goldenTraces } from '../../support/recordings.js';

describe('the invariants', () => {
  const recordings = EVERY_KERNEL.flatMap((name) => goldenTraces(`linux-${name}`));

  it('hold on everything that real kernels were recorded doing', () => {
    const wrong = INVARIANTS.flatMap((invariant) =>
      recordings.flatMap((trace) => {
        const { id, kernel } = trace.header;
        if (!invariant.kernels.includes(kernel.variant)) return [];
        const found = invariant.broken(trace, kernel.variant);
        return found === undefined ? [] : [`${invariant.id}: ${trace.file}, ${id}, ${found}`];
      }),
    );
    expect(recordings).toHaveLength(2 * 1320 + 4 * 970);
    expect(wrong).toEqual([]);
  });

  it('have names and sentences of their own', () => {
    expect(new Set(INVARIANTS.map(({ id }) => id)).size).toBe(INVARIANTS.length);
    expect(new Set(INVARIANTS.map(({ sentence }) => sentence)).size).toBe(INVARIANTS.length);
  });
});
