/** Lines of the conformance protocol: how a request is written, and whether a line is the answer to it. */

import { isAscii, isUtf8 } from 'node:buffer';
import type * as z from 'zod';
import { schemas } from '../generated/schemas.js';
import type { AdapterAnswer, AdapterRequest } from '../generated/types.js';
import { type Problem, problemAt, quote } from '../trace/problem.js';
import { compiled, validate } from './schema.js';

/** The version of the protocol that the kit speaks. */
export const PROTOCOL = 1;

/** Which request it is. */
export type RequestType = AdapterRequest['type'];

/** A request without its number and its type. */
export type RequestBody<T extends RequestType> = Omit<Extract<AdapterRequest, { type: T }>, 'type' | 'id'>;

/** The answer that a request is meant to get. */
export type AnswerTo<T extends RequestType> = Extract<AdapterAnswer, { type: T }>;

type AnswerType = AdapterAnswer['type'];

const answers = Object.fromEntries(
  Object.entries(schemas.answer).map(([type, schema]) => [type, compiled(schema)]),
) as unknown as Readonly<Record<AnswerType, z.ZodType>>;

/** The answer to `hello` by the kind of its clock. */
const hellos: Readonly<Record<string, z.ZodType>> = Object.fromEntries(
  Object.entries(schemas.clock).map(([kind, clock]) => {
    const { properties, ...hello } = schemas.answer.hello;
    const { capabilities } = properties;
    const withClock = { ...capabilities, properties: { ...capabilities.properties, clock } };
    return [kind, compiled({ ...hello, properties: { ...properties, capabilities: withClock } })];
  }),
);

/** A request as a line, with its end. */
export function requestLine<T extends RequestType>(type: T, id: number, body: RequestBody<T>): string {
  return `${JSON.stringify({ type, id, ...body })}\n`;
}

/** What a line says, or why it says nothing. */
export type Read =
  | { readonly answer: AdapterAnswer; readonly problem?: undefined }
  | { readonly problem: Problem; readonly answer?: undefined };

/** Reads the line (without its end) that has to answer the request `id` of the type `type`. */
export function readAnswer(line: Buffer, type: RequestType, id: number): Read {
  const ascii = isAscii(line);
  if (!ascii && !isUtf8(line)) return { problem: problemAt([], 'not UTF-8') };
  const text = line.toString(ascii ? 'latin1' : 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: { path: '', message: `not JSON: ${quote(text)}` } };
  }
  const problem = validateAnswer(value, type, id);
  return problem === undefined ? { answer: value as AdapterAnswer } : { problem };
}

/** What keeps `value` from being the answer to the request `id` of the type `type`, or its `error`; undefined: it is one. */
export function validateAnswer(value: unknown, type: RequestType, id: number): Problem | undefined {
  if (!isObject(value)) return problemAt([], `expected an object, got ${quote(value)}`);
  const { type: answered, id: number } = value;
  if (Number.isInteger(number) && number !== id) {
    const which = (number as number) < id ? 'it was answered before' : 'there was none yet';
    return problemAt(['id'], `expected ${id}, got ${quote(number)}: ${which}`);
  }
  if (answered === 'error') return validate(answers.error, value);
  if (answered !== type) {
    return problemAt(
      ['type'],
      answered === undefined ? 'missing' : `expected "${type}" or "error", got ${quote(answered)}`,
    );
  }
  if (type !== 'hello') return validate(answers[type], value);
  const { protocol, capabilities } = value;
  if (Number.isInteger(protocol) && protocol !== PROTOCOL) {
    return problemAt(['protocol'], `version ${quote(protocol)} of the protocol: this kit speaks version ${PROTOCOL}`);
  }
  const clock = isObject(capabilities) ? capabilities['clock'] : undefined;
  const kind = isObject(clock) ? clock['kind'] : undefined;
  if (typeof kind === 'string' && Object.hasOwn(hellos, kind)) return validate(hellos[kind] as z.ZodType, value);
  if (isObject(clock) && kind !== undefined) {
    const kinds = Object.keys(hellos).map((one) => `"${one}"`);
    return problemAt(['capabilities', 'clock', 'kind'], `expected ${kinds.join(' or ')}, got ${quote(kind)}`);
  }
  return validate(hellos['virtual'] as z.ZodType, value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
