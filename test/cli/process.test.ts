/** The command as a process: pipes, standard input, signals. Each run costs half a second, so there are few. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { header, listen, syn } from '../trace/lines.js';
import { Folder } from './transcript.js';

const folder = new Folder();
folder.file('good.ndjson', [header, listen, syn]);
folder.file('scenario.ndjson', [
  { event: { syscall: 'listen', backlog: 1 } },
  { event: { segments: [{ peer: 1, flags: ['SYN'], seq: 100 }] } },
  { event: { wait: 70_000_000 } },
]);

describe('standard input and output', { concurrent: true }, () => {
  it('run … | replay - judges what was played', async () => {
    expect(await folder.shell('tcp-backlog run scenario.ndjson | tcp-backlog replay -')).toEqual({
      status: 0,
      out: '-: 1 conforms, 0 violate, 0 undecided, 0 invalid (3 steps)\n',
      err: '',
    });
  });

  it('run - and explain - read them too', async () => {
    const { status, out } = await folder.shell('tcp-backlog run - < scenario.ndjson | tcp-backlog explain -- -:4');
    expect(out).toContain('\n-:4  at 0.000000 s  nothing arrives for 70.000000 s\n');
    expect(status).toBe(0);
  });

  it('standard input that is closed has no trace in it', async () => {
    expect(await folder.shell('tcp-backlog replay - <&-')).toMatchObject({ status: 2, err: '-: no trace in it\n' });
  });

  it('standard input that breaks off is invalid from there on', async () => {
    const { status, err } = await folder.shell('(cat good.ndjson; head -c 30 good.ndjson) | tcp-backlog replay -');
    expect(err).toBe('-:4: not JSON: it ends too early\n');
    expect(status).toBe(2);
  });

  it('a line of 100 MB is refused, and takes no memory', async () => {
    const long = "(cat good.ndjson; head -c 100000000 /dev/zero | tr '\\0' x; echo; cat good.ndjson)";
    const { status, out, err } = await folder.shell(
      `export NODE_OPTIONS=--max-old-space-size=64; ${long} | tcp-backlog replay -`,
    );
    expect(err).toBe('-:4: a line of more than 16 MiB\n');
    expect(out).toBe('-: 1 conforms, 0 violate, 0 undecided, 1 invalid (4 steps)\n');
    expect(status).toBe(2);
  });

  it('a reader that has seen enough ends it without a word', async () => {
    const many = '(for i in $(seq 5000); do cat scenario.ndjson; done)';
    const { out, err } = await folder.shell(`${many} > many.ndjson; tcp-backlog run many.ndjson | head -1`);
    expect(out).toMatch(/^\{"trace":1,/);
    expect(err).toBe('');
  });

  it('a full disk is not our fault', async () => {
    const { status, err } = await folder.shell('tcp-backlog replay good.ndjson > /dev/full');
    expect(err).toBe('tcp-backlog: cannot write: ENOSPC: no space left on device, write\n');
    expect(status).toBe(3);
  });
});

describe('signals', { concurrent: true }, () => {
  it.each([
    ['INT', 130],
    ['TERM', 143],
  ])('SIG%s ends it with status %i', async (signal, status) => {
    // Only the command gets the signal: its input does not end.
    const command = `'${process.execPath}' --import '${import.meta.resolve('tsx')}' '${import.meta.dirname}/../../src/cli/main.ts'`;
    const transcript = await folder.shell(
      `set -m; mkfifo in-${signal}; exec 9<>in-${signal}; ${command} replay - <in-${signal} >told-${signal} 2>&1 9>&- & pid=$!
       sleep 2; kill -${signal} $pid; wait $pid`,
    );
    expect(transcript.status).toBe(status);
    expect(readFileSync(join(folder.path, `told-${signal}`), 'utf8')).toBe('');
  });
});
