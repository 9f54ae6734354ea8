import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Subject, SubjectError } from '../../src/conformance/subject.js';
import { Pool, type PoolOptions, type PoolProgress } from '../../src/live/pool.js';
import { type CommandLine, Programs, running } from '../conformance/process-fixtures.js';

const programs = new Programs();
const pools: Pool[] = [];

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()));
});

async function started([command, args]: CommandLine, options: Partial<PoolOptions> = {}): Promise<Pool> {
  const pool = await Pool.start({ adapter: { command, args }, kernel: '4.15', jobs: 3, ...options });
  pools.push(pool);
  return pool;
}

/** Tells the adapter to listen; what it answers is of no interest. */
const listen = (backlog: number) => async (subject: Subject) => {
  await subject.apply({ syscall: 'listen', backlog }, 0);
  return backlog;
};

const jobs = (...lengths: readonly number[]) => lengths.map((length) => ({ length, run: listen(length) }));

/** Answers as \`handle\` says once a file is there, and makes it. */
const ONCE = (file: string) => `
const fs = require('node:fs');
const isFirst = () => { try { fs.writeFileSync(${JSON.stringify(file)}, '', { flag: 'wx' }); return true; } catch { return false; } };
`;

describe('a pool', () => {
  it('plays jobs side by side, the longest first, and gives what came of them in their order', async () => {
    const file = join(programs.path, 'order');
    const slow = programs.program(`
      handle = (request) => {
        if (request.type !== 'apply') return say(answer(request));
        require('node:fs').appendFileSync(${JSON.stringify(file)}, request.event.backlog + '\\n');
        setTimeout(() => say(answer(request)), 300);
      };`);
    const pool = await started(slow);
    const told: PoolProgress[] = [];
    expect(await pool.all(jobs(1, 5, 3, 2, 4, 6), (progress) => told.push(progress))).toEqual([1, 5, 3, 2, 4, 6]);
    const order = readFileSync(file, 'utf8').trim().split('\n').map(Number);
    expect(order.slice(0, 3).sort()).toEqual([4, 5, 6]);
    expect(order.slice(3).sort()).toEqual([1, 2, 3]);
    expect(running(slow)).toHaveLength(3);
    expect(told.map(({ done, of }) => [done, of])).toEqual([1, 2, 3, 4, 5, 6].map((done) => [done, 6]));
    expect(told.at(-1)?.left).toBe(0);
    expect(told.every(({ left }) => left >= 0 && left < 5)).toBe(true);
  });

  it('starts no more adapters than there is work for, and uses them again', async () => {
    const pool = await started(programs.program(''));
    const [first] = pool.pids;
    await pool.all(jobs(1));
    await pool.all(jobs(1));
    expect(pool.pids).toEqual([first]);
  });

  it('replaces an adapter that breaks, and plays its job again', async () => {
    const program = programs.program(`${ONCE(join(programs.path, 'broke'))}
      handle = (request) => request.type === 'apply' && isFirst() ? process.exit(5) : say(answer(request));`);
    const notes: string[] = [];
    const pool = await started(program, { jobs: 1, onNote: (line) => notes.push(line) });
    const [first] = pool.pids;
    expect(await pool.all(jobs(1, 2))).toEqual([1, 2]);
    expect(pool.pids).toHaveLength(1);
    expect(pool.pids).not.toContain(first);
    expect(notes).toEqual(['the subject ended with status 5 before it answered request 2 (apply); once more']);
  });

  it('reports a job that breaks two adapters, and plays the others', async () => {
    const program = programs.program(`
      handle = (request) => request.type === 'apply' && request.event.backlog === 7 ? process.exit(5) : say(answer(request));`);
    const pool = await started(program, { jobs: 2 });
    const [one, bad, two] = await pool.all(jobs(1, 7, 2));
    expect([one, two]).toEqual([1, 2]);
    expect(bad).toBeInstanceOf(SubjectError);
    expect((bad as SubjectError).message).toContain('ended with status 5');
  });

  it('does not wait for ever for an adapter that hangs', async () => {
    const program = programs.program(`
      handle = (request) => { if (request.type !== 'apply' || request.event.backlog !== 7) say(answer(request)); };`);
    const pool = await started(program, { jobs: 1, timeout: 2000 });
    const [bad, good] = await pool.all(jobs(7, 2));
    expect((bad as SubjectError).message).toMatch(/^the subject did not answer request \d \(apply\) within 2 s$/);
    expect(good).toBe(2);
    expect(running(program)).toEqual([]);
  });

  it('hands on what is wrong with a job itself', async () => {
    const pool = await started(programs.program(''));
    const broken = { length: 0, run: () => Promise.reject(new RangeError('mine')) };
    await expect(pool.all([broken])).rejects.toThrow(new RangeError('mine'));
    expect(await pool.all(jobs(1))).toEqual([1]);
  });

  it('does with fewer adapters where the machine does not take more', async () => {
    const folder = join(programs.path, 'slots');
    const program = programs.program(`
      const fs = require('node:fs');
      fs.mkdirSync(${JSON.stringify(folder)}, { recursive: true });
      if (fs.readdirSync(${JSON.stringify(folder)}).length >= 2) process.exit(1);
      fs.writeFileSync(${JSON.stringify(folder)} + '/' + process.pid, '');`);
    const notes: string[] = [];
    const pool = await started(program, { jobs: 6, onNote: (line) => notes.push(line) });
    await pool.use(listen(1));
    expect(await pool.all(jobs(...Array(20).keys()))).toEqual([...Array(20).keys()]);
    expect(readdirSync(folder).length).toBeLessThanOrEqual(3);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^fewer than 6 adapters run side by side here: the subject ended with status 1/);
  });

  it('cannot be made of what does not start', async () => {
    await expect(started([join(programs.path, 'nothing'), []])).rejects.toThrow(SubjectError);
    const program = programs.program('process.exit(9)');
    await expect(started(program)).rejects.toThrow('ended with status 9');
    expect(running(program)).toEqual([]);
  });

  it('leaves nothing when it is stopped in the middle of jobs', async () => {
    const program = programs.program(`
      handle = (request) => { if (request.type !== 'apply') say(answer(request)); };`);
    const pool = await started(program, { jobs: 2 });
    const results = pool.all(jobs(1, 2, 3, 4));
    while (running(program).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await pool.stop();
    expect(running(program)).toEqual([]);
    expect((await results).every((result) => result instanceof SubjectError)).toBe(true);
  });

  it('tells what an adapter does wrong that was asked to stop', async () => {
    const pool = await started(programs.program("process.on('exit', () => { process.exitCode = 4; });"));
    const problems = await pool.stop();
    expect(problems.map(({ message }) => message)).toEqual([
      'the subject ended with status 4 after it was asked to stop',
    ]);
    expect(await pool.stop()).toEqual([]);
  });
});
