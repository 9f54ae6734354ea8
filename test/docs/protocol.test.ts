/** The session that the document of the protocol shows is one that really took place, and every line of it is a message. */

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8');
const SCHEMAS = join(ROOT, 'spec/schema');

const session = /^```\n(>[\s\S]*?)^```$/m.exec(DOCUMENT)?.[1] ?? '';
const lines = session.trimEnd().split('\n');
const requests = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
const answers = lines.filter((line) => line.startsWith('< ')).map((line) => line.slice(2));

const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
for (const name of readdirSync(SCHEMAS)) ajv.addSchema(JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8')) as object);

/** What the command that the document names answers to the requests. */
async function replayed(): Promise<{ out: string; status: number | null }> {
  const [, script = '', kernel = ''] = /`node --import tsx (\S+\.ts) (\S+)`/.exec(DOCUMENT) ?? [];
  const child = spawn(process.execPath, ['--import', 'tsx', script, kernel], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stdin.end(requests.map((line) => `${line}\n`).join(''));
  const status = await new Promise<number | null>((ended) => child.on('close', ended));
  return { out, status };
}

describe('the session in docs/protocol.md', () => {
  it('has requests and answers in turn, from hello to stop', () => {
    expect(lines.map((line) => line.slice(0, 2))).toEqual(requests.flatMap(() => ['> ', '< ']));
    const types = requests.map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types[0]).toBe('hello');
    expect(types.at(-1)).toBe('stop');
    expect(new Set(types)).toEqual(new Set(['hello', 'reset', 'apply', 'observe', 'stop']));
  });

  it('is what the example answers, to the letter', async () => {
    expect(await replayed()).toEqual({ out: answers.map((line) => `${line}\n`).join(''), status: 0 });
  });

  it.each([...requests.map((line) => ['request', line] as const), ...answers.map((line) => ['answer', line] as const)])(
    'has a %s that fits the schema: %.60s',
    (kind, line) => {
      for (const pointer of ['', `#/$defs/${kind}`]) {
        const validate = ajv.getSchema(`adapter.schema.json${pointer}`);
        expect(validate?.(JSON.parse(line)), JSON.stringify(validate?.errors)).toBe(true);
      }
    },
  );
});

describe('the document of the protocol', () => {
  const definition = (name: string): { properties?: object; enum?: string[] } =>
    (JSON.parse(readFileSync(join(SCHEMAS, 'adapter.schema.json'), 'utf8')) as { $defs: Record<string, object> }).$defs[
      name
    ] ?? {};

  it.each(
    [
      'hello',
      'capabilities',
      'realClock',
      'reset',
      'resetAnswer',
      'apply',
      'outcome',
      'observation',
      'segment',
      'sent',
    ].map((name) => [name, Object.keys(definition(name).properties ?? {})] as const),
  )('names every field of %s', (_, fields) => {
    expect(fields.length).toBeGreaterThan(0);
    expect(fields.filter((field) => !new RegExp(`[\`"]${field}["\`]`).test(DOCUMENT))).toEqual([]);
  });

  it('explains every feature', () => {
    const table = /## Features\n([\s\S]*?)\n## /.exec(DOCUMENT)?.[1] ?? '';
    expect([...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)).toEqual(definition('feature').enum);
  });
});
