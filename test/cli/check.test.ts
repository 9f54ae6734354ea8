import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Property } from '../../properties/property.js';
import { expectThat, property } from '../../properties/property.js';
import { KERNELS } from '../../src/kernels.js';
import { Folder, Paper } from './transcript.js';

const folder = new Folder();

/** Two properties of which one is false, in place of those that ship and that all hold. */
const { listed } = vi.hoisted(() => ({ listed: { value: undefined as readonly unknown[] | undefined } }));

vi.mock('../../properties/index.js', async (original) => {
  const real = await original<typeof import('../../properties/index.js')>();
  return {
    ...real,
    get PROPERTIES() {
      return listed.value ?? real.PROPERTIES;
    },
  };
});

const backlogs = (id: string, limit: number): Property =>
  property<number>({
    id,
    sentence: `A backlog is below ${limit}.`,
    kernels: ['2.6.32', '4.15'],
    rules: [],
    arbitrary: () => fc.nat(100),
    check: (backlog) => expectThat(backlog < limit, () => `the backlog is ${backlog}`),
    scenarios: (backlog) => [{ sysctl: {}, sockopt: {}, events: [{ syscall: 'listen', backlog }] }],
  });

const falsified = (): void => {
  listed.value = [backlogs('below-20', 20), backlogs('below-101', 101)];
};

afterEach(() => {
  listed.value = undefined;
  vi.unstubAllEnvs();
});

/** Without the times that it took. */
const timeless = (text: string): string => text.replaceAll(/\d+ ms|\d+\.\d s/g, '_');

