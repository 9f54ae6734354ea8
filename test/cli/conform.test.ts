/** `conform` as a command: what it prints and writes, how it ends, and that nothing of the program is left when it does. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseReport } from '../../src/conformance/report-lines.js';
import type { SuiteReport } from '../../src/conformance/suite.js';
import { type CommandLine, Programs, running } from '../conformance/process-fixtures.js';
import { Folder, Paper } from './transcript.js';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/typescript/model-subject.ts');
const TSX = import.meta.resolve('tsx');

const folder = new Folder();
const programs = new Programs();

/** The words that start the example as the model of `kernel`. */
const model = (kernel: string): string[] => ['--', process.execPath, '--import', TSX, EXAMPLE, kernel];

/** A program that lets the example answer, but for what `lines` say. */
const between = (lines: string): CommandLine =>
  programs.program(`
    const model = spawn(process.execPath, ['--import', '${TSX}', '${EXAMPLE}', '4.15'], { stdio: ['pipe', 'pipe', 'inherit'], cwd: '${ROOT}' });
    const waiting = [];
    require('node:readline').createInterface({ input: model.stdout }).on('line', (line) => waiting.shift()(JSON.parse(line)));
    const ask = (request) => new Promise((answered) => { waiting.push(answered); model.stdin.write(JSON.stringify(request) + '\\n'); });
    input.on('close', () => model.stdin.end());
    handle = async (request) => say(await ask(request));
    ${lines}`);

const command = ([program, args]: CommandLine): string[] => ['--', program, ...args];

const withoutTimes = (report: SuiteReport): SuiteReport => ({
  ...report,
  milliseconds: 0,
  cases: report.cases.map((one) => ({ ...one, milliseconds: 0 })),
});

