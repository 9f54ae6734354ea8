/** Whether what a subject answers has the form that the protocol's schema gives it, and nothing that the subject did not declare. */

import { schemas } from '../generated/schemas.js';
import type { Capabilities, Level, ResetAnswer, SubjectObservation, SubjectOutcome } from '../generated/types.js';
import { checkFlags } from '../trace/check.js';
import { sees } from '../trace/level.js';
import { type Problem, problemAt } from '../trace/problem.js';
import { compiled, validate } from './schema.js';

const { apply, observe, reset } = schemas.answer;
const outcomeSchema = compiled(apply.properties.outcome);
const observationSchema = compiled(observe.properties.observation);
const refusedSchema = compiled(reset.properties.refused);
const uptimeSchema = compiled(reset.properties.uptime);
const capabilitiesSchema = compiled(schemas.answer.hello.properties.capabilities);

/** What keeps `value` from being what a subject says of itself; undefined: nothing. */
export function checkCapabilities(value: unknown): Problem | undefined {
  return validate(capabilitiesSchema, value);
}

/** What keeps `value` from being a list of the settings that were refused, out of `asked`; undefined: nothing. */
export function checkRefused(
  value: ResetAnswer['refused'],
  asked: Readonly<Record<string, number>>,
): Problem | undefined {
  if (value === undefined) return undefined;
  const problem = validate(refusedSchema, value);
  if (problem !== undefined) return problem;
  const stray = Object.keys(value).find((name) => !Object.hasOwn(asked, name));
  return stray === undefined ? undefined : problemAt([stray], 'nobody asked to set it');
}

/** What keeps `value` from being for how long a subject's machine has been up; undefined: nothing. */
export function checkUptime(value: ResetAnswer['uptime']): Problem | undefined {
  const problem = value === undefined ? undefined : validate(uptimeSchema, value);
  return problem === undefined ? undefined : problemAt(['uptime'], problem.message);
}

/** What keeps `value` from being the outcome of an event for a subject with these capabilities; undefined: nothing. */
export function checkOutcome(value: SubjectOutcome, capabilities: Capabilities): Problem | undefined {
  const problem = validate(outcomeSchema, value) ?? checkTimes(value, ['at'], capabilities);
  if (problem !== undefined) return problem;
  const { out } = value;
  if (out === undefined) return undefined;
  if (!sees(capabilities, 'segments')) return undeclared('out', 'segments', capabilities);
  for (const [i, { flags, peer, ack }] of out.entries()) {
    // As a segment of a trace, of which only the flags and whether there is an acknowledgement number are looked at.
    const segment = {
      at: 0,
      peer,
      flags,
      seq: { of: 'nothing', plus: 0 } as const,
      ...(ack === undefined ? {} : { ack }),
    };
    const wrong = checkFlags(segment, ['out', i]);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** What keeps `value` from being an observation of a subject with these capabilities; undefined: nothing. */
export function checkObservation(value: SubjectObservation, capabilities: Capabilities): Problem | undefined {
  const problem = validate(observationSchema, value) ?? checkTimes(value, ['at', 'until'], capabilities);
  if (problem !== undefined) return problem;
  if (value.counters === undefined) return problemAt(['counters'], 'missing');
  const queues = sees(capabilities, 'queues');
  if (!queues && value.listener !== undefined) return undeclared('listener', 'queues', capabilities);
  const sockets = sees(capabilities, 'sockets');
  if (sockets && value.sockets === undefined) return problemAt(['sockets'], 'missing');
  if (!sockets && value.sockets !== undefined) return undeclared('sockets', 'sockets', capabilities);
  return undefined;
}

/** With a real clock the subject says when things were; with a virtual one the kit does. */
function checkTimes(
  value: SubjectOutcome | SubjectObservation,
  keys: readonly ('at' | 'until')[],
  { clock }: Capabilities,
): Problem | undefined {
  for (const key of keys) {
    const told = (value as { readonly [K in typeof key]?: number })[key] !== undefined;
    if (told && clock.kind === 'virtual') return problemAt([key], 'the clock is virtual: the kit knows the time');
    if (!told && clock.kind === 'real') return problemAt([key], 'missing: the clock is real');
  }
  return undefined;
}

function undeclared(field: string, level: Level, { observes }: Capabilities): Problem {
  return problemAt([field], `comes with the level "${level}", and the declared level is "${observes.level}"`);
}
