/** Input that is no trace: one clear message with file, line and path, status 2, and every other trace is judged. */

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { header, listen, syn, synAck } from '../trace/lines.js';
import { Folder, ndjson } from './transcript.js';

const folder = new Folder();
const good = [header, listen, syn];
const good2 = [{ ...header, id: 'next' }, listen, syn];

const withObserved = (fields: object): object => ({ ...syn, observed: { ...syn.observed, ...fields } });
const text = (step: object, from: string, to: string): string => JSON.stringify(step).replace(from, to);

describe('replay of a file with something bad on line 6, between two good traces', () => {
  const start = [...good, { ...header, id: 'bad' }, listen];
  it.each<[string, unknown, string]>([
    ['not JSON', '{"at":40,', 'not JSON: it ends too early'],
    ['not JSON either', '{"at":40,}', 'not JSON at column 10'],
    ['no object', '[1]', '$: expected an object, got an array'],
    ['invalid UTF-8', 'INVALID', 'not UTF-8'],
    ['a line of 17 MB', `"${'x'.repeat(17 << 20)}"`, 'a line of more than 16 MiB'],
    ['an unknown field', { ...syn, color: 'red' }, '$.color: unknown field'],
    [
      'an unknown field far inside',
      withObserved({ listener: { ...syn.observed.listener, mood: 1 } }),
      '$.observed.listener.mood: unknown field',
    ],
    ['__proto__ as a key', text(syn, '{', '{"__proto__":{"at":40},'), '$["__proto__"]: unknown field'],
    ['__proto__ in place of a field', text(syn, '"at":40', '"__proto__":{"at":40}'), '$.at: missing'],
    ['a missing field', { ...syn, observed: undefined }, '$.observed: missing'],
    ['a missing field far inside', withObserved({ until: undefined }), '$.observed.until: missing'],
    ['a wrong type', { ...syn, at: '40' }, '$.at: expected an integer, got "40"'],
    ['a wrong type far inside', withObserved({ sockets: 3 }), '$.observed.sockets: expected an array, got 3'],
    [
      'an unknown flag',
      text(syn, '"ACK"', '"URG"'),
      '$.out[0].flags[1]: expected "SYN", "ACK", "PSH", "RST" or "FIN", got "URG"',
    ],
    ['a fraction', { ...syn, at: 40.5 }, '$.at: expected an integer, got 40.5'],
    ['a number below the range', { ...syn, at: -1 }, '$.at: expected at least 0, got -1'],
    [
      'a number above the range',
      { ...syn, event: { segments: [{ peer: 7, flags: ['SYN'], seq: 2 ** 32 }] } },
      '$.event.segments[0].seq: expected at most 4294967295, got 4294967296',
    ],
    ['NaN', text(syn, '"at":40', '"at":NaN'), 'not JSON'],
    ['1e999', text(syn, '"at":40', '"at":1e999'), '$.at: expected an integer, got a number out of range'],
    ['time that goes back', { ...syn, at: 29 }, '$.at: time goes back: 29 is before the end of the step before (30)'],
    [
      'time that goes back in a step',
      withObserved({ until: 49 }),
      '$.observed.until: time goes back: 49 is before $.observed.at (50)',
    ],
    [
      'a peer that does not exist',
      { ...syn, out: [{ ...synAck, peer: 8 }] },
      '$.out[0].peer: no such peer: nothing has arrived from 8 in this trace',
    ],
    [
      'an ACK without number',
      { ...syn, event: { segments: [{ peer: 7, flags: ['ACK'], seq: 1 }] } },
      '$.event.segments[0].ack: missing: the flag ACK is set',
    ],
  ])('%s', async (_, line, message) => {
    const bytes = ndjson([...start, line, syn, ...good2]);
    const at = bytes.indexOf('INVALID');
    if (at >= 0) bytes.fill(0xff, at, at + 7);
    const { status, out, err } = await folder.run('replay', '--json', folder.file('bad.ndjson', bytes));
    expect(err).toBe(`bad.ndjson:6: ${message}\n`);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((json) => JSON.parse(json)),
    ).toEqual([
      { id: 'small', kernel: '4.15', verdict: 'conforms', steps: 2 },
      { id: 'bad', kernel: '4.15', verdict: 'invalid', steps: 1, line: 6, message },
      { id: 'next', kernel: '4.15', verdict: 'conforms', steps: 2 },
      { summary: { conforms: 2, violates: 0, undecided: 0, invalid: 1 } },
    ]);
    expect(status).toBe(2);
  });
});

describe('replay of a file with a bad header on line 4, between two good traces', () => {
  it.each<[string, object, string]>([
    ['an unknown format version', { ...header, trace: 2 }, '$.trace: unknown format version 2: this reads version 1'],
    [
      'a version that is no number',
      { ...header, trace: '1' },
      '$.trace: unknown format version "1": this reads version 1',
    ],
    ['a missing field', { ...header, kernel: undefined }, '$.kernel: missing'],
    [
      'an unknown kernel',
      { ...header, kernel: { ...header.kernel, variant: '3.10' } },
      '$.kernel.variant: unknown kernel variant "3.10"',
    ],
  ])('%s', async (_, line, message) => {
    const { status, out, err } = await folder.run(
      'replay',
      folder.file('bad.ndjson', [...good, line, listen, ...good2]),
    );
    expect(err).toBe(`bad.ndjson:4: ${message}\n`);
    expect(out).toMatch(/^bad\.ndjson: 2 conform, 0 violate, 0 undecided, 1 invalid /);
    expect(status).toBe(2);
  });
});

