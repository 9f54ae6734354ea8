import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { describeResult, ndjson, runProperty } from '../../properties/campaign.js';
import { PROFILES, PROPERTIES } from '../../properties/index.js';
import { expectThat, property } from '../../properties/property.js';
import { DEFAULT_SEED, environmentChoice, parseSeed } from '../../properties/seed.js';
import { kernelNamed } from '../../src/kernels.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import type { Scenario } from '../../src/run/scenario.js';

const listening = (backlog: number): Scenario => ({
  sysctl: {},
  sockopt: {},
  events: [{ syscall: 'listen', backlog }],
});

/** Backlogs are below a limit; it fails from that on. */
const below = (limit: number) =>
  property<number>({
    id: 'backlog-is-small',
    sentence: `The backlog is below ${limit}.`,
    kernels: ['4.15'],
    rules: ['inet_listen/start', 'reqsk_queue_alloc/size'],
    runs: 50,
    arbitrary: () => fc.nat(100),
    check(backlog, bench) {
      bench.play(listening(backlog));
      expectThat(backlog < limit, () => `the backlog is ${backlog}`);
    },
    scenarios: (backlog) => [listening(backlog)],
  });

describe('a property that holds', () => {
  it('is tried as often as it says, and shows the rules that the kernel has', () => {
    const result = runProperty(below(101), linux_4_15, { seed: 3 });
    expect(result).toMatchObject({ property: 'backlog-is-small', kernel: '4.15', seed: 3, status: 'holds', runs: 50 });
    expect(result.fired.get('inet_listen/start')).toBe(50);
    expect(describeResult(result)).toMatch(/^backlog-is-small on 4\.15: holds \(50 runs, \d+ ms, seed 3\)$/);
  });

  it('shows nothing when a rule that it is about never fired', () => {
    const unfired = { ...below(101), rules: ['inet_listen/start', 'tcp_close/linger-zero'] as const };
    const result = runProperty(unfired, linux_4_15, { seed: 3 });
    expect(result).toMatchObject({ status: 'not exercised', unexercised: ['tcp_close/linger-zero'] });
    expect(describeResult(result)).toContain('\n  never fired: tcp_close/linger-zero');
    expect(runProperty(unfired, linux_4_15, { seed: 3, runs: 49 }).status).toBe('holds');
    expect(runProperty(unfired, linux_4_15, { seed: 3, path: '0' }).status).toBe('holds');
  });
});

describe('a property that does not hold', () => {
  const found = runProperty(below(20), linux_4_15, { seed: 3 });

  it('is falsified by the smallest value, of which the scenario and the trace are given', () => {
    expect(found).toMatchObject({
      status: 'falsified',
      failure: { message: 'the backlog is 20', scenarios: [listening(20)] },
    });
    expect(found.runs).toBeLessThan(50);
    const [trace] = found.failure?.traces ?? [];
    expect(trace?.header).toMatchObject({ trace: 1, id: 'backlog-is-small', kernel: { variant: '4.15' } });
    expect(trace?.steps).toMatchObject([{ result: 0, observed: { listener: { maxAcceptQueue: 20 } } }]);
    expect(trace?.steps[0]).not.toHaveProperty('rules');
  });

  it('tells all of it in words, with the command that tries it again and the trace as it would be saved', () => {
    const { path = '', traces = [] } = found.failure ?? {};
    expect(describeResult(found)).toContain(`
  The backlog is below 20.
  found: the backlog is 20
  seed 3, path ${path}, made smaller ${found.failure?.shrinks} times
  tcp-backlog check --run backlog-is-small --kernel 4.15 --seed 3 --path ${path}
${traces.map(ndjson).join('').trimEnd()}`);
  });

  it('is tried again on that value alone', () => {
    const { path = '' } = found.failure ?? {};
    let tried = 0;
    const counting = { ...below(20) };
    const again = runProperty(
      property<number>({
        ...counting,
        arbitrary: () => fc.nat(100),
        check(backlog) {
          tried += 1;
          expectThat(backlog < 20, () => `the backlog is ${backlog}`);
        },
        scenarios: () => [],
      }),
      linux_4_15,
      { seed: 3, path },
    );
    expect(again).toMatchObject({ status: 'falsified', runs: 1, failure: { message: 'the backlog is 20', path } });
    expect(tried).toBe(1);
    expect(runProperty(below(21), linux_4_15, { seed: 3, path })).toMatchObject({ status: 'holds', runs: 1 });
  });

  it('has no value at a path that leads nowhere', () => {
    for (const path of ['3:999999', 'x']) {
      expect(() => runProperty(below(20), linux_4_15, { seed: 3, path })).toThrow(RangeError);
    }
  });
});

describe('a property that cannot be tried', () => {
  it('is an error, and says nothing of the kernel', () => {
    const broken = property<number>({
      ...below(20),
      arbitrary: () => fc.nat(100),
      check() {
        throw new TypeError('a bug');
      },
      scenarios: () => [],
    });
    const result = runProperty(broken, linux_4_15, { seed: 3 });
    expect(result).toMatchObject({ status: 'error', runs: 1, failure: { traces: [] } });
    expect(result.failure?.message).toContain('TypeError: a bug');
    expect(describeResult(result)).toMatch(/\n0$/);
  });
});

describe('the seed', () => {
  afterEach(() => {
    delete process.env['SEED'];
  });

  it('is fixed unless the environment says otherwise', () => {
    expect(environmentChoice({})).toEqual({ seed: DEFAULT_SEED, runs: undefined });
    expect(environmentChoice({ SEED: '-7', RUNS: '12' })).toEqual({ seed: -7, runs: 12 });
    process.env['SEED'] = '5';
    expect(environmentChoice().seed).toBe(5);
  });

  it('may be random, and is told then', () => {
    const seeds = new Set(Array.from({ length: 8 }, () => parseSeed('random')));
    expect(seeds.size).toBeGreaterThan(1);
    for (const seed of seeds) expect(seed).toBe((seed ?? 0.5) | 0);
  });

  it.each([{ SEED: 'x' }, { SEED: '2147483648' }, { RUNS: '0' }, { RUNS: '1e3' }])('is not %j', (environment) => {
    expect(() => environmentChoice(environment)).toThrow(RangeError);
  });
});

describe('the registry', () => {
  it('has properties whose kernels and rules there are', () => {
    for (const { kernels, runs } of PROPERTIES) {
      for (const name of kernels) expect(kernelNamed(name), name).toBeDefined();
      expect(runs).toBeGreaterThan(0);
    }
  });

  it('has profiles of different names', () => {
    expect(new Set(PROFILES.map(({ id }) => id)).size).toBe(PROFILES.length);
  });
});
