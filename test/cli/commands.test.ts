/** Each command at work: what it prints for small traces. */

import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { header, listen, syn } from '../trace/lines.js';
import { Folder, Paper } from './transcript.js';

const folder = new Folder();
const good = [header, listen, syn];
const wait = { at: 70, event: { wait: 10 }, out: [], observed: { at: 80, counters: {}, until: 90 } };
const wrong = [{ ...header, id: 'wrong' }, listen, { ...syn, out: [] }, wait];
const both = (): string => folder.file('both.ndjson', [...good, ...wrong]);

describe('replay', () => {
  it('says how many traces conform', async () => {
    expect(await folder.run('replay', folder.file('good.ndjson', good))).toEqual({
      status: 0,
      out: 'good.ndjson: 1 conforms, 0 violate, 0 undecided, 0 invalid (2 steps)\n',
      err: '',
    });
  });

  it('says what was allowed and what was seen where a trace violates, and how to have it explained', async () => {
    expect(await folder.run('replay', both())).toEqual({
      status: 1,
      out: 'both.ndjson: 1 conforms, 1 violates, 0 undecided, 0 invalid (5 steps)\n',
      err: `both.ndjson:6: wrong violates: out[0]: expected {"peer":7,"flags":["SYN","ACK"],"newIsn":true,"seq":{"of":"synack","plus":0},"ack":101}, observed "nothing more" (tcp_conn_request/synack)
  tcp-backlog explain both.ndjson:6
`,
    });
  });

  it('judges by the kernel that is asked for, and says so in the command that explains', async () => {
    const { err } = await folder.run('replay', '--kernel', '2.6.32', both());
    expect(err).toContain('\n  tcp-backlog explain --kernel 2.6.32 both.ndjson:6\n');
  });

  it('adds up several files', async () => {
    const { status, out } = await folder.run('replay', folder.file('good.ndjson', good), both());
    expect(out.split('\n').at(-2)).toBe('2 conform, 1 violates, 0 undecided, 0 invalid');
    expect(status).toBe(1);
  });

  it('prints what spec/schema/report.schema.json says, as JSON', async () => {
    const ajv = new Ajv2020({ strict: false });
    const check = ajv.compile(JSON.parse(readFileSync('spec/schema/report.schema.json', 'utf8')));
    const { out } = await folder.run('replay', '--json', both(), folder.file('bad.ndjson', ['oops']));
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const line of lines) expect(check(line), JSON.stringify(check.errors)).toBe(true);
    expect(lines).toMatchObject([
      { id: 'small', kernel: '4.15', verdict: 'conforms', steps: 2 },
      {
        id: 'wrong',
        kernel: '4.15',
        verdict: 'violates',
        steps: 3,
        line: 6,
        rule: 'tcp_conn_request/synack',
        observed: 'nothing more',
      },
      { id: '', kernel: '', verdict: 'invalid', steps: 0, line: 1 },
      { summary: { conforms: 1, violates: 1, undecided: 0, invalid: 1 } },
    ]);
  });
});

describe('replay of measurements of the packet backlog', () => {
  const machine = { softnet: 1, kernel: { name: 'linux', release: '4.15.11', hz: 1000 } };
  const measured = {
    netdev_max_backlog: 1,
    dev_weight: 64,
    netdev_budget: 300,
    burst: 3,
    softnet_stat: { processed: 2, dropped: 1, time_squeeze: 0 },
    delivered: 2,
    order: [0, 1],
  };

  it('judges each as a trace of one step', async () => {
    expect(await folder.run('replay', folder.file('softnet.ndjson', [machine, measured, measured]))).toEqual({
      status: 0,
      out: 'softnet.ndjson: 2 conform, 0 violate, 0 undecided, 0 invalid (2 steps)\n',
      err: '',
    });
  });

  it('says which number is wrong, and by which rule', async () => {
    const file = folder.file('wrong-softnet.ndjson', [machine, measured, { ...measured, order: [1, 0] }]);
    expect(await folder.run('replay', file)).toEqual({
      status: 1,
      out: 'wrong-softnet.ndjson: 1 conforms, 1 violates, 0 undecided, 0 invalid (2 steps)\n',
      err: 'wrong-softnet.ndjson:3: burst-3-backlog-1-weight-64-budget-300 violates: order[0]: expected 0, observed 1 (enqueue_to_backlog/queued)\n',
    });
  });

  it('says what is no measurement', async () => {
    const file = folder.file('bad-softnet.ndjson', [machine, { ...measured, delivered: 4 }]);
    expect(await folder.run('replay', file)).toMatchObject({
      status: 2,
      err: 'bad-softnet.ndjson:2: $.delivered: more than the burst has: 3\n',
    });
  });
});

