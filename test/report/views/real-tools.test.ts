/** The views beside the real thing: the tools read the files that the views print, and the kernel that runs here prints files of its own. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import type { Moment } from '../../../src/report/views/moment.js';
import { netstat } from '../../../src/report/views/netstat.js';
import { netstatS } from '../../../src/report/views/netstat-s.js';
import { nstat } from '../../../src/report/views/nstat.js';
import { snmp } from '../../../src/report/views/snmp.js';
import { ssListening, ssSynRecv } from '../../../src/report/views/ss.js';
import { tcp } from '../../../src/report/views/tcp.js';
import { everyCounter, flood, machine, overflow } from './machines.js';

const folder = mkdtempSync(join(tmpdir(), 'tcp-backlog-views-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with these lines. */
function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

/** What a command prints, as lines; the test is skipped where it can't be run. */
function run(
  context: TestContext,
  command: readonly [string, ...string[]],
  env: Record<string, string> = {},
): string[] {
  const [program, ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', ...env },
  });
  if (error !== undefined) context.skip(`${program} cannot be run: ${error.message}`);
  if (status !== 0 && program === 'unshare')
    context.skip(`namespaces of its own are not to be had here: ${stderr.trim()}`);
  expect(status, stderr).toBe(0);
  return stdout.split('\n').slice(0, -1);
}

/** Skips the test unless the tool is the one whose words or layout the view has. */
function needs(context: TestContext, command: readonly [string, ...string[]], version: RegExp): void {
  const said = run(context, command).join(' ');
  if (!version.test(said)) context.skip(`the view follows ${version.source}, and here is ${said.slice(0, 60)}`);
}

/** Runs a shell script with `args` in namespaces of its own, as their root. */
const apart = (script: string, ...args: string[]): [string, ...string[]] => [
  'unshare',
  '-r',
  '-m',
  '-n',
  'sh',
  '-c',
  script,
  'sh',
  ...args,
];

describe('netstat -s', () => {
  for (const [what, moment] of moments('4.15')) {
    it(`of net-tools makes the same of what 4.15 shows after ${what}`, (context) => {
      needs(context, ['netstat', '--version'], /net-tools 2\.10/);
      const script =
        'mount -t tmpfs none /proc && mkdir /proc/net && cp "$1/snmp" "$1/netstat" /proc/net && netstat -s';
      file('snmp', snmp(moment));
      file('netstat', netstat(moment));
      expect(run(context, apart(script, folder))).toEqual(netstatS(moment));
    });
  }
});

describe.each(['2.6.32', '4.15'])('the tools of iproute2 on the files of %s', (name) => {
  for (const [what, moment] of moments(name)) {
    it(`print the same counters after ${what}`, (context) => {
      const env = {
        PROC_NET_SNMP: file('snmp', snmp(moment)),
        PROC_NET_NETSTAT: file('netstat', netstat(moment)),
        PROC_NET_SNMP6: '/dev/null',
        PROC_NET_SCTP_SNMP: '/dev/null',
      };
      expect(run(context, ['nstat', '-as'], env)).toEqual(nstat(moment));
    });

    it(`print the same sockets after ${what}`, (context) => {
      needs(context, ['ss', '-V'], /iproute2-6\./);
      const env = { PROC_NET_TCP: file('tcp', tcp(moment)), PROC_NET_TCP6: '/dev/null' };
      expect(run(context, ['ss', '-nt', 'state', 'syn-recv'], env)).toEqual(ssSynRecv(moment));
      // The limit of the accept queue is not in the file: ss gets it from the kernel itself.
      const withoutLimit = ssListening(moment).map((line) => line.replace(/^(LISTEN \d+ +)\d /, '$10 '));
      expect(run(context, ['ss', '-lnt'], env)).toEqual(withoutLimit);
    });
  }
});

function moments(name: string): [string, Moment][] {
  return [
    ['everything was counted', everyCounter(name)],
    ['an overflow', overflow(name)],
    ['a SYN flood', flood(name)],
  ];
}

