/**
 * Whether a value is a trace's header or step, as the JSON Schemas say. The schemas are compiled once; a value that fits
 * is not copied.
 */

import * as z from 'zod';
import { schemas } from '../generated/schemas.js';
import { explain, type Problem, problemAt, quote } from './problem.js';

/** A kind of event. */
export type EventKind = keyof typeof schemas.event;

const header = compiled(schemas.header);

/** A step's schema for each kind of event, so that a problem inside an event is told for the kind that it is. */
const steps = Object.fromEntries(
  Object.entries(schemas.event).map(([kind, event]) => [
    kind,
    compiled({ ...schemas.step, properties: { ...schemas.step.properties, event } }),
  ]),
) as unknown as Readonly<Record<EventKind, z.ZodType>>;

/** What keeps `value` from being the header of a trace; undefined: it is one. */
export function validateHeader(value: unknown): Problem | undefined {
  const version = isObject(value) ? value['trace'] : undefined;
  if (version !== undefined && version !== 1) {
    return problemAt(['trace'], `unknown format version ${quote(version)}: this reads version 1`);
  }
  return validate(header, value);
}

/** What keeps `value` from being a step of a trace, looked at alone; undefined: it is one. */
export function validateStep(value: unknown): Problem | undefined {
  if (!isObject(value) || !isObject(value['event'])) return validate(steps.wait, value);
  const kind = eventKind(value['event']);
  return typeof kind === 'string' ? validate(steps[kind], value) : kind;
}

const softnetHeader = compiled(schemas.softnet.header);
const measurement = compiled(schemas.softnet.measurement);

/** What keeps `value` from being the header of measurements of the packet backlog; undefined: it is one. */
export function validateSoftnetHeader(value: unknown): Problem | undefined {
  return validate(softnetHeader, value);
}

/** What keeps `value` from being a measurement of the packet backlog, looked at alone; undefined: it is one. */
export function validateMeasurement(value: unknown): Problem | undefined {
  return validate(measurement, value);
}

const workload = compiled(schemas.workload);

/** What keeps `value` from being a workload, as far as its schema says; undefined: it is one. */
export function validateWorkload(value: unknown): Problem | undefined {
  return validate(workload, value);
}

/** The kind of an event, by its key or its system call; or why it is of none. */
export function eventKind(event: Readonly<Record<string, unknown>>): EventKind | Problem {
  if (Object.hasOwn(event, 'segments')) return 'arrival';
  if (Object.hasOwn(event, 'wait')) return 'wait';
  if (Object.hasOwn(event, 'sysctl')) return 'sysctlWrite';
  if (!Object.hasOwn(event, 'syscall')) {
    return problemAt(['event'], 'expected one of the keys "segments", "wait", "sysctl" and "syscall"');
  }
  switch (event['syscall']) {
    case 'listen':
    case 'accept':
    case 'shutdown':
      return event['syscall'];
    case 'close':
      return Object.hasOwn(event, 'peer') || Object.hasOwn(event, 'linger') ? 'closeConnection' : 'closeListener';
    default:
      return problemAt(
        ['event', 'syscall'],
        `expected "listen", "accept", "close" or "shutdown", got ${quote(event['syscall'])}`,
      );
  }
}

function validate(schema: z.ZodType, value: unknown): Problem | undefined {
  if (z.validate(schema, value)) return undefined;
  const result = schema.safeParse(value);
  return result.success ? undefined : explain(result.error.issues, value);
}

function compiled(schema: object): z.ZodType {
  return z.compile(z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