const lines = (out: string): unknown[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('a program that conforms', { concurrent: true }, () => {
  it('is said to, with what was judged and what was not', async () => {
    const { status, out, err } = await folder.run('conform', '--run', 'golden/b3-*', ...model('4.15'));
    expect(out).toMatch(/^model of 4\.15 1 against 4\.15: \d+ passed\n/);
    expect(out).toContain('\n  as the specification has it, as far as it was judged\n');
    expect({ status, err }).toEqual({ status: 0, err: '' });
  });

  it('shows its progress on a terminal', async () => {
    const terminal = new Paper(true);
    const args = ['conform', '--kernel', '2.6.32', '--run', 'campaign/overflow', '--runs', '5', ...model('2.6.32')];
    expect((await folder.runOn(new Paper(), terminal, args)).status).toBe(0);
    expect(terminal.text).toContain('\r\x1b[K0 cases done; campaign/overflow: ');
  });

  it('writes lines, JUnit XML and Markdown', async () => {
    const file = (name: string): string => join(folder.path, name);
    const { status, out } = await folder.run(
      ...['conform', '--run', 'golden/b3-*', '--json', '--report', file('r.json')],
      ...['--junit', file('r.xml'), '--markdown', file('r.md'), ...model('4.15')],
    );
    expect(status).toBe(0);
    const report = parseReport(out);
    expect(report.totals.passed).toBe(report.cases.length);
    expect(report.cases.map((one) => one.case)).toContain('golden/b3-last-ack-overflows');
    expect(readFileSync(file('r.json'), 'utf8')).toBe(out);
    expect(readFileSync(file('r.xml'), 'utf8')).toContain('<testcase classname="golden" name="b3-last-ack-overflows"');
    expect(readFileSync(file('r.md'), 'utf8')).toContain('### ✅ model of 4.15 1 against Linux 4.15');
  });

  it('gives the same report in one run and in two shards, merged', async () => {
    const file = (name: string): string => join(folder.path, name);
    const run = ['conform', '--run', 'golden/b3-*', '--run', 'campaign/accept-order', '--runs', '3'];
    await folder.run(...run, '--report', file('all.json'), ...model('4.15'));
    for (const shard of [1, 2]) {
      const { status } = await folder.run(
        ...run,
        '--shard',
        `${shard}/2`,
        '--report',
        file(`${shard}.json`),
        ...model('4.15'),
      );
      expect(status).toBe(0);
    }
    const { status, out } = await folder.run('conform', '--json', '--merge', file('2.json'), file('1.json'));
    const all = parseReport(readFileSync(file('all.json'), 'utf8'));
    expect(withoutTimes(parseReport(out))).toEqual(withoutTimes(all));
    expect(status).toBe(0);
    const half = await folder.run('conform', '--merge', file('2.json'));
    expect(half).toMatchObject({ status: 2, out: '', err: 'tcp-backlog: missing: shard 1/2\n' });
  });
});

describe('a program that does not conform', { concurrent: true }, () => {
  const fails = ['--kernel', '2.6.32', '--run', 'campaign/overflow'];

  it('is told the rule, the command that shows it again, and has its trace saved', async () => {
    const saved = join(folder.path, "it's saved");
    const odd = [...model('4.15'), '0', "it's odd"];
    const { status, out } = await folder.run('conform', ...fails, '--save', saved, ...odd);
    expect(status).toBe(1);
    expect(out).toMatch(/^campaign\/overflow fails: /);
    expect(out).toContain('\n  not as the specification has it\n');
    const what = /\n {2}step .*\n/.exec(out)?.[0] ?? '';
    expect(what).toMatch(/expected .*, observed /);

    const [, again = ''] = /^ {2}replay: tcp-backlog (.*)$/m.exec(out) ?? [];
    expect(again).toMatch(/ --seed 20111220 --path [\d:]+ -- .* 4\.15 0 'it'\\''s odd'$/);
    const replayed = await folder.shell(`export TSX_TSCONFIG_PATH='${ROOT}/tsconfig.json'; tcp-backlog ${again}`);
    expect(replayed.out).toContain(what);
    expect(replayed.status).toBe(1);

    const trace = join(saved, 'campaign-overflow.ndjson');
    expect(readdirSync(saved)).toEqual(['campaign-overflow.ndjson']);
    expect(out).toContain(`\n  explain: tcp-backlog explain 'it'\\''s saved/campaign-overflow.ndjson'\n`);
    const name = trace.replace(`${folder.path}/`, '');
    expect((await folder.run('replay', name)).err).toContain('campaign/overflow violates: ');
    expect((await folder.run('explain', name)).out).toContain('listen(fd, ');
  });

  it('ends at the first case that fails, if it is to', async () => {
    const { status, out } = await folder.run(
      'conform',
      '--kernel',
      '2.6.32',
      '--run',
      'golden/*',
      '--bail',
      ...model('4.15'),
    );
    expect(out.match(/ fails: /g)).toHaveLength(1);
    expect(out).toMatch(/\n {2}not run: \d+ cases\n/);
    expect(status).toBe(1);
  });

  it('passes where that is known, and fails where it is not true any more', async () => {
    const known = [{ case: 'campaign/overflow', reason: 'it is another kernel', link: 'https://example.org/1' }];
    const file = join(folder.path, 'known.json');
    writeFileSync(file, JSON.stringify(known));
    const run = (kernel: string): ReturnType<Folder['run']> =>
      folder.run('conform', ...fails, '--runs', '20', '--deviations', file, ...model(kernel));
    const deviates = await run('4.15');
    expect(deviates.out).toMatch(/^campaign\/overflow deviates as is known, \d+ of 20 runs: it is another kernel/);
    expect(deviates.status).toBe(0);
  });

  it('that conforms again fails the run', async () => {
    const known = [{ case: 'golden/b3-*', reason: 'it was faulty', link: 'https://example.org/2' }];
    const file = join(folder.path, 'stale.json');
    writeFileSync(file, JSON.stringify(known));
    const { status, out } = await folder.run('conform', '--run', 'golden/b3-*', '--deviations', file, ...model('4.15'));
    expect(out).toMatch(/the known deviation of case golden\/b3-\* was not met in \d+ cases: it was faulty/);
    expect(status).toBe(1);
  });
});

describe('a program of which nothing is judged', () => {
  it('does not pass', async () => {
    const results = between(`
      handle = async (request) => {
        const answer = await ask(request);
        if (answer.capabilities) Object.assign(answer.capabilities, { features: [] });
        say(answer);
      };`);
    const { status, out } = await folder.run('conform', '--run', 'golden/b3-*', ...command(results));
    expect(out).toMatch(/: 0 passed, \d+ skipped\n/);
    expect(out).toContain('\n  nothing was judged\n');
    expect(status).toBe(1);
  });
});

describe('a program that fails', { concurrent: true }, () => {
  it('in the middle leaves what was judged until then', async () => {
    const mortal = between(`
      let resets = 0;
      handle = async (request) => {
        if (request.type === 'reset' && ++resets === 3) { console.error('out of luck'); process.exit(1); }
        say(await ask(request));
      };`);
    const file = join(folder.path, 'mortal.json');
    const { status, out, err } = await folder.run(
      'conform',
      '--run',
      'golden/b*',
      '--json',
      '--report',
      file,
      ...command(mortal),
    );
    expect(status).toBe(3);
    const report = parseReport(out);
    expect(report.cases.map((one) => one.status)).toEqual(['passed', 'passed', 'undecided']);
    expect(report.notRun).toBeGreaterThan(0);
    expect(report.broken).toContain('the subject ended with status 1 before it answered request ');
    expect(report.broken).toContain('(reset)\n  its standard error ends with:\n    out of luck');
    expect(err).toContain('subject: out of luck\n');
    expect(err).toContain(`tcp-backlog: ${report.broken}`);
    expect(readFileSync(file, 'utf8')).toBe(out);
    expect(running(mortal)).toEqual([]);
  });

  it('only when it is to stop fails, too', async () => {
    const stubborn = between(`
      handle = async (request) => { say(await ask(request)); if (request.type === 'stop') process.exit(3); };`);
    const { status, out } = await folder.run('conform', '--run', 'golden/b3-*', ...command(stubborn));
    expect(out).toContain('\n  the subject broke: the subject ended with status 3 after it was asked to stop\n');
    expect(out).toMatch(/: \d+ passed\n/);
    expect(status).toBe(3);
  });

  it.each([
    ['cannot be started', ['--', '/nowhere/at/all'], '"/nowhere/at/all" cannot be started'],
    ['says nothing', ['--', 'true'], 'the subject ended with status 0 before it answered request 1 (hello)'],
    [
      'speaks otherwise',
      ['--', 'echo', 'hello'],
      'the subject answered request 1 (hello) with nonsense: not JSON: "hello"',
    ],
  ])('since it %s', async (_, args, message) => {
    const { status, out, err } = await folder.run('conform', ...args);
    expect(err).toContain(`tcp-backlog: ${message}`);
    expect({ status, out }).toEqual({ status: 3, out: '' });
  });
});

describe('the command line', { concurrent: true }, () => {
  it.each([
    [[], 'the command to test is missing'],
    [['--kernel', '3.10', '--', 'true'], 'no such kernel: "3.10"'],
    [['--seed', 'x', '--', 'true'], "option '--seed <n>' argument 'x' is invalid"],
    [['--path', '1:', '--', 'true'], "option '--path <path>' argument '1:' is invalid"],
    [['--runs', '0', '--', 'true'], "option '--runs <n>' argument '0' is invalid"],
    [['--shard', '3/2', '--', 'true'], "option '--shard <i/n>' argument '3/2' is invalid"],
    [['--timeout', '-1', '--', 'true'], "option '--timeout <ms>' argument '-1' is invalid"],
    [['--report', '/nowhere/r', '--', 'true'], 'cannot write /nowhere/r: ENOENT'],
    [['--save', '/dev/null/x', '--', 'true'], 'cannot make /dev/null/x: '],
    [['--deviations', '/nowhere/d', '--', 'true'], 'cannot read /nowhere/d: ENOENT'],
    [['--deviations', 'package.json', '--', 'true'], 'package.json: $: expected an array, got an object'],
    [['--merge', '/nowhere/r'], 'cannot read /nowhere/r: ENOENT'],
    [['--merge', 'package.json'], 'package.json: line 1: not JSON'],
    [['--merge', 'package.json', '--', 'true'], '--merge takes reports, and no command'],
    [['--run', 'nothing/*', ...model('4.15')], 'no case has such a name'],
    [['--path', '1', ...model('4.15')], 'a path needs exactly one campaign'],
  ])('is refused: %j', async (args, message) => {
    const { status, out, err } = await folder.run('conform', ...args);
    expect(err).toContain(`tcp-backlog: ${message}`);
    expect({ status, out }).toEqual({ status: 2, out: '' });
  });
});

describe('a signal', { concurrent: true }, () => {
  it.each([
    ['INT', 130],
    ['TERM', 143],
  ])('SIG%s ends it with status %i, and the program with all that it started', async (signal, status) => {
    const deaf = programs.program(`
      process.on('SIGTERM', () => {});
      process.on('SIGINT', () => {});
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', __filename], { detached: true, stdio: 'ignore' });
      require('node:fs').writeFileSync('${folder.path}/ready-${signal}', '');
      handle = () => {};`);
    const main = `'${process.execPath}' --import '${TSX}' '${ROOT}/src/cli/main.ts'`;
    const transcript = await folder.shell(
      `set -m; ${main} conform --timeout 60000 ${command(deaf).join(' ')} >told-${signal} 2>&1 & pid=$!
       while [ ! -e ready-${signal} ]; do sleep 0.1; done; kill -${signal} $pid; wait $pid`,
    );
    expect(transcript.status).toBe(status);
    expect(readFileSync(join(folder.path, `told-${signal}`), 'utf8')).toBe('');
    expect(running(deaf)).toEqual([]);
  });
});

it('prints JSON lines that are cases and a summary', async () => {
  const { out } = await folder.run('conform', '--run', 'golden/b3-last*', '--json', ...model('4.15'));
  const [first, last] = lines(out) as [Record<string, unknown>, Record<string, unknown>];
  expect(first).toMatchObject({ case: 'golden/b3-last-ack-overflows', status: 'passed', runs: 1 });
  expect(last).toMatchObject({
    summary: { kernel: '4.15', subject: { name: 'model of 4.15' }, totals: { passed: 1 } },
  });
});