describe('check', () => {
  it('tries the properties that are asked for, on every kernel', async () => {
    const { status, out, err } = await folder.run(
      'check',
      '--run',
      'accept-o*',
      '--run',
      'resets-counted',
      '--skip',
      'r*',
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(timeless(out)).toBe(`seed 20111220
${KERNELS.map(({ name }) => `accept-oldest-first on ${name}: holds (200 runs, _)`).join('\n')}
6 hold, in _
`);
  });

  it('tries one kernel, another chance and other numbers of runs', async () => {
    const { out } = await folder.run('check', '--run', 'split-wait', '--kernel', '4.15', '--seed', '-3', '--runs', '7');
    expect(timeless(out)).toBe('seed -3\nsplit-wait on 4.15: holds (7 runs, _)\n1 holds, in _\n');
  });

  it('takes the seed and the runs of the environment, and says which seed it was', async () => {
    vi.stubEnv('SEED', '99');
    vi.stubEnv('RUNS', '3');
    const { out } = await folder.run('check', '--run', 'resets-counted', '--kernel', '4.15');
    expect(timeless(out)).toBe('seed 99\nresets-counted on 4.15: holds (3 runs, _)\n1 holds, in _\n');
  });

  it('tells what falsified a property, and the command that tries it again; that command does', async () => {
    falsified();
    const { status, out, err } = await folder.run('check', '--kernel', '4.15');
    expect(status).toBe(1);
    expect(timeless(out)).toMatch(
      /^seed 20111220\nbelow-20 on 4\.15: falsified \(\d runs?, _\)\nbelow-101 on 4\.15: holds \(200 runs, _\)\n1 holds, 1 falsified, in _\n$/,
    );
    expect(err).toContain('\n  A backlog is below 20.\n  found: the backlog is 20\n  seed 20111220, path ');
    const [, command = ''] = /\n {2}tcp-backlog (check .*)\n/.exec(err) ?? [];
    const again = await folder.run(...command.split(' '));
    expect(again.status).toBe(1);
    expect(timeless(again.out)).toBe(
      'seed 20111220\nbelow-20 on 4.15: falsified (1 run, _)\n0 hold, 1 falsified, in _\n',
    );
    expect(again.err.split('\n').slice(1)).toEqual(err.split('\n').slice(1));
  });

  it('stops at the first failure with --bail', async () => {
    falsified();
    const { status, out } = await folder.run('check', '--bail');
    expect(status).toBe(1);
    expect(out.match(/ on /g)).toHaveLength(1);
  });

  it('saves the trace, which replay accepts and run plays', async () => {
    falsified();
    const saved = join(folder.path, 'saved');
    const { err } = await folder.run('check', '--save', saved);
    expect(readdirSync(saved)).toEqual(['below-20-2.6.32.ndjson', 'below-20-4.15.ndjson']);
    expect(err).toContain('tcp-backlog explain saved/below-20-4.15.ndjson\n');
    const file = 'saved/below-20-4.15.ndjson';
    const replayed = await folder.run('replay', file);
    expect(replayed).toMatchObject({
      status: 0,
      err: '',
      out: `${file}: 1 conforms, 0 violate, 0 undecided, 0 invalid (1 steps)\n`,
    });
    expect((await folder.run('run', file)).out).toBe(readFileSync(join(folder.path, file), 'utf8'));
  });

  it('prints JSON lines', async () => {
    falsified();
    const { status, out, err } = await folder.run('check', '--json', '--kernel', '2.6.32');
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect({ status, err }).toEqual({ status: 1, err: '' });
    expect(lines).toMatchObject([
      {
        property: 'below-20',
        kernel: '2.6.32',
        seed: 20111220,
        status: 'falsified',
        failure: {
          message: 'the backlog is 20',
          counterexample: '20',
          traces: [{ header: { trace: 1 }, steps: [{ result: 0 }] }],
        },
      },
      { property: 'below-101', status: 'holds', runs: 200 },
      { summary: { holds: 1, falsified: 1, 'not exercised': 0, error: 0 } },
    ]);
  });

  it('shows how far it is on a terminal', async () => {
    const { err } = await folder.runOn(new Paper(), new Paper(true), [
      'check',
      '--run',
      'resets-counted',
      '--runs',
      '2',
    ]);
    expect(err).toContain('0 of 6: resets-counted on 2.6.32');
  });
});

describe('wrong usage of check', () => {
  it.each<[string, string]>([
    ['--run nothing', 'tcp-backlog: no property has such a name'],
    ['--kernel 3.10', 'tcp-backlog: no such kernel: "3.10" (there are 2.6.32, 4.15, 5.10, 6.1, 6.12, 7.2)'],
    [
      '--seed 1.5',
      "tcp-backlog: option '--seed <n>' argument '1.5' is invalid. Expected an integer of 32 bits, or random.",
    ],
    ['--runs 0', "tcp-backlog: option '--runs <n>' argument '0' is invalid. Expected a number from 1 to 999999999."],
    [
      '--path 1:',
      "tcp-backlog: option '--path <path>' argument '1:' is invalid. Expected numbers with colons, as in 12:0:3.",
    ],
    ['--path 1', 'tcp-backlog: --path needs --run with one property, --kernel and --seed'],
    [
      '--path 1 --run split-wait --kernel 4.15',
      'tcp-backlog: --path needs --run with one property, --kernel and --seed',
    ],
    [
      '--path 0:999999 --run split-wait --kernel 4.15 --seed 1',
      'tcp-backlog: with the seed 1 no value is at the path 0:999999',
    ],
    ['--save /dev/null/x', "tcp-backlog: cannot write to /dev/null/x: ENOTDIR: not a directory, mkdir '/dev/null/x'"],
  ])('%s', async (args, message) => {
    expect(await folder.run('check', ...args.split(' '))).toMatchObject({ status: 2, out: '', err: `${message}\n` });
  });

  it('is also a seed in the environment that is none', async () => {
    vi.stubEnv('SEED', 'x');
    const { status, err } = await folder.run('check');
    expect({ status, err }).toEqual({
      status: 2,
      err: 'tcp-backlog: SEED is to be a 32-bit integer or random, not "x"\n',
    });
  });
});
