/** The schemas are the one source: what is generated from them is fresh, and what checks at run time agrees with ajv. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateHeader, validateMeasurement, validateSoftnetHeader, validateStep } from '../../src/trace/validate.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
for (const name of readdirSync('spec/schema')) ajv.addSchema(json(`spec/schema/${name}`) as object);

const schema = (name: string): ValidateFunction => ajv.getSchema(`${name}.schema.json`) as ValidateFunction;

const lines = ['linux-2.6.32', 'linux-4.15'].flatMap((kernel) =>
  ['named', 'random'].flatMap((name) => unpacked(`fixtures/${kernel}/${name}.ndjson.gz`)),
);
const measurements = ['linux-2.6.32', 'linux-4.15'].flatMap((kernel) =>
  unpacked(`fixtures/softnet/${kernel}.ndjson.gz`),
);

function json(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}

function unpacked(path: string): string[] {
  return gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');
}

/** Both answers to whether the line is valid; they have to be the same. */
function answers(value: Json): { ajv: boolean; zod: boolean } {
  if (typeof value === 'object' && value !== null) {
    if (Object.hasOwn(value, 'softnet'))
      return { ajv: schema('softnet')(value), zod: validateSoftnetHeader(value) === undefined };
    if (Object.hasOwn(value, 'netdev_budget'))
      return { ajv: schema('softnet')(value), zod: validateMeasurement(value) === undefined };
  }
  const isHeader = typeof value === 'object' && value !== null && Object.hasOwn(value, 'trace');
  return isHeader
    ? { ajv: schema('trace')(value), zod: validateHeader(value) === undefined }
    : { ajv: schema('step')(value), zod: validateStep(value) === undefined };
}

describe('the schemas', () => {
  it('are those that src/generated was made from', () => {
    expect(() =>
      execFileSync(process.execPath, ['--import', 'tsx', 'scripts/generate.ts', '--check'], { stdio: 'pipe' }),
    ).not.toThrow();
  });

  it.each(readdirSync('spec/schema'))('%s describes every field', (name) => {
    const undescribed: string[] = [];
    const walk = (node: Json, path: string): void => {
      if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
      const { properties = {}, $defs = {} } = node as {
        properties?: Record<string, Json>;
        $defs?: Record<string, Json>;
      };
      for (const [key, value] of [...Object.entries(properties), ...Object.entries($defs)]) {
        if (!Object.hasOwn(value as object, 'description')) undescribed.push(`${path}.${key}`);
        walk(value, `${path}.${key}`);
      }
      if (node['type'] === 'object') expect(node['additionalProperties'], path).toBeDefined();
    };
    walk(json(`spec/schema/${name}`), '$');
    expect(undescribed).toEqual([]);
  });

  it.each(readdirSync('spec/kernels'))('fit %s', (name) => {
    const validate = schema('kernel');
    validate(json(`spec/kernels/${name}`));
    expect(validate.errors).toBeNull();
  });

  it('fit the rules', () => {
    const validate = schema('rules');
    validate(json('spec/rules.json'));
    expect(validate.errors).toBeNull();
  });
});

describe('ajv and zod', () => {
  it('accept every recorded line', () => {
    const refused = [...lines, ...measurements].filter((line) => {
      const { ajv, zod } = answers(JSON.parse(line) as Json);
      return !ajv || !zod;
    });
    expect(refused).toEqual([]);
  });

  it('agree on corrupted lines', () => {
    const runs = Number(process.env['RUNS'] ?? 20_000);
    let refused = 0;
    const corrupted = fc
      .tuple(
        fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...lines) }, fc.constantFrom(...measurements)),
        fc.nat(),
        fc.nat(),
        fc.constantFrom(...corruptions),
      )
      .map(([line, object, key, corrupt]) => {
        const root = JSON.parse(line) as Json;
        const objects = containers(root);
        const container = objects[object % objects.length] as Json[] | { [key: string]: Json };
        const keys = Object.keys(container);
        corrupt(container as { [key: string]: Json }, keys[key % Math.max(1, keys.length)] ?? '0');
        return root;
      });
    fc.assert(
      fc.property(corrupted, (value) => {
        const { ajv, zod } = answers(value);
        expect(zod).toBe(ajv);
        if (!zod) refused++;
      }),
      { numRuns: runs, seed: Number(process.env['SEED'] ?? 1) },
    );
    expect(refused).toBeGreaterThan(runs / 2);
  });
});

/** Every object and array inside, the value itself first. */
function containers(value: Json): Json[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(containers)];
}

type Corruption = (container: { [key: string]: Json }, key: string) => void;

function set(value: Json): Corruption {
  return (container, key) => {
    container[key] = value;
  };
}

function add(name: string, value: Json): Corruption {
  return (container) => Object.defineProperty(container, name, { value, enumerable: true, writable: true });
}

const corruptions: readonly Corruption[] = [
  (container, key) => {
    if (Array.isArray(container)) container.splice(Number(key), 1);
    else delete container[key];
  },
  (container, key) => {
    if (Array.isArray(container)) container.push(container[Number(key)] ?? 0);
    else container[`${key}2`] = container[key] ?? 0;
  },
  ...[null, true, false, '', 'x', 'SYN', 'E2', 'EAGAIN', 'LISTEN', 'listen', [], {}, [[]], [{}]].map((value) =>
    set(value as Json),
  ),
  ...[0, 1, -1, 0.5, 24, 255, 256, 65495, 65496, 1200, 1201].map(set),
  ...[
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 32 - 1,
    2 ** 32,
    1e12,
    1e12 + 1,
    2 ** 53,
    1e300,
    Number.POSITIVE_INFINITY,
  ].map(set),
  ...['extra', '__proto__', 'constructor', 'net.x.y', 'InSegs', 'peer', 'segments', 'wait', 'faults', 'broadcast'].map(
    (name) => add(name, 1),
  ),
  add('__proto__', {}),
  add('result', 0),
  add('accepted', 3),
  add('setupErrors', { bind: 'EADDRINUSE' }),
  add('faults', ['get_port']),
  add('broadcast', true),
  add('event', { wait: 5 }),
  add('syscall', 'close'),
];