/** A server on port 80 that accepts one connection, and prints what the kernel shows of it. */
const SERVER = `
const net = require('node:net'), fs = require('node:fs'), { spawnSync } = require('node:child_process');
const server = net.createServer();
server.listen({ port: 80, host: '0.0.0.0', backlog: 7 }, () => {
  const [proc, ss] = [fs.readFileSync('/proc/net/tcp', 'utf8'), spawnSync('ss', ['-lnt'], { encoding: 'utf8' }).stdout];
  const client = net.connect(80, '127.0.0.1');
  client.on('error', (error) => { console.error(error.message); process.exit(1); });
  server.on('connection', () => {
    console.log(JSON.stringify({ proc, ss, connected: fs.readFileSync('/proc/net/tcp', 'utf8') }));
    process.exit(0);
  });
});
`;

interface Live {
  readonly proc: string;
  readonly ss: string;
  readonly connected: string;
}

function live(context: TestContext): Live {
  needs(context, ['ip', '-V'], /iproute2/);
  const script = 'ip link set lo up && exec "$1" "$2"';
  return JSON.parse(run(context, apart(script, process.execPath, file('server.cjs', [SERVER]))).join('')) as Live;
}

const lines = (text: string): string[] => text.split('\n').slice(0, -1);

describe('the kernel that runs here', () => {
  const listening = machine('4.15', [{ syscall: 'listen', backlog: 7 }]);

  it('prints the header and the listener of /proc/net/tcp as 4.15 does, but for the inode and the address', (context) => {
    const masked = (line: string): string => line.replace(/ \d+ 1 [0-9a-f]{16} /, ' inode 1 address ').trimEnd();
    const real = lines(live(context).proc);
    const shown = tcp(listening);
    expect(real.map(masked)).toEqual(shown.map(masked));
    expect(real.map(({ length }) => length)).toEqual(shown.map(({ length }) => length));
  });

  it('prints a connection with the widths and columns of 4.15', (context) => {
    const { connected } = live(context);
    const [real = ''] = lines(connected).filter((line) => /^ +\d+: \w+:0050 \w+:\w+ 01/.test(line));
    const [shown = ''] = tcp(overflow('4.15')).filter((line) => /^ +\d+: \w+:0050 \w+:\w+ 01/.test(line));
    const inode = shown.indexOf(' 10002 ');
    const shape = (line: string): string => line.slice(0, inode).replace(/[0-9A-F]/g, 'x');
    expect(shape(real)).toBe(shape(shown));
    const kind = (word: string): string =>
      /^[0-9a-f]{16}$/.test(word) ? 'address' : word.replace(/^-?\d+$/, 'number');
    const free = (line: string): string[] => line.slice(inode).trim().split(' ').map(kind);
    expect(free(real)).toEqual(free(shown));
    expect(real.length).toBe(shown.length);
  });

  it('has ss print a listener as the view of 4.15 does, with its limit', (context) => {
    needs(context, ['ss', '-V'], /iproute2-6\./);
    expect(lines(live(context).ss)).toEqual(ssListening(listening));
  });

  it('has the columns of 4.15 in the same order, but for some that came or went', (context) => {
    if (process.platform !== 'linux') context.skip('it is no Linux');
    const names = (text: string, prefix: string): string[] =>
      text
        .split('\n')
        .find((line) => line.startsWith(`${prefix}: `))
        ?.split(' ')
        .slice(1) ?? [];
    const [tcpHere, extHere] = [
      names(readFileSync('/proc/net/snmp', 'utf8'), 'Tcp'),
      names(readFileSync('/proc/net/netstat', 'utf8'), 'TcpExt'),
    ];
    const moment = everyCounter('4.15');
    expect(tcpHere).toEqual(names(snmp(moment).join('\n'), 'Tcp'));
    const ext = names(netstat(moment).join('\n'), 'TcpExt');
    const both = ext.filter((name) => extHere.includes(name));
    expect(extHere.filter((name) => both.includes(name))).toEqual(both);
    expect(both.length).toBeGreaterThan(100);
  });
});
