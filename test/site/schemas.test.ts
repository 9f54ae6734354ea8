import { describe, expect, it } from 'vitest';
import * as zod from 'zod';
import { SCENARIOS } from '../../site/src/scenarios.js';
import { fromJSONSchema } from '../../site/src/worker/zod.js';
import { schemas } from '../../src/generated/schemas.js';
import { explain } from '../../src/trace/problem.js';
import { goldenTraces } from '../support/recordings.js';

type JsonSchema = Parameters<typeof fromJSONSchema>[0];

/** Everything that is wrong with a value in one place: other types, other numbers, missing and unknown keys, at each place in it. */
function* spoiled(value: unknown): Generator<unknown> {
  for (const other of [null, 'x', '', -1, 1.5, 2 ** 60, true, [], {}, [1, 1], ['SYN', 'SYN']]) yield other;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) for (const bad of spoiled(item)) yield value.with(i, bad);
    return;
  }
  yield { ...value, 'an odd key': 1 };
  for (const [key, item] of Object.entries(value)) {
    const { [key]: _, ...rest } = value as Record<string, unknown>;
    yield rest;
    for (const bad of spoiled(item)) yield { ...value, [key]: bad };
  }
}

/** What zod and what stands in for it on the page say of a value. */
function answers(schema: object): (value: unknown) => readonly [unknown, unknown] {
  const [whole, small] = [
    zod.fromJSONSchema(schema as Parameters<typeof zod.fromJSONSchema>[0]),
    fromJSONSchema(schema as JsonSchema),
  ];
  const of = (result: zod.ZodSafeParseResult<unknown>, value: unknown): unknown =>
    result.success ? 'is right' : explain(result.error.issues, value);
  return (value) => [
    of(whole.safeParse(value), value),
    of(small.safeParse(value) as zod.ZodSafeParseResult<unknown>, value),
  ];
}

const trace = goldenTraces('linux-4.15')[0];

const CASES: readonly (readonly [string, object, readonly unknown[] | undefined])[] = [
  ['headers', schemas.header, [trace?.header]],
  ['workloads', schemas.workload, SCENARIOS.map(({ workload }) => workload)],
  ...Object.entries(schemas.event).map(
    ([kind, event]) =>
      [
        `steps of the kind ${kind}`,
        { ...schemas.step, properties: { ...schemas.step.properties, event } },
        trace?.steps.slice(0, 3),
      ] as const,
  ),
];

describe('what stands in for zod on the page', () => {
  it.each(CASES)('says the same of %s', (_, schema, values) => {
    const both = answers(schema);
    let wrong = 0;
    for (const value of values ?? []) {
      for (const one of [value, ...spoiled(value)]) {
        const [whole, small] = both(one);
        expect(small).toEqual(whole);
        if (whole !== 'is right') wrong += 1;
      }
    }
    expect(wrong).toBeGreaterThan(50);
  });
});
