import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { TraceRecord } from '../../src/trace/decode.js';
import { describeInvalid, readTraces } from '../../src/trace/read.js';
import { decode, file, header, listen, summary, syn } from './lines.js';

const folder = mkdtempSync(join(tmpdir(), 'tcp-backlog-'));
afterAll(() => rmSync(folder, { recursive: true }));

const named = 'fixtures/linux-4.15/named.ndjson.gz';

/** A file with these bytes. */
function written(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function read(source: string | AsyncIterable<Uint8Array>): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  for await (const record of readTraces(source)) records.push(record);
  return records;
}

describe('readTraces', () => {
  const bytes = file(header, listen, syn);
  const all = ['header 1', 'step 2', 'step 3'];

  it('reads a file', async () => {
    expect(summary(await read(written('good.ndjson', bytes)))).toEqual(all);
  });

  it('unpacks a file whose name ends in .gz', async () => {
    expect(summary(await read(written('good.ndjson.gz', gzipSync(bytes))))).toEqual(all);
  });

  it('unpacks several members in one file', async () => {
    const members = Buffer.concat([gzipSync(bytes), gzipSync(bytes)]);
    expect(summary(await read(written('members.gz', members)))).toHaveLength(6);
  });

  it('reads bytes from elsewhere', async () => {
    const chunks = (async function* () {
      yield new Uint8Array(bytes.subarray(0, 100));
      yield new Uint8Array(bytes.subarray(100));
    })();
    expect(summary(await read(chunks))).toEqual(all);
  });

  it('finds nothing in an empty file', async () => {
    expect(await read(written('empty.ndjson', Buffer.alloc(0)))).toEqual([]);
  });

  it('passes on what went wrong elsewhere', async () => {
    const broken = (async function* () {
      yield bytes;
      throw new Error('elsewhere');
    })();
    await expect(read(broken)).rejects.toThrow('elsewhere');
  });
});

describe('a file that cannot be read', () => {
  it.each<[string, string, string]>([
    ['missing', join(folder, 'none'), 'no such file'],
    ['missing and compressed', join(folder, 'none.gz'), 'no such file'],
    ['a directory', folder, 'it is a directory'],
    ['not compressed', written('plain.gz', Buffer.from('hello')), 'not gzip data, or damaged'],
    ['empty and compressed', written('empty.gz', Buffer.alloc(0)), 'the compressed data ends too early'],
  ])('%s: says so', async (_, path, message) => {
    const records = await read(path);
    expect(records).toEqual([{ kind: 'invalid', line: 0, path: '', message }]);
    expect(describeInvalid('the/file', records[0] as TraceRecord & { kind: 'invalid' })).toBe(`the/file: ${message}`);
  });

  it('truncated: every line before the end comes first', async () => {
    const packed = readFileSync(named);
    const whole = decode(gunzipSync(packed));
    const records = await read(written('truncated.gz', packed.subarray(0, 60_000)));
    const last = records.at(-1);
    expect(last).toMatchObject({ kind: 'invalid', message: 'the compressed data ends too early' });
    expect(records.length).toBeGreaterThan(1000);
    expect(records.slice(0, -1)).toEqual(whole.slice(0, records.length - 1));
  });

  it('damaged: the lines before the damage come first, always the same', async () => {
    const packed = Buffer.from(readFileSync(named));
    packed.fill(0xff, 60_000, 60_100);
    const path = written('damaged.gz', packed);
    const records = await read(path);
    expect(records.at(-1)).toMatchObject({ kind: 'invalid', message: 'not gzip data, or damaged' });
    expect(records.length).toBeGreaterThan(1000);
    expect(await read(path)).toEqual(records);
  });
});

describe('describeInvalid', () => {
  it('gives file, line and path', () => {
    const invalid = { kind: 'invalid', line: 3, path: '$.at', message: 'missing' } as const;
    expect(describeInvalid('a.ndjson', invalid)).toBe('a.ndjson:3: $.at: missing');
    expect(describeInvalid('a.ndjson', { ...invalid, path: '' })).toBe('a.ndjson:3: missing');
  });
});

describe('the recordings that ship', () => {
  it.each([
    ['linux-2.6.32', 1320],
    ['linux-4.15', 1320],
    ['linux-2.6.32.69', 970],
  ])('of %s are %i well-formed traces', async (kernel, traces) => {
    const records = [
      ...(await read(`fixtures/${kernel}/named.ndjson.gz`)),
      ...(await read(`fixtures/${kernel}/random.ndjson.gz`)),
    ];
    expect(records.filter(({ kind }) => kind === 'invalid')).toEqual([]);
    expect(records.filter(({ kind }) => kind === 'header')).toHaveLength(traces);
  });
});

describe('standard input', () => {
  const script = `
    import { readTraces } from './src/trace/read.ts';
    for await (const record of readTraces('-')) console.log(record.kind, record.line, record.message ?? '');`;
  const fed = (input: Buffer | undefined): string[] =>
    spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      encoding: 'utf8',
      ...(input === undefined ? { stdio: ['ignore', 'pipe', 'inherit'] } : { input }),
    })
      .stdout.trimEnd()
      .split('\n');

  it('is read to its end', () => {
    expect(fed(file(header, listen))).toEqual(['header 1 ', 'step 2']);
  });

  it('may close in the middle of a line', () => {
    expect(fed(file(header, listen).subarray(0, -20))).toEqual(['header 1 ', 'invalid 2 not JSON: it ends too early']);
  });

  it('may be closed from the start', () => {
    expect(fed(undefined)).toEqual(['']);
  });
});