describe('replay of a file that is', () => {
  const packed = gzipSync(readFileSync('fixtures/linux-4.15/named.ndjson.gz').subarray(0, 4000));
  const files: [string, () => string, string][] = [
    ['missing', () => 'missing.ndjson', ': no such file'],
    ['missing and compressed', () => 'missing.ndjson.gz', ': no such file'],
    ['a directory', () => folder.path, ': it is a directory'],
    [
      'a step before any header',
      () => folder.file('step.ndjson', [listen, ...good]),
      ':1: $: a step before any header (a line with the key "trace")',
    ],
    ['empty', () => folder.file('empty.ndjson', []), ': no trace in it'],
    [
      'not compressed, whatever its name says',
      () => folder.file('plain.ndjson.gz', ndjson(good)),
      ': not gzip data, or damaged',
    ],
    ['cut off', () => folder.file('cut.ndjson.gz', packed.subarray(0, 100)), ': the compressed data ends too early'],
  ];
  it.each(files)('%s: says so, and judges the others', async (_, make, message) => {
    const name = make();
    const { status, out, err } = await folder.run(
      'replay',
      folder.file('a.ndjson', good),
      name,
      folder.file('b.ndjson', good2),
    );
    expect(err).toBe(`${name}${message}\n`);
    expect(out).toMatch(/^a\.ndjson: 1 conforms,/);
    expect(out).toMatch(/\nb\.ndjson: 1 conforms,/);
    expect(status).toBe(2);
  });

  it('cut off: judges what came before', async () => {
    const whole = gzipSync(
      ndjson(Array.from({ length: 2000 }, (_, i) => [{ ...header, id: `t${i}` }, listen, syn]).flat()),
    );
    const name = folder.file('half.ndjson.gz', whole.subarray(0, whole.length / 2));
    const { status, out, err } = await folder.run('replay', name);
    expect(err).toMatch(/^half\.ndjson\.gz:\d+: the compressed data ends too early\n$/);
    expect(Number(/: (\d+) conform/.exec(out)?.[1])).toBeGreaterThan(500);
    expect(status).toBe(2);
  });
});

describe('the other commands, given something bad', () => {
  const bad = (): string =>
    folder.file('bad.ndjson', [...good, { ...header, id: 'bad' }, listen, { ...syn, at: -1 }, ...good2]);

  it('explain tells the other traces', async () => {
    const { status, out, err } = await folder.run('explain', bad());
    expect(err).toBe('bad.ndjson:6: $.at: expected at least 0, got -1\n');
    expect(out).toContain('small: linux 4.15.11');
    expect(out).toContain('next: linux 4.15.11');
    expect(status).toBe(2);
  });

  it('explain of a step in a good trace does not mind', async () => {
    expect(await folder.run('explain', `${bad()}:9`)).toMatchObject({ status: 0, err: '' });
  });

  it.each([
    ['6', 'bad.ndjson:6: $.at: expected at least 0, got -1'],
    ['4', 'bad.ndjson:4: a header, not a step; the whole trace: tcp-backlog explain bad.ndjson --id bad'],
    ['99', 'bad.ndjson:99: no step; the last one is on line 9'],
    ['0', 'bad.ndjson:0: no step'],
  ])('explain of line %s says what is there', async (line, message) => {
    expect(await folder.run('explain', `${bad()}:${line}`)).toEqual({
      status: 2,
      out: '',
      err: `tcp-backlog: ${message}\n`,
    });
  });

  it.each([
    ['missing.ndjson:3', 'missing.ndjson: no such file'],
    ['missing.ndjson', 'missing.ndjson: no such file'],
  ])('explain of %s', async (name, message) => {
    const { status, out, err } = await folder.run('explain', name);
    expect({ status, out, err: err.replace('tcp-backlog: ', '') }).toEqual({ status: 2, out: '', err: `${message}\n` });
  });

  it('explain of an id that is nowhere', async () => {
    const name = folder.file('good.ndjson', good);
    expect(await folder.run('explain', name, '--id', 'nobody')).toEqual({
      status: 2,
      out: '',
      err: 'tcp-backlog: good.ndjson: no trace has the id "nobody"\n',
    });
  });

  it('run plays the other scenarios', async () => {
    const { status, out, err } = await folder.run('run', bad());
    expect(err).toBe('bad.ndjson:6: $.at: expected at least 0, got -1\n');
    expect(out.match(/"id":"\w+"/g)).toEqual(['"id":"small"', '"id":"next"']);
    expect(status).toBe(2);
  });

  it.each<[string, readonly unknown[], string]>([
    ['not JSON', ['{"event":}'], ':1: not JSON'],
    ['no event', [{ at: 3 }], ':1: $.event: missing'],
    [
      'an unknown event',
      [{ event: { jump: 1 } }],
      ':1: $.event: expected one of the keys "segments", "wait", "sysctl" and "syscall"',
    ],
    [
      'waits that are too long together',
      [{ event: { wait: 9e11 } }, { event: { wait: 2e11 } }],
      ':2: $.event.wait: the waits add up to more than 1000000000000 microseconds',
    ],
    [
      'an unknown kernel',
      [{ trace: 1, kernel: { ...header.kernel, variant: '3.10' } }],
      ':1: $.kernel.variant: unknown kernel variant "3.10"',
    ],
    ['nothing', [], ': no scenario in it'],
  ])('run of a scenario with %s', async (_, lines, message) => {
    const transcript = await folder.run('run', folder.file('scenario.ndjson', lines));
    expect(transcript).toEqual({ status: 2, out: '', err: `scenario.ndjson${message}\n` });
  });

  it('run of a missing file', async () => {
    expect(await folder.run('run', 'missing.ndjson')).toEqual({
      status: 2,
      out: '',
      err: 'missing.ndjson: no such file\n',
    });
  });
});
