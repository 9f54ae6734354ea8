/** Relation: whatever bytes are read, they are a trace or an error with a place. */

import * as fc from 'fast-check';
import { RecordJudge } from '../../src/judge/judge-trace.js';
import { traceStep } from '../../src/run/scenario.js';
import { TraceDecoder, type TraceRecord } from '../../src/trace/decode.js';
import { parseScenarios } from '../../src/trace/scenario.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { anyPlayed, optionsOf, type Played } from './values.js';

/** What is done to a line of a trace. */
type Damage =
  | { readonly kind: 'drop' | 'repeat' | 'swap' | 'cut' | 'blank'; readonly at: number }
  | { readonly kind: 'overwrite'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'value'; readonly at: number; readonly to: unknown };

interface Input {
  readonly played: Played;
  readonly damages: readonly Damage[];
  /** Bytes that come before the trace. */
  readonly before: Uint8Array;
  /** Where the bytes are cut into chunks, as they might come from a pipe. */
  readonly chunk: number;
}

const at = fc.nat();

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('drop' as const, 'repeat' as const, 'swap' as const, 'cut' as const, 'blank' as const),
    at,
  }),
  fc.record({ kind: fc.constant('overwrite' as const), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) }),
  fc.record({
    kind: fc.constant('value' as const),
    at,
    to: fc.oneof(
      fc.jsonValue({ maxDepth: 1 }),
      fc.constantFrom<unknown>(-1, 2 ** 32, 2 ** 53, 1e300, 0.5, '', 'SYN', null, [], {}, '__proto__', {
        __proto__: 1,
      }),
    ),
  }),
);

/** The text with the value of one field, wherever it is, replaced. */
function withValue(line: string, where: number, to: unknown): string {
  const values = [...line.matchAll(/:(?:-?\d+|"[^"]*"|true|false|null|\[\]|\{\})/g)];
  if (values.length === 0) return JSON.stringify(to);
  const { index, 0: found } = values[where % values.length] as RegExpMatchArray & { index: number };
  return `${line.slice(0, index)}:${JSON.stringify(to)}${line.slice(index + found.length)}`;
}

function damaged(lines: readonly Buffer[], one: Damage): Buffer[] {
  const result = [...lines];
  if (result.length === 0) return result;
  const place = one.at % result.length;
  const line = result[place] as Buffer;
  const offset = Math.floor(one.at / result.length) % Math.max(line.length, 1);
  switch (one.kind) {
    case 'drop':
      result.splice(place, 1);
      break;
    case 'repeat':
      result.splice(place, 0, line);
      break;
    case 'swap':
      result.push(...result.splice(place, 1));
      break;
    case 'cut':
      result[place] = line.subarray(0, offset);
      break;
    case 'blank':
      result.splice(place, 0, Buffer.from(one.at % 2 === 0 ? '' : '\r'));
      break;
    case 'overwrite':
      result[place] = Buffer.concat([line.subarray(0, offset), one.bytes, line.subarray(offset + one.bytes.length)]);
      break;
    case 'value':
      result[place] = Buffer.from(withValue(line.toString(), offset, one.to));
  }
  return result;
}

/** What a reader makes of bytes that come in chunks of this length. */
function read(bytes: Buffer, chunk: number): TraceRecord[] {
  const decoder = new TraceDecoder();
  const records: TraceRecord[] = [];
  for (let from = 0; from < bytes.length; from += chunk)
    records.push(...decoder.decode(bytes.subarray(from, from + chunk)));
  return [...records, ...decoder.end()];
}

/** What is wrong with records as such; undefined: nothing. */
function unplaced(records: readonly TraceRecord[], lines: number): string | undefined {
  let before = 0;
  for (const record of records) {
    if (record.line <= before || record.line > lines)
      return `line ${record.line} of ${lines} comes after line ${before}`;
    before = record.line;
    if (record.kind !== 'invalid') continue;
    if (!/^[\x20-\x7e]+$/.test(record.message))
      return `the message of line ${record.line} is ${JSON.stringify(record.message)}`;
    if (!/^(\$[\x20-\x7e]*)?$/.test(record.path))
      return `the path in line ${record.line} is ${JSON.stringify(record.path)}`;
  }
  return undefined;
}

/** Runs `act`, which is not to throw, whatever it is given. */
function calm<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    expectThat(false, () => `${what} throws ${String(error)}`);
    throw error;
  }
}

export const anyInput = property<Input>({
  id: 'any-input',
  sentence:
    'Any bytes are a trace, or an error with a line, a JSON path and a message, in whatever pieces they come; nothing is thrown by who reads, judges or plays them.',
  kernels: EVERY_KERNEL,
  rules: [],
  runs: 500,
  arbitrary: ({ kernel }) =>
    fc.record({
      played: anyPlayed(kernel, []),
      damages: fc.array(damage, { maxLength: 4 }),
      before: fc.oneof({ weight: 3, arbitrary: fc.constant(new Uint8Array()) }, fc.uint8Array({ maxLength: 40 })),
      chunk: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 100, max: 100_000 })),
    }),
  check({ played, damages, before, chunk }, bench) {
    const { header, steps } = bench.play(played, optionsOf(played));
    const sound = [header, ...steps.map(traceStep)].map((line) => Buffer.from(JSON.stringify(line)));
    const lines = damages.reduce(damaged, sound);
    const bytes = Buffer.concat([
      Buffer.from(before),
      ...lines.map((line) => Buffer.concat([line, Buffer.from('\n')])),
    ]);
    const count = bytes.toString('latin1').split('\n').length;

    const records = calm('reading', () => read(bytes, bytes.length + 1));
    const wrong = unplaced(records, count);
    expectThat(wrong === undefined, () => `${wrong}`);
    const inPieces = JSON.stringify(read(bytes, chunk)) === JSON.stringify(records);
    expectThat(inPieces, () => `read in pieces of ${chunk} bytes it is something else`);
    const untouched = damages.length === 0 && before.length === 0;
    const valid = records.length === sound.length && records.every(({ kind }) => kind !== 'invalid');
    expectThat(!untouched || valid, () => 'a trace of the model is not valid');

    const judge = new RecordJudge();
    const reports = calm('judging', () => [...records.flatMap((record) => judge.take(record)), ...judge.end()]);
    const headers = records.filter(({ kind }) => kind === 'header').length;
    expectThat(reports.length >= headers, () => `${headers} traces have ${reports.length} reports`);
    calm('reading scenarios', () => parseScenarios(bytes.toString(), bench.kernel.name));
  },
  scenarios: () => [],
});