describe('explain', () => {
  it('does not guess what the clients heard where no segments were seen', async () => {
    const shown = { at: 0, until: 0, counters: {} };
    const header = {
      trace: 1,
      id: 'unheard',
      kernel: { name: 'linux', release: '4.15.11', variant: '4.15', hz: 1000 },
      origin: 'subject',
      observes: { level: 'results' },
      sysctl: {},
      sockopt: {},
    };
    const listen = { at: 0, event: { syscall: 'listen', backlog: 1 }, result: 0, out: [], observed: shown };
    const syn = { at: 0, event: { segments: [{ peer: 1, flags: ['SYN'], seq: 9 }] }, out: [], observed: shown };
    const file = folder.file('unheard.ndjson', [header, listen, syn]);
    const { status, out } = await folder.run('explain', file);
    expect(status).toBe(0);
    expect(out).toContain('tcp_conn_request/synack');
    expect(out).not.toContain('clients');
  });

  const known = 'fixtures/linux-4.15/named.ndjson.gz';

  it('tells a step: the queues before and after, what the clients see, the rules, and where they stand', async () => {
    const { status, out } = await folder.run('explain', `${known}:533`);
    expect(status).toBe(0);
    expect(out).toMatch(/^syn-queue-capacity-3: linux 4\.15\.11, HZ=1000, judged as 4\.15\n/);
    expect(out).toContain(`
${known}:533  at 0.001242 s  SYN from peer 50, seq 271712306
  before    LISTEN; accept queue: 0 of at most 3 + 1
            SYN queue, young: 3 (peers 0-2, due from 1.000 s on)
  counters  InSegs +1, ListenDrops +1, TCPReqQFullDrop +1
  after     the same
  clients   peer 50: no answer; it sends its SYN again
  rules     tcp_conn_request/syn-queue-full
`);
    expect(out).toMatch(/\n {14}net\/ipv4\/tcp_input\.c:6196-6330, tcp_conn_request \(4\.15\.11\)\n/);
  });

  it('tells a violation: what was allowed, what was seen, and the rules up to there', async () => {
    const { status, out } = await folder.run('explain', `${both()}:6`);
    expect(status).toBe(1);
    expect(out).toContain(`
both.ndjson:6  at 0.000040 s  SYN from peer 7, seq 100
  before    LISTEN; accept queue: 0 of at most 5 + 1
            SYN queue: empty
  counters  InSegs +1, OutSegs +1
  violates  the specification of 4.15 in out[0]; what comes after it is not judged
  allowed   {"peer":7,"flags":["SYN","ACK"],"newIsn":true,"seq":{"of":"synack","plus":0},"ack":101}
  observed  "nothing more"
  rules     tcp_conn_request/synack
`);
  });

  it('tells why a step after a violation cannot be told', async () => {
    const { status, out } = await folder.run('explain', `${both()}:7`);
    expect(out).toContain('both.ndjson:6  at 0.000040 s');
    expect(out).toContain('in out[0]; so line 7 is not judged');
    expect(status).toBe(1);
  });

  it('tells a whole trace by its id', async () => {
    const { status, out } = await folder.run('explain', both(), '--id', 'small');
    expect(out.match(/^both\.ndjson:\d+/gm)).toEqual(['both.ndjson:2', 'both.ndjson:3']);
    expect(out).toContain('\n  result    returns 0\n');
    expect(status).toBe(0);
  });

  it('tells all traces of a file', async () => {
    const { status, out } = await folder.run('explain', both());
    expect(out.match(/^\w+: linux/gm)).toEqual(['small: linux', 'wrong: linux']);
    expect(status).toBe(1);
  });

  it('tells what the settings alone violate', async () => {
    const refused = { ...header, sysctlErrors: { 'net.core.somaxconn': 'EINVAL' } };
    const name = folder.file('refused.ndjson', [refused, listen]);
    expect((await folder.run('replay', name)).err).toContain('  tcp-backlog explain refused.ndjson:1\n');
    const { status, out } = await folder.run('explain', `${name}:1`);
    expect(out).toContain('violates  the specification of 4.15 in sysctlErrors["net.core.somaxconn"]');
    expect(status).toBe(1);
  });

  it('tells every step of the golden traces of one behaviour each', async () => {
    const { status, out } = await folder.run('explain', known);
    expect(status).toBe(0);
    expect(out.match(/^fixtures\/linux-4\.15\/named\.ndjson\.gz:\d+ {2}at/gm)).toHaveLength(2336);
    expect(out).not.toMatch(/undefined|NaN|\[object/);
  });
});

describe('run', () => {
  const scenario = [
    { event: { syscall: 'listen', backlog: 1 } },
    { event: { segments: [{ peer: 1, flags: ['SYN'], seq: 100 }] } },
    { event: { wait: 2_000_000 } },
  ];

  it('plays events on the newest kernel, and prints the trace', async () => {
    const { status, out, err } = await folder.run('run', folder.file('scenario.ndjson', scenario));
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(lines[0]).toMatchObject({ trace: 1, origin: 'model', kernel: { release: '4.15.11', variant: '4.15' } });
    expect(lines.map((line) => line.out?.map(({ flags }: { flags: string[] }) => flags))).toEqual([
      undefined,
      [],
      [['SYN', 'ACK']],
      [['SYN', 'ACK']],
    ]);
  });

  it('prints a trace that replay accepts, on each kernel and for any seed', async () => {
    const name = folder.file('scenario.ndjson', [
      ...good,
      { trace: 1, id: 'b', sysctl: { 'net.core.somaxconn': -5 } },
      ...scenario,
    ]);
    for (const kernel of ['2.6.32', '4.15', '7.2']) {
      const { out } = await folder.run('run', '--kernel', kernel, '--seed', '-7', name);
      expect(await folder.run('replay', folder.file('played.ndjson', [out.trimEnd()]))).toMatchObject({
        status: 0,
        err: '',
      });
    }
  });

  it('plays the same for the same seed, and something else for another', async () => {
    const name = folder.file('scenario.ndjson', scenario);
    const play = async (seed: string): Promise<string> => (await folder.run('run', '--seed', seed, name)).out;
    expect(await play('1')).toBe(await play('1'));
    expect(await play('1')).not.toBe(await play('2'));
  });

  it('plays a recording again, and keeps its release', async () => {
    const { status, out } = await folder.run('run', 'fixtures/linux-2.6.32.69/named.ndjson.gz');
    expect(status).toBe(0);
    expect(out.match(/"release":"2\.6\.32\.69"/g)).toHaveLength(270);
  });
});

describe('limits', () => {
  it('answers for all kernels, side by side', async () => {
    const { status, out, err } = await folder.run('limits', '--backlog', '5');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^listen\(fd, 5\) +Linux 2\.6\.32 +Linux 4\.15 +Linux 5\.10, 6\.1,\n +6\.12, 7\.2\n/);
    expect(out).toMatch(/\n {2}holds +6 connections +6 connections +6 connections\n/);
  });

  it('answers for one kernel with other settings, as JSON', async () => {
    const { out } = await folder.run(
      'limits',
      '--backlog',
      '5',
      '--kernel',
      '4.15',
      '--sysctl',
      'net.core.somaxconn=3',
      '--json',
    );
    expect(JSON.parse(out)).toMatchObject({ kernel: '4.15', backlog: 5, acceptQueue: { limit: 3, capacity: 4 } });
  });

  it('knows no sysctl that no kernel has', async () => {
    expect(await folder.run('limits', '--backlog', '5', '--sysctl', 'net.core.somaxcon=3')).toEqual({
      status: 2,
      out: '',
      err: 'tcp-backlog: no such sysctl here: net.core.somaxcon\n',
    });
  });
});

