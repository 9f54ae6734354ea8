/** The listener in Python conforms in all that it declares, and with one character changed it does not. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { parseReport } from '../../src/conformance/report-lines.js';
import { Folder, type Transcript } from '../cli/transcript.js';

const EXAMPLE = join('examples', 'python');
const MODEL = 'linux_4_15.py';

const folder = new Folder();

const {
  error,
  stderr,
  status: tooOld,
} = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']);

beforeEach((context) => {
  if (error !== undefined) context.skip(`python3 does not start: ${error.message}`);
  if (tooOld !== 0) context.skip(`python3 is older than 3.9, or broken: ${String(stderr).trim()}`);
});

const conform = (program: string, ...options: string[]): Promise<Transcript> =>
  folder.run('conform', '--kernel', '4.15', ...options, '--', 'python3', '-B', join(program, 'listener.py'));

/** A copy of the example with one piece of the model replaced, which it has exactly once. */
function mistaken(name: string, right: string, wrong: string): string {
  const copy = join(folder.path, name);
  mkdirSync(copy);
  cpSync(EXAMPLE, copy, { recursive: true });
  const [before, after, ...more] = readFileSync(join(copy, MODEL), 'utf8').split(right);
  expect([after === undefined, more]).toEqual([false, []]);
  writeFileSync(join(copy, MODEL), `${before}${wrong}${after}`);
  return copy;
}

/** The lines that the README shows below this command, in the parts between `…`. */
function shown(command: string): string[] {
  const lines = readFileSync(join(EXAMPLE, 'README.md'), 'utf8').split('\n');
  const first = lines.indexOf(`    $ npx tcp-backlog ${command} -- python3 examples/python/listener.py`) + 1;
  expect(first).toBeGreaterThan(0);
  const rest = lines.slice(first);
  const block = rest.slice(
    0,
    rest.findIndex((line) => !line.startsWith('    ')),
  );
  return block
    .map((line) => `${line.slice(4)}\n`)
    .join('')
    .split('…\n');
}

function expectShown(out: string, command: string): void {
  const [begin = '', ...later] = shown(command);
  expect(later.length).toBeGreaterThan(0);
  expect(out.startsWith(begin), out).toBe(true);
  for (const part of later) expect(out).toContain(`\n${part}`);
}

it('behaves like Linux 4.15 in all that it declares, as its README shows', async () => {
  const { status, out, err } = await conform(EXAMPLE, '--runs', '10', '--report', 'python.ndjson');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const verdict = out.slice(out.indexOf('listener.py 1 against'));
  expectShown(verdict, 'conform --kernel 4.15 --runs 10');

  const { totals, coverage, cases } = parseReport(readFileSync(join(folder.path, 'python.ndjson'), 'utf8'));
  expect(totals).toMatchObject({ failed: 0, deviates: 0, undecided: 0 });
  const passed = cases.filter(({ status }) => status === 'passed');
  expect(passed.length).toBeGreaterThan(cases.length / 2);
  expect(passed.filter(({ undecided, steps }) => undecided > 0 || steps === 0)).toEqual([]);
  expect(coverage.exercised).toEqual(
    expect.arrayContaining([
      'sys_listen/backlog-above-somaxconn',
      'tcp_conn_request/syn-queue-full',
      'tcp_conn_request/last-quarter',
      'tcp_conn_request/accept-queue-full',
      'tcp_check_req/overflow-aborted',
      'tcp_check_req/duplicate-syn',
      'reqsk_timer_handler/half-full',
      'enqueue_timer/newest-first',
      'syn_ack_recalc/expire',
      'inet_csk_accept/oldest-first',
    ]),
  );
});

it('fails with `>=` for `>` in the test of the accept queue, as its README shows', async () => {
  const program = mistaken('full', 'len(self.accept_queue) > self.limit', 'len(self.accept_queue) >= self.limit');
  const { status, out } = await conform(program, '--run', 'campaign/overflow', '--runs', '20');
  expect(status).toBe(1);
  expectShown(out, 'conform --kernel 4.15 --run campaign/overflow --runs 20');
});

it('fails where the oldest of two timers fires first, by the rule of their order', async () => {
  const program = mistaken('order', '.insert(0, timer)', '.append(timer)');
  const { status, out } = await conform(program, '--run', 'campaign/retransmission', '--runs', '20');
  expect(status).toBe(1);
  expect(out).toMatch(/^campaign\/retransmission fails: /);
  expect(out).toContain('\n  rule enqueue_timer/newest-first: ');
  expect(out.split('\n').filter((line) => /^ +\d+ {2}at /.test(line)).length).toBeLessThanOrEqual(3);
});
