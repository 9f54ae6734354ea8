/** What `timeline` prints and writes, and the HTML reports of `replay` and `conform`. */

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { header, listen, syn } from '../trace/lines.js';
import { Folder, Paper } from './transcript.js';

const folder = new Folder();
const scenario = (): string =>
  folder.file('one.ndjson', [
    { trace: 1, id: 'one', sysctl: { 'net.ipv4.tcp_syncookies': 0 } },
    { event: { syscall: 'listen', backlog: 1 } },
    { event: { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] } },
    { event: { segments: [{ peer: 2, flags: ['SYN'], seq: 1000 }] } },
    { event: { wait: 4_000_000 } },
  ]);
const broken = {
  ...syn,
  observed: { ...syn.observed, listener: { state: 'LISTEN', acceptQueue: 4, maxAcceptQueue: 5 } },
};
const written = (name: string): string => readFileSync(join(folder.path, name), 'utf8');

describe('timeline', () => {
  it('plays a scenario on several kernels, and draws them below each other', async () => {
    const { status, out, err } = await folder.run('timeline', scenario(), '--kernel', '2.6.32,4.15', '--width', '60');
    expect([status, err]).toEqual([0, '']);
    expect(
      out
        .split('\n')
        .filter((line) => /^Linux|full|dropped|again/.test(line))
        .map((line) => line.replaceAll(/ {2,}/g, '  ')),
    ).toEqual([
      'Linux 2.6.32: one',
      'SYN queue  █ young  ░ older  ╌ full at 16 ↑',
      'accept queue  ╌ full at 2',
      'SYN-ACK again T │  T  T 2',
      'Linux 4.15: one',
      'SYN queue  █ young  ░ older  ╌ full at 1',
      'accept queue  ╌ full at 2',
      '  SYN dropped S │S  1',
      'SYN-ACK again T │  T  T  2',
    ]);
  });

  it('draws a trace as it was recorded, also from standard input, and JSON for others', async () => {
    const trace = folder.file('small.ndjson', [header, listen, syn]);
    const { status, out } = await folder.run('timeline', trace, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({
      kernel: '4.15',
      title: 'small',
      from: 10,
      until: 60,
      samples: [
        { at: 10, synQueue: 0, young: 0, acceptQueue: 0, synLimit: 5, acceptLimit: 6 },
        { at: 42.5, synQueue: 1, young: 1, acceptQueue: 0, synLimit: 5, acceptLimit: 6 },
      ],
      marks: [],
    });
    const piped = await folder.shell('tcp-backlog run one.ndjson | tcp-backlog timeline - --json');
    expect(JSON.parse(piped.out)).toMatchObject({ kernel: '4.15', title: 'one', until: 4_000_000 });
  });

  it('draws only the trace that a line is in', async () => {
    const two = folder.file('two.ndjson', [header, listen, { ...header, id: 'second' }, listen, syn]);
    const titles = async (...args: string[]): Promise<string[]> => {
      const { out } = await folder.run('timeline', ...args, '--json');
      return out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).title);
    };
    expect(await titles(two)).toEqual(['small', 'second']);
    expect(await titles(`${two}:2`)).toEqual(['small']);
    expect(await titles(`${two}:5`, `${two}:1`)).toEqual(['second', 'small']);
    const { status, err } = await folder.run('timeline', `${two}:9`);
    expect([status, err]).toEqual([2, 'two.ndjson: no trace on line 9\n']);
  });

  it('writes one picture of all', async () => {
    const svg = join(folder.path, 'all.svg');
    const { status, out } = await folder.run(
      'timeline',
      scenario(),
      '--kernel',
      '2.6.32,7.2',
      '--svg',
      svg,
      '--width',
      '500',
    );
    expect([status, out]).toEqual([0, '']);
    expect(written('all.svg')).toMatch(/^<svg .* width="500"/);
    expect(written('all.svg')).toMatch(/>Linux 2\.6\.32<[\s\S]*>Linux 7\.2</);
  });

  it('prints a sequence diagram as Markdown', async () => {
    const { status, out } = await folder.run('timeline', scenario(), '--mermaid', '--peer', '2');
    expect(status).toBe(0);
    expect(out).toMatch(
      /^```mermaid\nsequenceDiagram\n[\s\S]*C->>K: 0\.000000 s {2}SYN, seq 1000\n[\s\S]*syn-queue-full\n```\n$/,
    );
    const missing = await folder.run('timeline', scenario(), '--mermaid', '--peer', '9');
    expect([missing.status, missing.err]).toEqual([
      2,
      'tcp-backlog: one.ndjson:1: no segment is from peer 9; there are 2 peers: 1, 2\n',
    ]);
  });

  it('ends where a trace violates, with status 1', async () => {
    const { status, out, err } = await folder.run(
      'timeline',
      folder.file('bad.ndjson', [header, listen, broken]),
      '--json',
    );
    expect([status, err]).toEqual([1, 'bad.ndjson:1: small violates 4.15; its timeline ends there\n']);
    expect(JSON.parse(out)).toMatchObject({ until: 40, samples: [{ acceptQueue: 0 }] });
  });

  it.each([
    [['--peer', '1'], '--peer and --mermaid belong together'],
    [['--mermaid'], '--peer and --mermaid belong together'],
    [['--mermaid', '--peer', '1', '--json'], '--mermaid prints a diagram, and neither SVG nor JSON'],
    [['--width', '20'], '--width 20: at least 40'],
    [['--kernel', '4.15,9.9'], 'no such kernel: "9.9" (there are 2.6.32, 4.15, 5.10, 6.1, 6.12, 7.2)'],
    [
      ['--svg', '/nowhere/x.svg'],
      "cannot write /nowhere/x.svg: ENOENT: no such file or directory, open '/nowhere/x.svg'",
    ],
  ])('refuses %j', async (args, message) => {
    const { status, err } = await folder.run('timeline', scenario(), ...args);
    expect([status, err]).toEqual([2, `tcp-backlog: ${message}\n`]);
  });

  it('tells what is wrong with a file, and draws the other traces', async () => {
    const mixed = folder.file('mixed.ndjson', [header, listen, '{"event":', { ...header, id: 'fine' }, listen]);
    const { status, out, err } = await folder.run('timeline', mixed, '--json');
    expect(status).toBe(2);
    expect(err).toMatch(/^mixed\.ndjson:3: /);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).title),
    ).toEqual(['fine']);
    const none = await folder.run('timeline', folder.file('none.ndjson', []));
    expect([none.status, none.err]).toEqual([2, 'none.ndjson: no trace and no scenario in it\n']);
  });

  it('colours the letters of marks where a terminal shows them, and not with --no-color', async () => {
    const drawn = async (...args: string[]): Promise<string> => {
      const paper = new Paper(true);
      await folder.runOn(paper, new Paper(), [...args, 'timeline', scenario()]);
      return paper.text;
    };
    expect(await drawn('--color')).toContain('\u001b[31mS');
    expect(await drawn('--no-color')).not.toContain('\u001b');
  });
});

