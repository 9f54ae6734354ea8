/** Answers of the protocol: what they are checked with at run time agrees with the schema that is published. */

import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RequestType, validateAnswer } from '../../src/conformance/messages.js';

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
for (const name of readdirSync('spec/schema')) {
  ajv.addSchema(JSON.parse(readFileSync(`spec/schema/${name}`, 'utf8')) as object);
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Answer = { type: string; id: number; [key: string]: Json };

const REAL = { kind: 'real', tolerance: { timer: 1000, next: 100 }, longest: 60_000_000 };
const HELLO: Answer = {
  type: 'hello',
  id: 7,
  protocol: 1,
  capabilities: {
    name: 'n',
    version: '1.0',
    observes: { level: 'counters', counters: ['ListenDrops'] },
    clock: { kind: 'virtual' },
    hz: 100,
    release: '4.15.11',
    features: ['segments', 'data'],
    sysctls: ['net.core.somaxconn'],
    sockopts: ['TCP_SYNCNT'],
    peers: 9,
  },
};
const SENT = { at: 5, peer: 1, flags: ['SYN', 'ACK'], seq: 4_294_967_295, ack: 0, len: 1 };
const ROW = { peer: 1, state: 'SYN_RECV', retransmits: 2, accepted: false };
const LISTENER = { state: 'LISTEN', acceptQueue: 0, maxAcceptQueue: 128 };

const ANSWERS: readonly Answer[] = [
  HELLO,
  { ...HELLO, capabilities: { ...(HELLO['capabilities'] as object), clock: REAL } },
  { type: 'reset', id: 7, refused: { 'net.core.somaxconn': 'EINVAL' }, uptime: 300_000_000 },
  { type: 'apply', id: 7, outcome: { result: 0, accepted: 4 } },
  { type: 'apply', id: 7, outcome: { at: 1, result: 'EAGAIN', setupErrors: { bind: 'EADDRINUSE' }, out: [SENT] } },
  {
    type: 'observe',
    id: 7,
    observation: { at: 1, until: 2, counters: { InSegs: 1 }, listener: LISTENER, sockets: [ROW] },
  },
  { type: 'stop', id: 7 },
  { type: 'error', id: 7, message: 'why' },
];

/** Values that a field may be wrong with. */
const WRONG: readonly Json[] = [
  null,
  true,
  '',
  'EINVAL',
  'x y',
  -1,
  0,
  1,
  1.5,
  2 ** 53,
  [],
  {},
  [1],
  ['SYN', 'SYN'],
  { a: 1 },
  REAL,
];

/** All places in a value, as paths of keys. */
function places(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => places(item, [...path, key]))];
}

/** A copy that has `change` done to it where the path leads; undefined removes. */
function changed(value: Json, path: readonly (string | number)[], instead: Json | undefined): Json {
  const [key, ...rest] = path;
  if (key === undefined) return instead ?? null;
  const copy: Json = Array.isArray(value) ? [...value] : { ...(value as { [key: string]: Json }) };
  const holder = copy as { [key: string]: Json };
  if (rest.length > 0) holder[key] = changed(holder[key] as Json, rest, instead);
  else if (instead !== undefined) holder[key] = instead;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete holder[key];
  return copy;
}

/** Whether it is the answer, by the schema, to a request of that type with the number 7. */
function published(value: Json, type: string): boolean {
  const answer = value as Answer;
  return (
    ajv.validate('adapter.schema.json#/$defs/answer', value) && answer.id === 7 && ['error', type].includes(answer.type)
  );
}

describe('an answer', () => {
  it.each(ANSWERS)('of the type $type is taken', (answer) => {
    const type = (answer.type === 'error' ? 'apply' : answer.type) as RequestType;
    expect(validateAnswer(answer, type, 7)).toBeUndefined();
    expect(published(answer, type)).toBe(true);
  });

  it('is taken exactly when the schema takes it, whatever is changed in it', () => {
    let taken = 0;
    const mutated = fc.constantFrom(...ANSWERS).chain((answer) =>
      fc.record({
        answer: fc.constant(answer),
        path: fc.constantFrom(...places(answer).slice(1)),
        instead: fc.option(fc.constantFrom(...WRONG), { nil: undefined }),
        extra: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(mutated, ({ answer, path, instead, extra }) => {
        const value = changed(answer, extra ? [...path.slice(0, -1), 'extra'] : path, instead);
        const type = (answer.type === 'error' ? 'apply' : answer.type) as RequestType;
        const problem = validateAnswer(value, type, 7);
        if (problem === undefined) taken += 1;
        else expect(problem.path).toMatch(/^\$/);
        expect(problem === undefined, JSON.stringify({ value, problem })).toBe(published(value, type));
      }),
      { seed: 1, numRuns: 5000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it.each([
    [
      { ...HELLO, capabilities: { ...(HELLO['capabilities'] as object), clock: { kind: 'sundial' } } },
      '$.capabilities.clock.kind: expected "virtual" or "real", got "sundial"',
    ],
    [
      { ...HELLO, capabilities: { ...(HELLO['capabilities'] as object), clock: { kind: 'real', longest: 1 } } },
      '$.capabilities.clock.tolerance: missing',
    ],
    [
      { ...HELLO, capabilities: { ...(HELLO['capabilities'] as object), clock: {} } },
      '$.capabilities.clock.kind: missing',
    ],
    [
      { ...HELLO, capabilities: { ...(HELLO['capabilities'] as object), features: ['flying'] } },
      '$.capabilities.features[0]: expected "segments", ',
    ],
    [{ type: 'hello', id: 7, protocol: 1 }, '$.capabilities: missing'],
  ])('that is none is told where: %#', (answer, message) => {
    const problem = validateAnswer(answer, 'hello', 7);
    expect(`${problem?.path}: ${problem?.message}`).toContain(message);
  });
});
