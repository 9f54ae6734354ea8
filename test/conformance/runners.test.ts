import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { conformanceSuite, modelSubject, type Subject, type TestBody } from '../../src/conformance/index.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { newestFirst } from './subjects.js';

const ROOT = resolve(import.meta.dirname, '../..');
const kernel = '4.15';
const run = ['campaign/accept-order', 'campaign/faults', 'golden/listen-clamp-default-1'];
const noFaults = () =>
  modelSubject(linux_4_15, {
    capabilities: { features: modelSubject(linux_4_15).capabilities.features.filter((one) => one !== 'faults') },
  });

/** Registers tests and runs them as a runner of the given kind would; what became of each. */
async function registered(
  runner: (body: TestBody) => Promise<string>,
  options: {
    subject: Subject | (() => Subject);
    skip?: boolean;
    deviations?: readonly { reason: string; link: string }[];
  },
): Promise<Record<string, string>> {
  const tests: [string, TestBody][] = [];
  const skipped: string[] = [];
  const test = (name: string, body: TestBody): void => {
    tests.push([name, body]);
  };
  const offered = options.skip === true ? Object.assign(test, { skip: (name: string) => skipped.push(name) }) : test;
  const { subject, deviations } = options;
  conformanceSuite({
    test: offered,
    subject,
    kernel,
    run,
    ...(deviations === undefined ? { runs: 20 } : { deviations }),
  });
  const became: Record<string, string> = {};
  for (const [name, body] of tests) became[name] = await runner(body);
  for (const name of skipped) became[name] = 'skipped by test.skip';
  return became;
}

/** jest calls a body that declares no parameter without any, and one that does with a callback. */
const jest = async (body: TestBody): Promise<string> => {
  if (body.length > 0) throw new Error('jest would wait for a callback');
  return body().then(
    () => 'passed',
    (error: Error) => `failed: ${error.message}`,
  );
};

/** tape gives a test object; the promise ends the test, and a rejection fails it. */
const tape = async (body: TestBody): Promise<string> => {
  const said: string[] = [];
  const t = {
    skip: (reason: string) => said.push(`skip ${reason}`),
    pass: (message: string) => said.push(`ok ${message}`),
    end: () => said.push('ended twice'),
  };
  return body(t).then(
    () => said.join(', '),
    (error: Error) => `failed: ${error.message}`,
  );
};

describe('vitest', () => {
  conformanceSuite({ test: it, subject: modelSubject(linux_4_15), kernel, run, runs: 5 });
  conformanceSuite({ test: it, subject: noFaults, kernel, run: ['campaign/faults'], runs: 5 });
});

describe('jest', () => {
  it('passes, fails with all the facts, and shows what is skipped', async () => {
    const became = await registered(jest, { subject: modelSubject(newestFirst), skip: true });
    expect(became['golden/listen-clamp-default-1']).toBe('passed');
    const failed = became['campaign/accept-order'] ?? '';
    expect(failed).toMatch(/^failed: campaign\/accept-order: /);
    expect(failed).toMatch(/step \d+ of \d+: accepted: expected \d+, observed \d+/);
    expect(failed).toMatch(/seed 20111220, path [\d:]+/);
    expect(failed).toMatch(/replay: tcp-backlog conform --kernel 4\.15 --run campaign\/accept-order/);
    expect(failed).toMatch(/\n\{"trace":1,.*\n\{"at":/);
    const skipping = await registered(jest, { subject: noFaults(), skip: true });
    expect(Object.entries(skipping).filter(([, what]) => what === 'skipped by test.skip')).toEqual([
      ['campaign/faults (needs faults: functions that are made to fail)', 'skipped by test.skip'],
    ]);
  });
});

describe('tape', () => {
  it('passes with what was judged, fails, and skips with the reason', async () => {
    const became = await registered(tape, { subject: noFaults });
    expect(became['campaign/accept-order']).toMatch(/^ok \d+ scenarios, \d+ steps$/);
    expect(became['campaign/faults']).toBe('skip skipped: needs faults: functions that are made to fail');
    const failing = await registered(tape, { subject: modelSubject(newestFirst) });
    expect(failing['campaign/accept-order']).toMatch(/^failed: campaign\/accept-order: /);
  });
});

describe('any runner', () => {
  it('is told in a last test of a known deviation that is none any more', async () => {
    const deviations = [{ case: 'campaign/accept-order', reason: 'It is a stack.', link: 'https://example.org' }];
    const subject = modelSubject(newestFirst);
    const met = await registered(tape, { subject, deviations });
    expect(met['campaign/accept-order']).toMatch(/; deviates: It is a stack\.$/);
    expect(met['known deviations']).toBe('');
    const gone = await registered(tape, { subject: modelSubject(linux_4_15), deviations });
    expect(Object.keys(gone).at(-1)).toBe('known deviations');
    expect(gone['known deviations']).toMatch(/failed: .*campaign\/accept-order was not met .*It is a stack/);
  });

  it('gets a new subject for each case, which is stopped after it, and runs one at a time', async () => {
    let alive = 0;
    const made: number[] = [];
    const subject = (): Subject => {
      alive += 1;
      made.push(alive);
      return {
        ...modelSubject(linux_4_15),
        stop: () => {
          alive -= 1;
        },
      };
    };
    const bodies: TestBody[] = [];
    conformanceSuite({ test: (_, body) => bodies.push(body), subject, kernel, run, runs: 2 });
    await Promise.all(bodies.map((body) => body()));
    expect(made).toEqual([1, 1, 1]);
    expect(alive).toBe(0);
  });

  it('fails every test after the subject broke, with the reason', async () => {
    const subject: Subject = {
      ...modelSubject(linux_4_15),
      apply: () => {
        throw new Error('it died');
      },
    };
    const became = await registered(jest, { subject });
    expect(Object.keys(became)).toHaveLength(3);
    for (const what of Object.values(became)) expect(what).toMatch(/^failed: .*it died$/);
  });

  it('is refused where nothing fits', () => {
    const subject = modelSubject(linux_4_15);
    expect(() => conformanceSuite({ test: it, subject, kernel: '5.0' })).toThrow('no such kernel: "5.0"');
    expect(() => conformanceSuite({ test: it, subject, kernel, run: ['x'] })).toThrow('no case has such a name');
  });
});

describe('node:test', () => {
  const folder = mkdtempSync(join(ROOT, 'test/conformance/.node-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('passes, fails and skips as the others do', async () => {
    const file = join(folder, 'subject.test.ts');
    writeFileSync(
      file,
      `import { test } from 'node:test';
import { conformanceSuite, modelSubject } from '../../../src/conformance/index.js';
import { linux_4_15 } from '../../../src/linux-4.15/index.js';
import { newestFirst } from '../subjects.js';
const features = modelSubject(linux_4_15).capabilities.features.filter((one) => one !== 'faults');
const subject = () => modelSubject(newestFirst, { capabilities: { features } });
conformanceSuite({ test, subject, kernel: '4.15', run: ${JSON.stringify(run)} });
`,
    );
    const args = ['--import', 'tsx', '--test', '--test-reporter=tap', file];
    const { NODE_OPTIONS: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env }).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toMatch(/^\s*ok \d+ - golden\/listen-clamp-default-1$/m);
    expect(stdout).toMatch(/^\s*not ok \d+ - campaign\/accept-order$/m);
    expect(stdout).toMatch(/replay: tcp-backlog conform --kernel 4\.15/);
    expect(stdout).toMatch(/^\s*ok \d+ - campaign\/faults # SKIP skipped: needs faults/m);
    expect(stdout).toMatch(/^# pass 1\n# fail 1\n/m);
  });
});
