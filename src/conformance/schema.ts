/** Schemas at work: compiled once, and a problem told with its place. */

import * as z from 'zod';
import { explain, type Problem } from '../trace/problem.js';

/** A JSON Schema, ready to look at values. */
export function compiled(schema: object): z.ZodType {
  return z.compile(z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]));
}

/** What keeps `value` from fitting; undefined: nothing. */
export function validate(schema: z.ZodType, value: unknown): Problem | undefined {
  if (z.validate(schema, value)) return undefined;
  const result = schema.safeParse(value);
  return result.success ? undefined : explain(result.error.issues, value);
}
