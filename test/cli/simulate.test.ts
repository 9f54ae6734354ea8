/** `simulate` at work. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FoundBacklog } from '../../src/simulate/find-backlog.js';
import type { WorkloadResult } from '../../src/simulate/result.js';
import { Folder, Paper } from './transcript.js';

const folder = new Folder();

const parsed = <T>(out: string): T[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

function scenario(name: string, value: unknown): string {
  const file = join(folder.path, name);
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return file;
}

/** What a table says in a row, by column. */
const row = (out: string, label: string): string[] => {
  const line = out.split('\n').find((one) => one.trim().startsWith(label)) ?? '';
  return line.trim().slice(label.length).trim().split(/ {2,}/);
};

describe('simulate', () => {
  it('sets kernels side by side, and tells for each what began when', async () => {
    const { status, out, err } = await folder.run(
      ...['simulate', '--kernel', '2.6.32,4.15', '--backlog', '3', '--sysctl', 'net.ipv4.tcp_syncookies=0'],
      ...['--arrivals', 'burst', '--clients', '3', '--pause', '0s-', '--rtt', '1ms', '--until', '200s'],
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(row(out, 'clients')).toEqual(['3', '3']);
    expect(row(out, 'with the first SYN')).toEqual(['3 (100 %)', '3 (100 %)']);
    expect(row(out, 'wait in the accept queue')).toEqual(['3 (100 %)', '3 (100 %)']);
    expect(row(out, 'until connected')).toEqual(['1 ms, 1 ms, 1 ms, 1 ms', '1 ms, 1 ms, 1 ms, 1 ms']);
    expect(row(out, 'SYN queue')).toEqual(['3 of 16', '3 of 3']);
    expect(row(out, 'accept queue')).toEqual(['3 of 4', '3 of 4']);
    expect(row(out, 'PassiveOpens')).toEqual(['3', '3']);
    expect(out).toContain('\nLinux 2.6.32\n  nothing was dropped, repeated or reset\n');
  });

  it('reads a workload, and the options change it', async () => {
    const file = 'examples/workloads/sleeping-server.json';
    const [told] = parsed<WorkloadResult>((await folder.run('simulate', '--scenario', file, '--json')).out);
    expect(told).toMatchObject({ kernel: '2.6.32', backlog: 128, counters: { ListenOverflows: 103 } });
    const changed = [
      '--scenario',
      file,
      '--json',
      '--backlog',
      '9',
      '--clients',
      '7',
      '--kernel',
      '4.15',
      '--seed',
      '3',
    ];
    const [other] = parsed<WorkloadResult>((await folder.run('simulate', ...changed)).out);
    expect(other).toMatchObject({ kernel: '4.15', backlog: 9, clients: 7, fates: { waiting: 7 } });
  });

  it('prints a line of JSON a kernel, the same each time', async () => {
    const args = ['simulate', '--json', '--kernel', '4.15', '--kernel', '7.2', '--clients', '200', '--loss', '5%'];
    const first = await folder.run(...args);
    expect(parsed<WorkloadResult>(first.out).map(({ kernel }) => kernel)).toEqual(['4.15', '7.2']);
    expect(await folder.run(...args)).toEqual(first);
    expect(await folder.run(...args, '--seed', '1')).not.toEqual(first);
  });

  it('takes all that there is to say of clients and server', async () => {
    const { status, out, err } = await folder.run(
      ...[
        'simulate',
        '--json',
        '--rate',
        '100',
        '--for',
        '2s',
        '--arrivals',
        'constant',
        '--rtt',
        '20ms',
        '--loss',
        '0.01',
      ],
      ...['--flood', '10%', '--patience', '3s', '--syn-retries', '2', '--linear-timeouts', '1', '--write', '100'],
      ...['--write-after', '50ms', '--accept-every', '1ms', '--workers', '4', '--service', '2500us', '--hz', '250'],
      ...['--pause', '500ms-700ms', '--pause', '1s-1.5s', '--restart', '1.2s+10ms', '--until', '60s'],
      ...['--sockopt', 'TCP_DEFER_ACCEPT=1', '--backlog', '10', '--sysctl', 'net.ipv4.tcp_syncookies=0'],
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const [result] = parsed<WorkloadResult>(out);
    expect(result?.until).toBe(60_000_000);
    expect((result?.clients ?? 0) + (result?.flood.syns ?? 0)).toBe(200);
    expect(result?.flood.syns).toBeGreaterThan(0);
    expect(result?.counters.TCPDeferAcceptDrop).toBeGreaterThan(0);
  });

  it('writes a trace that replay accepts, of each kernel', async () => {
    const args = ['--clients', '30', '--backlog', '4', '--accept-every', '5ms', '--write', '20', '--service', '1ms'];
    const { status } = await folder.run('simulate', ...args, '--kernel', '2.6.32,6.12', '--trace', 'run.ndjson');
    expect(status).toBe(0);
    const { out, status: judged } = await folder.run('replay', 'run.ndjson');
    expect(out).toMatch(/^run\.ndjson: 2 conform, 0 violate, 0 undecided, 0 invalid \(\d+ steps\)\n$/);
    expect(judged).toBe(0);
    const headers = readFileSync(join(folder.path, 'run.ndjson'), 'utf8').match(/"id":"[^"]*"/g);
    expect(headers).toEqual(['"id":"workload (2.6.32)"', '"id":"workload (6.12)"']);
  });

  it('leaves the rows out of a long trace, and refuses one that is too long', async () => {
    const many = ['--clients', '1100', '--rate', '100000', '--service', '0us'];
    await folder.run('simulate', ...many, '--trace', 'long.ndjson');
    const text = readFileSync(join(folder.path, 'long.ndjson'), 'utf8');
    expect(text).toContain('"observes":{"level":"queues"}');
    expect(text).not.toContain('"sockets"');
    expect((await folder.run('replay', 'long.ndjson')).status).toBe(0);
    expect(await folder.run('simulate', '--clients', '300000', '--rate', '1000000', '--trace', 'long.ndjson')).toEqual({
      status: 2,
      out: '',
      err: 'tcp-backlog: --trace: a trace of 300000 clients is too long; it may have 200000\n',
    });
  });

  it('searches the smallest backlog that loses nothing', async () => {
    const args = ['simulate', '--find', 'backlog', '--clients', '200', '--arrivals', 'constant', '--pause', '0s-'];
    const { out, status } = await folder.run(...args);
    expect(status).toBe(0);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'Linux 4.15: a backlog of 199 is the smallest that loses nothing; net.core.somaxconn caps it at 128 and has to be at least 199',
    );
    const [found] = parsed<FoundBacklog>((await folder.run(...args, '--json')).out);
    expect(found).toMatchObject({ kernel: '4.15', backlog: 199, exceptions: [] });
  });

  it('shows how far it has come on a terminal', async () => {
    const [out, err] = [new Paper(), new Paper(true)];
    await folder.runOn(out, err, ['simulate', '--clients', '100', '--service', '0us']);
    expect(err.text).toContain('4.15: 0 of 100 clients have come');
  });

  it.each([
    [['--kernel', '3.10'], 'tcp-backlog: no such kernel: "3.10" (there are 2.6.32, '],
    [['--rtt', '10'], 'Expected a time with its unit, as in 500us, 20ms or 1.5s.'],
    [['--pause', '1s'], 'Expected its begin and its end, as in 1s-3s'],
    [['--restart', '1s'], 'Expected when, and for how long nobody listens'],
    [['--loss', '120%'], 'Expected a share, as in 0.05 or 5%.'],
    [['--rate', '0'], 'Expected a number a second'],
    [['--sockopt', 'TCP_CORK=1'], 'tcp-backlog: $.sockopt.TCP_CORK: unknown field'],
    [['--rtt', '2s'], 'tcp-backlog: $.clients.roundTrip: expected at most 999999, got 2000000'],
    [['--arrivals', 'burst'], 'tcp-backlog: $.clients.arrivals.count: missing'],
    [['--workers', '2'], 'tcp-backlog: $.server.service: missing: how long is a worker busy with a connection?'],
    [['--write-after', '1s'], 'tcp-backlog: --write-after needs --write'],
    [['--find', 'backlog', '--loss', '1%'], 'tcp-backlog: --find: where the network loses segments'],
    [['--find', 'backlog', '--trace', 'x'], 'tcp-backlog: --find makes many runs: it has no --trace'],
    [['--trace', '/nowhere/x'], 'tcp-backlog: /nowhere/x: ENOENT'],
    [['--scenario', '/nowhere/x'], 'tcp-backlog: /nowhere/x: no such file'],
  ])('refuses %j', async (args, message) => {
    const { status, out, err } = await folder.run('simulate', ...args);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(message);
  });

  it('says where a workload is wrong', async () => {
    const wrong = scenario('wrong.json', { workload: 1, backlog: 1, clients: { arrivals: { kind: 'storm' } } });
    expect((await folder.run('simulate', '--scenario', wrong)).err).toBe(
      'tcp-backlog: wrong.json: $.clients.arrivals.kind: expected "poisson", "constant" or "burst", got "storm"\n',
    );
    const text = scenario('text.json', '{"workload":');
    expect((await folder.run('simulate', '--scenario', text)).err).toContain('tcp-backlog: text.json: not JSON: ');
  });

  it('tells which settings a kernel does not have, and goes on', async () => {
    const { status, err } = await folder.run('simulate', '--clients', '3', '--sysctl', 'net.ipv4.tcp_magic=1');
    expect(status).toBe(0);
    expect(err).toBe('Linux 4.15 has no sysctl net.ipv4.tcp_magic here: it is left out\n');
  });
});