describe('--html', () => {
  it('of replay has every trace, and failures with their explanation and timeline', async () => {
    const traces = folder.file('some.ndjson', [
      ...[{ ...header, id: 'fine' }, listen, syn],
      ...[{ ...header, id: '<script>' }, listen, broken],
    ]);
    const plain = await folder.run('replay', traces);
    const { status, out } = await folder.run('replay', traces, '--html', join(folder.path, 'replay.html'));
    expect([status, out]).toEqual([1, plain.out]);
    const page = written('replay.html');
    expect(page).toContain('some.ndjson: 1 conforms, 1 violates, 0 undecided, 0 invalid (4 steps)');
    expect(page).toMatch(
      /<h3 .*&lt;script&gt; <span class="soft">on 4\.15: violates[\s\S]*violates {2}the specification of 4\.15 in observed\.listener\.acceptQueue/,
    );
    expect(page.match(/<svg /g)?.length).toBe(2);
    expect(page).not.toContain('<script');
  });

  it('of conform has every case, and failures with their timeline', async () => {
    const python = resolve(import.meta.dirname, '../../examples/python/listener.py');
    const html = join(folder.path, 'conform.html');
    const args = ['--kernel', '2.6.32', '--run', 'golden/accept-*', '--html', html, '--', 'python3', python];
    const { status } = await folder.run('conform', ...args);
    expect(status).toBe(1);
    const page = written('conform.html');
    expect(page).toMatch(/<h3 id="r\d+-name">.*golden\/accept-.*on 2\.6\.32: failed/);
    expect(page).toContain('rule tcp_v4_conn_request/');
    expect(page).toMatch(/<svg [\s\S]*Linux 2\.6\.32/);
    expect(page.match(/<th scope="row">/g)?.length).toBeGreaterThan(8);
  });

  it('is refused at once where it cannot be written', async () => {
    const { status, out, err } = await folder.run('replay', scenario(), '--html', '/nowhere/x.html');
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain('cannot write /nowhere/x.html');
    expect(existsSync('/nowhere')).toBe(false);
  });
});
