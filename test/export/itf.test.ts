import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itf } from '../../src/export/itf.js';
import { goldenTraces } from '../support/recordings.js';
import { CHANCE, traces } from './generated.js';

/** What ADR 015 of Apalache says of a trace. */
const SCHEMA = {
  $defs: {
    value: {
      anyOf: [
        { type: 'boolean' },
        { type: 'string' },
        {
          type: 'object',
          properties: { '#bigint': { type: 'string', pattern: '^-?(0|[1-9][0-9]*)$' } },
          required: ['#bigint'],
          additionalProperties: false,
        },
        { type: 'array', items: { $ref: '#/$defs/value' } },
        {
          type: 'object',
          properties: { '#tup': { type: 'array', items: { $ref: '#/$defs/value' } } },
          required: ['#tup'],
          additionalProperties: false,
        },
        {
          type: 'object',
          properties: { '#set': { type: 'array', items: { $ref: '#/$defs/value' }, uniqueItems: true } },
          required: ['#set'],
          additionalProperties: false,
        },
        {
          type: 'object',
          properties: {
            '#map': {
              type: 'array',
              items: { type: 'array', items: { $ref: '#/$defs/value' }, minItems: 2, maxItems: 2 },
            },
          },
          required: ['#map'],
          additionalProperties: false,
        },
        { type: 'object', propertyNames: { not: { pattern: '^#' } }, additionalProperties: { $ref: '#/$defs/value' } },
      ],
    },
  },
  type: 'object',
  properties: {
    '#meta': { type: 'object', properties: { format: { const: 'ITF' } }, required: ['format'] },
    params: { type: 'array', items: { type: 'string' } },
    vars: { type: 'array', items: { type: 'string' }, uniqueItems: true, minItems: 1 },
    loop: { type: 'integer' },
    states: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: { '#meta': { type: 'object', properties: { index: { type: 'integer' } } } },
        additionalProperties: { $ref: '#/$defs/value' },
      },
    },
  },
  required: ['#meta', 'vars', 'states'],
  additionalProperties: false,
};

const validate = new Ajv2020({ allErrors: false, strict: false }).compile(SCHEMA);

/** An ITF value as a JavaScript one, read apart from what writes it: maps as objects, variants without a value as their tag. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Record<string, unknown>;
  if ('#bigint' in fields) return Number(fields['#bigint']);
  if ('#set' in fields) return (fields['#set'] as unknown[]).map(plain);
  if ('#tup' in fields) return undefined;
  if ('#map' in fields)
    return Object.fromEntries((fields['#map'] as [string, unknown][]).map(([k, v]) => [k, plain(v)]));
  if (fields['tag'] === 'None') return undefined;
  if (fields['tag'] === 'Some') return plain(fields['value']);
  return Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, plain(v)]));
}

describe('a trace in ITF', () => {
  it('is one by the schema of the format, for any trace', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const made = JSON.parse(JSON.stringify(itf(trace)));
        expect(validate(made), JSON.stringify(validate.errors)).toBe(true);
        for (const state of made.states) {
          expect(Object.keys(state).filter((key) => key !== '#meta')).toEqual(made.vars);
        }
      }),
      CHANCE,
    );
    expect(validate({ '#meta': { format: 'ITF' }, vars: ['x'], states: [{ x: 1 }] })).toBe(false);
  });

  it('has the numbers of the trace', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const [first, ...states] = (JSON.parse(JSON.stringify(itf(trace))) as { states: unknown[] }).states.map(plain);
        expect(first).toMatchObject({ time: 0, counters: {}, sent: [] });
        expect(states).toHaveLength(trace.steps.length);
        const counters: Record<string, number> = {};
        trace.steps.forEach(({ at, out, observed, event }, i) => {
          for (const [name, by] of Object.entries(observed.counters)) counters[name] = (counters[name] ?? 0) + by;
          const { listener, sockets } = observed;
          expect(states[i]).toMatchObject({
            time: at,
            counters,
            synQueue: sockets?.filter((row) => row.state === 'SYN_RECV').length,
            sockets: sockets?.map(({ peer, state, retransmits, accepted }) => ({ peer, state, retransmits, accepted })),
            acceptQueue: listener && {
              state: listener.state,
              length: listener.acceptQueue,
              limit: listener.maxAcceptQueue,
            },
            sent: out.map(({ at: time, peer, flags, ack, len = 0, seq }) => ({
              time,
              peer,
              flags,
              ack,
              len,
              seq: { tag: seq.of === 'synack' ? 'SynAck' : 'Absolute', value: seq.plus },
            })),
          });
          if ('segments' in event) {
            const segments = event.segments.map(({ peer, seq, flags }) => ({ peer, seq, flags }));
            expect(states[i]).toMatchObject({ event: { tag: 'Segments', value: { segments } } });
          }
        });
      }),
      CHANCE,
    );
  });

  it('says what a call gave', () => {
    const accepts = goldenTraces('linux-4.15', 'named').find(({ header }) => header.id === 'accept-is-fifo');
    if (accepts === undefined) throw new Error('no such trace');
    const results = itf(accepts)
      .states.slice(1)
      .map(({ result }) => plain(result));
    accepts.steps.forEach(({ result, accepted }, i) => {
      const expected =
        accepted !== undefined
          ? { tag: 'Accepted', value: accepted }
          : result === 0
            ? { tag: 'Ok', value: undefined }
            : result && { tag: 'Errno', value: result };
      expect(results[i]).toEqual(expected);
    });
    expect(accepts.steps.some(({ accepted }) => accepted !== undefined)).toBe(true);
  });
});
