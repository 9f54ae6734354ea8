/** A subject as a program: reads the requests of the conformance protocol, one on a line, and writes the answers. */

import { isUtf8 } from 'node:buffer';
import type { Readable, Writable } from 'node:stream';
import type * as z from 'zod';
import { PROTOCOL, type RequestType } from '../conformance/messages.js';
import { compiled, validate } from '../conformance/schema.js';
import type { Awaitable, Subject } from '../conformance/subject.js';
import { schemas } from '../generated/schemas.js';
import type { AdapterAnswer, AdapterRequest } from '../generated/types.js';
import { MAX_LINE } from '../trace/decode.js';
import { type Problem, problemAt, quote } from '../trace/problem.js';
import { type EventKind, eventKind } from '../trace/validate.js';

const requests = Object.fromEntries(
  Object.entries(schemas.request).map(([type, schema]) => [type, compiled(schema)]),
) as unknown as Readonly<Record<RequestType, z.ZodType>>;

/** A request to apply an event, by the kind of the event, so that a problem inside it is told for the kind that it is. */
const applies = Object.fromEntries(
  Object.entries({ ...schemas.event, arrival: schemas.subjectArrival }).map(([kind, event]) => {
    const { apply } = schemas.request;
    return [kind, compiled({ ...apply, properties: { ...apply.properties, event } })];
  }),
) as unknown as Readonly<Record<EventKind, z.ZodType>>;

/**
 * Answers requests until it is asked to stop or the input ends; then the subject is stopped. A request that is none, and one that the subject
 * fails at, is answered with `error`.
 * @param subject made at the first request; what it throws is told as the answer to each
 */
export async function serve(subject: () => Awaitable<Subject>, input: Readable, output: Writable): Promise<void> {
  let made: Promise<Subject> | undefined;
  const make = (): Promise<Subject> => {
    made ??= Promise.resolve().then(subject);
    return made;
  };
  try {
    for await (const line of lines(input)) {
      const { request, id, problem } = readRequest(line);
      const answer: AdapterAnswer =
        request === undefined
          ? { type: 'error', id, message: `${problem.path === '' ? '' : `${problem.path}: `}${problem.message}` }
          : await answerTo(request, make);
      output.write(`${JSON.stringify(answer)}\n`);
      if (answer.type === 'stop') return;
    }
  } finally {
    await made?.then(
      (one) => one.stop?.(),
      () => {},
    );
  }
}

async function answerTo(request: AdapterRequest, make: () => Promise<Subject>): Promise<AdapterAnswer> {
  const { type, id } = request;
  try {
    const subject = await make();
    switch (type) {
      case 'hello':
        return { type, id, protocol: PROTOCOL, capabilities: subject.capabilities };
      case 'reset': {
        const { refused = {}, uptime } = (await subject.reset(request)) ?? {};
        return {
          type,
          id,
          ...(Object.keys(refused).length === 0 ? {} : { refused }),
          ...(uptime === undefined ? {} : { uptime }),
        };
      }
      case 'apply':
        return { type, id, outcome: await subject.apply(request.event, request.at) };
      case 'observe':
        return { type, id, observation: await subject.observe() };
      case 'stop':
        return { type, id };
    }
  } catch (error) {
    return { type: 'error', id, message: error instanceof Error ? error.message : String(error) };
  }
}

/** A request, or why a line is none. */
export type ReadRequest =
  | { readonly request: AdapterRequest; readonly id: number; readonly problem?: undefined }
  | { readonly problem: Problem; readonly id: number; readonly request?: undefined };

/** Reads a line without its end. The number of what is no request is 1, where it has none. */
export function readRequest(line: Buffer): ReadRequest {
  let value: unknown;
  try {
    if (!isUtf8(line)) return { id: 1, problem: problemAt([], 'not UTF-8') };
    value = JSON.parse(line.toString());
  } catch {
    return { id: 1, problem: problemAt([], `not JSON: ${quote(line.toString())}`) };
  }
  if (!isObject(value)) return { id: 1, problem: problemAt([], `expected an object, got ${quote(value)}`) };
  const { type, id: number } = value;
  const id = typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : 1;
  const problem = validateRequest(value, type);
  return problem === undefined ? { request: value as unknown as AdapterRequest, id } : { problem, id };
}

function validateRequest(value: Readonly<Record<string, unknown>>, type: unknown): Problem | undefined {
  if (typeof type !== 'string' || !Object.hasOwn(requests, type)) {
    const known = Object.keys(requests).map(quote).join(', ');
    return problemAt(['type'], type === undefined ? 'missing' : `expected one of ${known}, got ${quote(type)}`);
  }
  if (type !== 'apply' || !isObject(value['event'])) return validate(requests[type as RequestType], value);
  const kind = eventKind(value['event']);
  return typeof kind === 'string' ? validate(applies[kind], value) : kind;
}

/** The lines of a stream, without their ends; empty ones are left out. @throws RangeError at one that is too long */
async function* lines(input: Readable): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)]);
      parts = [];
      length = 0;
      start = end + 1;
      if (line.length > 0) yield line;
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > MAX_LINE) throw new RangeError(`a line of more than ${MAX_LINE / 2 ** 20} MiB`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
