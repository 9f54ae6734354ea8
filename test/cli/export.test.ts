/** `export`: which traces go where, and what is said of input that is none. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../export/pcapng-file.js';
import { header, listen, syn } from '../trace/lines.js';
import { Folder, ndjson, Paper } from './transcript.js';

const folder = new Folder();
const small = folder.file('small.ndjson', [header, listen, syn]);
const two = folder.file('two.ndjson', [header, listen, syn, { ...header, id: 'next' }, listen]);
const at = (name: string): string => join(folder.path, name);

describe('export of one trace', () => {
  it('prints a script for packetdrill', async () => {
    const { status, out, err } = await folder.run('export', small, '--to', 'packetdrill');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('\n// small: linux 4.15.11, HZ=1000, by tcp-backlog export.\n');
    expect(out).toContain(' < S 100:100(0) win 65535 <mss 1460>\n');
    expect(out.endsWith('\n')).toBe(true);
  });

  it('prints states for Apalache as a line of JSON', async () => {
    const { status, out, err } = await folder.run('export', small, '--to', 'itf');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out).states).toHaveLength(3);
  });

  it('prints the lengths of the queues as rows', async () => {
    const { status, out, err } = await folder.run('export', small, '--to', 'csv');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const rows = out.split('\r\n').map((row) => row.split(',').slice(1, 6).join(','));
    expect(rows[0]).toBe('syn_queue,young,accept_queue,syn_limit,accept_limit');
    expect(rows).toContain('1,1,0,5,6');
  });

  it('writes a capture to a file, with the rules of what it judged', async () => {
    const { status, out, err } = await folder.run('export', small, '--to', 'pcapng', '-o', at('small.pcapng'));
    expect({ status, out, err }).toEqual({ status: 0, out: '', err: '' });
    const { packets } = readCapture(readFileSync(at('small.pcapng')));
    expect(packets.map(({ time }) => time)).toEqual([40n, 45n]);
    expect(String(packets[0]?.options.get(1)?.[0])).toMatch(/^\w+\/[\w-]+: .*\.$/m);
  });

  it('keeps the bytes of a capture on their way through standard output, and does not show them on a terminal', async () => {
    const written = await folder.shell(`tcp-backlog export ${small} --to pcapng > piped.pcapng`);
    expect(written).toMatchObject({ status: 0, err: '' });
    await folder.run('export', small, '--to', 'pcapng', '-o', at('again.pcapng'));
    expect(readFileSync(at('piped.pcapng'))).toEqual(readFileSync(at('again.pcapng')));
    const stderr = new Paper();
    expect(await folder.runOn(new Paper(true), stderr, ['export', small, '--to', 'pcapng'])).toMatchObject({
      status: 2,
      out: '',
      err: 'tcp-backlog: a capture is bytes, and no terminal shows them: say where it goes with -o FILE\n',
    });
  });

  it('reads compressed files, and standard input', async () => {
    const packed = folder.file('packed.ndjson.gz', gzipSync(ndjson([header, listen, syn])));
    const plain = await folder.run('export', small, '--to', 'csv');
    expect(await folder.run('export', packed, '--to', 'csv')).toEqual(plain);
    expect(await folder.shell(`tcp-backlog export - --to csv < ${small}`)).toEqual(plain);
  });

  it('takes the trace that a line is in', async () => {
    const { status, out } = await folder.run('export', `${two}:5`, '--to', 'packetdrill');
    expect(status).toBe(0);
    expect(out).toContain('// next: ');
    expect(await folder.run('export', `${two}:6`, '--to', 'csv')).toEqual({
      status: 2,
      out: '',
      err: 'tcp-backlog: two.ndjson:6: no step; the last one is on line 5\n',
    });
  });

  it('says from which line on a script leaves the trace out', async () => {
    const lone = { segments: [{ peer: 7, flags: ['SYN'], seq: 100, broadcast: true }] };
    const file = folder.file('broadcast.ndjson', [header, listen, { ...syn, event: lone, out: [] }]);
    expect(await folder.run('export', file, '--to', 'packetdrill')).toMatchObject({
      status: 0,
      err: 'broadcast.ndjson:1: small: left out from line 3 on: packetdrill sends nothing to a broadcast address.\n',
    });
  });
});

describe('export of several traces', () => {
  it.each(['packetdrill', 'itf', 'csv'])('to %s needs a folder', async (format) => {
    const { status, out, err } = await folder.run('export', two, '--to', format);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toBe(
      'tcp-backlog: there are several traces: choose one with FILE:LINE, or a folder for them with -o FOLDER/\n',
    );
  });

  it('makes a file of each in a folder, and tells traces of one name apart', async () => {
    const { status, out, err } = await folder.run('export', two, small, '--to', 'itf', '-o', `${at('states')}/`);
    expect({ status, out, err }).toEqual({ status: 0, out: '', err: '' });
    expect(readdirSync(at('states')).sort()).toEqual(['next.itf.json', 'small-2.itf.json', 'small.itf.json']);
    const names = folder.file('names.ndjson', [{ ...header, id: '../a b/c' }, listen, { ...header, id: '..' }, listen]);
    mkdirSync(at('there'));
    await folder.run('export', names, '--to', 'csv', '-o', at('there'));
    expect(readdirSync(at('there')).sort()).toEqual(['_..csv', '_._a_b_c.csv']);
  });

  it('makes one capture of all, a section each', async () => {
    expect(await folder.run('export', two, '--to', 'pcapng', '-o', at('two.pcapng'))).toMatchObject({
      status: 0,
      err: '',
    });
    expect(readCapture(readFileSync(at('two.pcapng'))).sections).toHaveLength(2);
  });
});

describe('export of something else', () => {
  it('says what is wrong with a step, and exports the other traces', async () => {
    const bad = folder.file('bad.ndjson', [{ ...header, id: 'bad' }, listen, { ...syn, at: -1 }, header, listen, syn]);
    const { status, out, err } = await folder.run('export', bad, '--to', 'itf');
    expect({ status, err }).toEqual({ status: 2, err: 'bad.ndjson:3: $.at: expected at least 0, got -1\n' });
    expect(JSON.parse(out)['#meta'].description).toMatch(/^small: /);
  });

  it.each(['csv', 'pcapng'])('says to %s that a kernel is unknown', async (format) => {
    const kernel = { ...header.kernel, variant: '9.9' };
    const file = folder.file('unknown.ndjson', [{ ...header, kernel }, listen]);
    expect(await folder.run('export', file, '--to', format, '-o', at('unknown'))).toEqual({
      status: 2,
      out: '',
      err: 'unknown.ndjson:1: $.kernel.variant: unknown kernel variant "9.9"\n',
    });
    expect(existsSync(at('unknown'))).toBe(false);
  });

  it('gives the rows up to where a trace violates the specification, with status 1', async () => {
    const wrong = { ...syn, observed: { ...syn.observed, counters: {} } };
    const { status, out, err } = await folder.run(
      'export',
      folder.file('wrong.ndjson', [header, listen, wrong]),
      '--to',
      'csv',
    );
    expect({ status, err }).toEqual({
      status: 1,
      err: 'wrong.ndjson:1: small: violates the specification on line 3, where its rows end\n',
    });
    expect(out.split('\r\n').length).toBeGreaterThan(1);
  });

  it.each<[string, string[], RegExp]>([
    ['a file that is not there', ['none.ndjson', '--to', 'csv'], /^none\.ndjson: no such file\n$/],
    ['an empty file', [folder.file('empty.ndjson', []), '--to', 'csv'], /^empty\.ndjson: no trace in it\n$/],
    [
      'an unknown format',
      [small, '--to', 'xml'],
      /'xml' is invalid\. Allowed choices are packetdrill, pcapng, itf, csv/,
    ],
    ['no format', [small], /required option '--to <format>' not specified/],
    ['no file', ['--to', 'csv'], /missing required argument/],
  ])('answers %s with status 2', async (_, args, message) => {
    const { status, out, err } = await folder.run('export', ...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(message);
  });

  it('says where it cannot write', async () => {
    writeFileSync(at('file'), '');
    const { status, err } = await folder.run('export', small, '--to', 'csv', '-o', `${at('file')}/`);
    expect(status).toBe(2);
    expect(err).toMatch(/^tcp-backlog: cannot write file\/small\.csv: E/);
  });
});