describe('wrong usage is answered with one line and status 2', () => {
  it.each<[string, string]>([
    ['', 'Usage: tcp-backlog'],
    ['frobnicate', "tcp-backlog: unknown command 'frobnicate'"],
    ['replay --frobnicate', "tcp-backlog: unknown option '--frobnicate'"],
    ['replay --kernel', "tcp-backlog: option '--kernel <name>' argument missing"],
    [
      'replay --kernel 3.10 x.ndjson',
      'tcp-backlog: no such kernel: "3.10" (there are 2.6.32, 4.15, 5.10, 6.1, 6.12, 7.2)',
    ],
    ['run', "tcp-backlog: missing required argument 'scenario'"],
    ['run --seed x y.ndjson', "tcp-backlog: option '--seed <n>' argument 'x' is invalid. Expected an integer from"],
    ['run a.ndjson b.ndjson', 'tcp-backlog: too many arguments for'],
    ['explain x.ndjson:3 --id y', 'tcp-backlog: a line and --id exclude each other'],
    ['limits', "tcp-backlog: required option '--backlog <n>' not specified"],
    ['limits --backlog 2147483648', "tcp-backlog: option '--backlog <n>' argument '2147483648' is invalid."],
    [
      'limits --backlog 1 --sysctl x',
      "tcp-backlog: option '--sysctl <name=value>' argument 'x' is invalid. Expected NAME=INTEGER.",
    ],
  ])('%s', async (args, message) => {
    const { status, out, err } = await folder.run(...args.split(' ').filter((arg) => arg !== ''));
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err.startsWith(message), err).toBe(true);
    if (args !== '') expect(err.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each(['--help', 'replay --help', '--version'])(
    'but %s is answered on standard output, with status 0',
    async (args) => {
      const { status, out, err } = await folder.run(...args.split(' '));
      expect({ status, err }).toEqual({ status: 0, err: '' });
      expect(out).toMatch(args === '--version' ? /^\d+\.\d+\.\d+\n$/ : /^Usage: tcp-backlog/);
    },
  );
});

describe('a terminal', () => {
  const esc = String.fromCharCode(27);
  const shown = async (stdout: Paper, stderr: Paper, ...args: string[]) =>
    folder.runOn(stdout, stderr, ['replay', ...args, both()]);

  it('shows verdicts in colour', async () => {
    const { out, err } = await shown(new Paper(true), new Paper(true));
    expect(out).toContain(`${esc}[32m1 conforms${esc}[0m, ${esc}[31m1 violates${esc}[0m, 0 undecided`);
    expect(err).toContain(`both.ndjson:6: wrong ${esc}[31mviolates${esc}[0m: out[0]`);
  });

  it.each([
    ['NO_COLOR', '1'],
    ['TERM', 'dumb'],
  ])('shows none with %s', async (name, value) => {
    const before = process.env[name];
    process.env[name] = value;
    try {
      const { out } = await shown(new Paper(true), new Paper());
      expect(out).not.toContain(esc);
      expect((await shown(new Paper(true), new Paper(), '--color')).out).toContain(esc);
    } finally {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    }
  });

  it('shows none with --no-color, and a file has some with --color', async () => {
    expect((await shown(new Paper(true), new Paper(), '--no-color')).out).not.toContain(esc);
    expect((await shown(new Paper(), new Paper(), '--color')).out).toContain(esc);
  });

  it('shows progress, and only a terminal does', async () => {
    const { err } = await shown(new Paper(), new Paper(true));
    expect(err).toContain(`\r${esc}[Kboth.ndjson: 1 traces, 2 steps\r${esc}[K`);
    expect((await shown(new Paper(), new Paper())).err).not.toContain(esc);
  });
});
