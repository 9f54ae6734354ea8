import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RuleId } from '../../src/host/rule.js';
import { GatheredMarks } from '../../src/timeline/gathering.js';
import type { Mark } from '../../src/timeline/timeline.js';

const RULES: readonly RuleId[] = [
  'tcp_conn_request/accept-queue-full',
  'tcp_conn_request/syn-queue-full',
  'tcp_v4_conn_request/accept-queue-full',
];

const counts = (marks: readonly Mark[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { rule = '', count } of marks) sums[rule] = (sums[rule] ?? 0) + count;
  return sums;
};

describe('gathered marks', () => {
  it('lose none, stay in order and within their bound, and begin where the first was', () => {
    const moments = fc.array(fc.tuple(fc.nat(100_000), fc.constantFrom(...RULES), fc.nat(9)), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(moments, fc.integer({ min: 8, max: 40 }), (steps, bound) => {
        const marks = new GatheredMarks(bound);
        const plain: Mark[] = [];
        let at = 0;
        for (const [later, rule, peer] of steps) {
          at += later;
          marks.add(at, 'syn-dropped', rule, peer);
          plain.push({ at, kind: 'syn-dropped', count: 1, rule, peer });
        }
        const all = marks.all();
        expect(all.length).toBeLessThanOrEqual(bound);
        expect(counts(all)).toEqual(counts(plain));
        expect(all[0]).toMatchObject({ at: plain[0]?.at, peer: plain[0]?.peer });
        for (const [i, mark] of all.entries()) expect(mark.at).toBeGreaterThanOrEqual(all[i - 1]?.at ?? 0);
        for (const mark of all) expect(plain.some((one) => one.at === mark.at && one.rule === mark.rule)).toBe(true);
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('are one where a rule leaves several at one moment', () => {
    const marks = new GatheredMarks(100);
    for (const peer of [4, 5, 6]) marks.add(7, 'syn-dropped', RULES[0], peer);
    marks.add(7, 'syn-dropped', RULES[1], 9);
    marks.add(8, 'syn-dropped', RULES[0], 10);
    expect(marks.all()).toEqual([
      { at: 7, kind: 'syn-dropped', count: 3, rule: RULES[0], peer: 4 },
      { at: 7, kind: 'syn-dropped', count: 1, rule: RULES[1], peer: 9 },
      { at: 8, kind: 'syn-dropped', count: 1, rule: RULES[0], peer: 10 },
    ]);
  });
});
