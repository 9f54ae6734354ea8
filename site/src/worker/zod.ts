/**
 * Stands in for `zod` on the page: the few functions by which src/trace/validate.ts uses it, made of `zod/mini`, which is a fifth as large. It
 * reads those keywords of JSON Schema that the project's schemas have, and finds the same issues; test/site/schemas.test.ts compares them.
 */

import * as z from 'zod/mini';

/** A JSON Schema without references. */
interface JsonSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly const?: string | number | boolean;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
}

/** A schema that zod checks values with. */
export function fromJSONSchema(schema: JsonSchema): z.ZodMiniType {
  if (schema.enum !== undefined) return z.enum(schema.enum as readonly [string, ...string[]]);
  if (schema.const !== undefined) return z.literal(schema.const);
  if (schema.anyOf !== undefined) return z.union(schema.anyOf.map(fromJSONSchema) as [z.ZodMiniType]);
  switch (schema.type) {
    case 'string':
      return text(schema);
    case 'integer':
      return number(schema, [z.int()]);
    case 'number':
      return number(schema, []);
    case 'boolean':
      return z.boolean();
    case 'array':
      return array(schema);
    case 'object':
      return object(schema);
    default:
      return z.any();
  }
}

/** As it is: the page validates too little to gain anything. */
export const compile = <T>(schema: T): T => schema;

/** Whether a value is as the schema says. */
export const validate = (schema: z.ZodMiniType, value: unknown): boolean => schema.safeParse(value).success;

function text({ minLength, maxLength, pattern }: JsonSchema): z.ZodMiniString {
  const checks: z.core.$ZodCheck<string>[] = [];
  if (minLength !== undefined) checks.push(z.minLength(minLength));
  if (maxLength !== undefined) checks.push(z.maxLength(maxLength));
  if (pattern !== undefined) checks.push(z.regex(new RegExp(pattern)));
  return z.string().check(...checks);
}

function number({ minimum, maximum }: JsonSchema, kind: readonly z.core.$ZodCheck<number>[]): z.ZodMiniNumber {
  const checks = [...kind];
  if (minimum !== undefined) checks.push(z.gte(minimum));
  if (maximum !== undefined) checks.push(z.lte(maximum));
  return z.number().check(...checks);
}

function array({ items = {}, minItems, maxItems, uniqueItems }: JsonSchema): z.ZodMiniArray {
  const checks: z.core.$ZodCheck<unknown[]>[] = [];
  if (uniqueItems === true) checks.push(z.check(unique));
  if (minItems !== undefined) checks.push(z.minLength(minItems));
  if (maxItems !== undefined) checks.push(z.maxLength(maxItems));
  return z.array(fromJSONSchema(items)).check(...checks);
}

/** What is unique in the schemas is text. */
function unique({ value, issues }: z.core.ParsePayload<unknown[]>): void {
  for (const [i, item] of value.entries()) {
    const first = value.indexOf(item);
    if (first === i) continue;
    const message = `Array items must be unique: element at index ${i} duplicates the one at index ${first}`;
    issues.push({ code: 'custom', message, input: value, path: [i], continue: true });
  }
}

function object({ properties, required = [], propertyNames = {}, additionalProperties }: JsonSchema): z.ZodMiniType {
  if (typeof additionalProperties === 'object')
    return z.record(text(propertyNames), fromJSONSchema(additionalProperties));
  const fields = Object.entries(properties ?? {}).map(([name, schema]) => {
    const field = fromJSONSchema(schema);
    return [name, required.includes(name) ? field : z.optional(field)] as const;
  });
  return z.strictObject(Object.fromEntries(fields));
}
