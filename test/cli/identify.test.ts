/** `identify` as a command: of files and of programs. */

import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EVERY_KERNEL } from '../../properties/kernels.js';
import { header, listen, syn } from '../trace/lines.js';
import { Folder } from './transcript.js';

const ROOT = resolve(import.meta.dirname, '../..');
const TSX = import.meta.resolve('tsx');
const EXAMPLE = join(ROOT, 'examples/typescript/model-subject.ts');

const folder = new Folder();

describe('identify, of traces', () => {
  it('tells the kernel of each trace, and of all', async () => {
    const file = 'fixtures/model/linux-4.15.ndjson';
    const { status, out, err } = await folder.run('identify', file);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain(`${file}:1: model-shutdown-write: ${EVERY_KERNEL.join(', ')}\n`);
    expect(out).toMatch(
      /\n2\.6\.32 {2}explains \d+, rejects \d+ \(\d+ steps explained\)\n {2}model-[\w-]+, line \d+: .*\n4\.15 {4}explains \d+, rejects 0 /,
    );
    expect(out.trimEnd().split('\n').at(-1)).toBe('It behaves like 4.15.');
  });

  it('says none of files of two kernels, and fails', async () => {
    const files = ['4.15', '2.6.32'].map((name) => `fixtures/model/linux-${name}.ndjson`);
    const { status, out } = await folder.run('identify', ...files);
    expect(status).toBe(1);
    expect(out).toContain('\nNo kernel explains all of it, though each scenario is explained by one; the nearest is ');
  });

  it('tells what each kernel would have done in a trace that is of none', async () => {
    const file = folder.file('none.ndjson', [header, listen, { ...syn, out: [] }]);
    const { status, out } = await folder.run('identify', file);
    expect(status).toBe(1);
    expect(out).toMatch(
      /^none\.ndjson:1: .*: none \(2\.6\.32: line 3: .*; 4\.15: line 3: .*; 5\.10: .*; 6\.1: .*; 6\.12: .*; 7\.2: .*\)\n/,
    );
    expect(out).toContain('It behaves like none of them (1 of 1 have no explanation); the nearest is ');
  });

  it('prints JSON', async () => {
    const { out } = await folder.run('identify', '--json', folder.file('one.ndjson', [header, listen]));
    const [trace, result] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(trace).toMatchObject({ line: 1, explainedBy: EVERY_KERNEL });
    expect(result).toMatchObject({ identification: { verdict: 'several', traces: 1, unexplained: 0 } });
  });

  it('goes on after what is no trace, and says so', async () => {
    const { status, out, err } = await folder.run('identify', folder.file('bad.ndjson', ['nonsense', header, listen]));
    expect(status).toBe(2);
    expect(err).toBe('bad.ndjson:1: not JSON\n');
    expect(out).toContain('1 scenario\n');
    const missing = await folder.run('identify', 'missing.ndjson');
    expect(missing).toMatchObject({ status: 2, err: 'missing.ndjson: no such file\n' });
  });

  it('wants something to look at', async () => {
    const { status, err } = await folder.run('identify');
    expect({ status, err }).toEqual({
      status: 2,
      err: 'tcp-backlog: expected files with traces, or -- and a command\n',
    });
  });
});

describe('identify, of a program', () => {
  it.each(['2.6.32', '4.15'])('knows the model of %s', { timeout: 120_000 }, async (name) => {
    const command = ['--', process.execPath, '--import', TSX, EXAMPLE, name];
    const { status, out, err } = await folder.run('identify', '--runs', '1', ...command);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.trimEnd().split('\n').at(-1)).toBe(`It behaves like ${name}.`);
    expect(out).toMatch(/\n {2}(diff-[\w.-]+|[\w.-]+), line \d+: /);
  });

  it('fails with status 3 when the program does', async () => {
    const { status, out, err } = await folder.run('identify', '--', process.execPath, '-e', 'process.exit(7)');
    expect({ status, out }).toEqual({ status: 3, out: '' });
    expect(err).toMatch(/^tcp-backlog: the subject ended with status 7 /);
  });
});
