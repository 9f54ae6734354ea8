/** What `run --show` and `explain --show` print. */

import { describe, expect, it } from 'vitest';
import { header, listen, syn } from '../trace/lines.js';
import { Folder } from './transcript.js';

const folder = new Folder();
const scenario = (): string =>
  folder.file('one.ndjson', [
    { trace: 1, id: 'one' },
    { event: { syscall: 'listen', backlog: 5 } },
    { event: { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] } },
    { event: { wait: 500_000 } },
    { event: { wait: 4_500_000 } },
    { event: { syscall: 'accept', nonblocking: true } },
  ]);

/** The output without the spaces at the ends of its lines. */
const trimmed = (text: string): string => text.replaceAll(/ +$/gm, '');

describe('run --show', () => {
  it('prints the views at the end in place of the trace', async () => {
    const { status, out, err } = await folder.run('run', scenario(), '--show', 'ss,ss-syn-recv,log');
    expect([status, err]).toEqual([0, '']);
    expect(trimmed(out)).toBe(`one at 5.000000 s
$ ss -lnt
State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 0      5            0.0.0.0:80        0.0.0.0:*
$ ss -nt state syn-recv
Recv-Q Send-Q Local Address:Port Peer Address:Port Process
0      0          192.0.2.1:80     198.18.0.1:32768
$ dmesg -r
`);
  });

  it('prints them at several times, in order, also within a wait and after the end', async () => {
    const { out } = await folder.run('run', scenario(), '--show', 'tcp@8,0,0.5,2.5');
    const told = out.split('\n').filter((line) => / at |12C6/.test(line));
    expect(told.map((line) => line.slice(0, 75))).toEqual([
      'one at 0.000000 s',
      '   1: 010200C0:0050 010012C6:8000 03 00000000:00000000 01:00000064 00000000',
      'one at 0.500000 s',
      '   1: 010200C0:0050 010012C6:8000 03 00000000:00000000 01:00000032 00000000',
      'one at 2.500000 s',
      expect.stringMatching(/^ {3}1: 010200C0:0050 010012C6:8000 03 00000000:00000000 01:0000003\w 00000001$/),
      'one at 8.000000 s',
      expect.stringMatching(/ 00000003$/),
    ]);
  });

  it('prints them after what happens at that very time', async () => {
    const file = folder.file('late.ndjson', [
      { trace: 1, id: 'late' },
      { event: { syscall: 'listen', backlog: 5 } },
      { event: { wait: 500_000 } },
      { event: { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] } },
      { event: { wait: 1 } },
    ]);
    const { out } = await folder.run('run', file, '--show', 'ss-syn-recv@0.499999,0.5');
    expect(out.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'late',
      '$',
      'Recv-Q',
      '',
      'late',
      '$',
      'Recv-Q',
      '0',
      '',
    ]);
  });

  it('plays the same whether or not somebody looks', async () => {
    const last = (text: string): string => text.slice(text.lastIndexOf('one at'));
    const { out: once } = await folder.run('run', scenario(), '--show', 'tcp,snmp,netstat@20');
    const { out: often } = await folder.run(
      'run',
      scenario(),
      '--show',
      'tcp,snmp,netstat@0.1,0.7,1,1.3,2.9,3,4.8,5,7,20',
    );
    expect(last(often)).toBe(once);
  });

  it('tells each scenario by its name, on the kernel that is asked for', async () => {
    const two = folder.file('two.ndjson', [
      { trace: 1, id: 'a' },
      { event: { syscall: 'listen', backlog: 1 } },
      { trace: 1, id: 'b' },
    ]);
    const { out } = await folder.run('run', two, '--kernel', '2.6.32', '--show', 'nstat,netstat-s');
    expect(out).toMatch(
      /^a at 0\.000000 s\n\$ nstat -as\n#kernel\n\$ netstat -s\nTcp:\n {4}0 active connections openings\n[\s\S]*\n\nb at 0\.000000 s\n/,
    );
  });

  it('lists the views where one is asked for that there is not', async () => {
    const { status, out, err } = await folder.run('run', scenario(), '--show', 'ss,lsof');
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(
      'No such view: "lsof". There are netstat, snmp, nstat, netstat-s, tcp, ss, ss-syn-recv, log.',
    );
  });

  it.each(['ss@', 'ss@x', 'ss@1@2', 'ss@-1', 'ss@1.0000001', 'ss@1,'])('refuses the time of %s', async (asked) => {
    const { status, err } = await folder.run('run', scenario(), '--show', asked);
    expect(status).toBe(2);
    expect(err).toContain('Expected seconds after @');
  });
});

describe('explain --show', () => {
  const trace = (): string => folder.file('trace.ndjson', [header, listen, syn]);

  it('prints the views below what it says of the step', async () => {
    const { status, out } = await folder.run('explain', `${trace()}:3`, '--show', 'ss,tcp');
    expect(status).toBe(0);
    const below = trimmed(out).split('\n\n').at(-1) ?? '';
    expect(below.split('\n').slice(0, 6)).toEqual([
      '  $ ss -lnt',
      '  State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess',
      '  LISTEN 0      5            0.0.0.0:80        0.0.0.0:*',
      '  $ cat /proc/net/tcp',
      '    sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      expect.stringMatching(/^ {5}0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 /),
    ]);
    expect(below).toContain('     1: 010200C0:0050 070012C6:8000 03 00000000:00000000 01:000000');
  });

  it('prints them after every step where no line is named', async () => {
    const { out } = await folder.run('explain', trace(), '--show', 'nstat');
    expect(out.match(/^ {2}\$ nstat -as$/gm)).toHaveLength(2);
    expect(out).toContain('\n  TcpInSegs                       1                  0.0\n');
  });

  it('shows what the kernel has logged up to the step', async () => {
    const events = [
      { syscall: 'listen', backlog: 0 },
      { segments: [{ peer: 3, flags: ['SYN'], seq: 1 }] },
      { wait: 1000 },
    ];
    const file = folder.file('log.ndjson', [{ trace: 1, id: 'log' }, ...events.map((event) => ({ event }))]);
    const played = await folder.run('run', file);
    const { out } = await folder.run(
      'explain',
      `${folder.file('played.ndjson', Buffer.from(played.out))}:4`,
      '--show',
      'log',
    );
    expect(out).toContain(
      '  $ dmesg -r\n  <6>[    0.000000] TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.',
    );
  });

  it('takes no times', async () => {
    const { status, err } = await folder.run('explain', trace(), '--show', 'ss@1');
    expect([status, err]).toEqual([2, expect.stringContaining('explain shows views after its steps, not at times')]);
  });
});
