/** Recording, on a model behind the protocol and on the running kernel. */

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordOptions, record } from '../../src/cli/commands/record.js';
import { UsageError } from '../../src/cli/exit.js';
import { Output } from '../../src/cli/output.js';
import type { TraceHeader } from '../../src/generated/types.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { KERNELS } from '../../src/kernels.js';
import { kernelFor, thisKernel } from '../../src/live/kernel-of-release.js';
import { liveCommand } from '../../src/live/launch.js';
import { Pool } from '../../src/live/pool.js';
import { lengthOf, record as recordScenario } from '../../src/live/record.js';
import type { Scenario, Trace } from '../../src/run/scenario.js';
import { Folder, Paper } from '../cli/transcript.js';
import { liveIt, unsupported } from '../support/live.js';
import { standIn } from './standin.js';

const folder = new Folder();

const listen = { event: { syscall: 'listen', backlog: 1 } };
const syn = (peer: number) => ({ event: { segments: [{ peer, flags: ['SYN'], seq: 1000 }] } });

/** Runs the command with the model of 4.15 in the place of the running kernel. */
async function recorded(files: readonly string[], options: Partial<RecordOptions> = {}) {
  const [out, err] = [new Paper(), new Paper()];
  const all = { kernel: '4.15', jobs: 2, ...options };
  const paths = files.map((file) => join(folder.path, file));
  const status = await record(paths, all, new Output(out, err), () => standIn('4.15'));
  const told = (text: string): string => text.replaceAll(`${folder.path}/`, '');
  return { status, out: out.text, err: told(err.text) };
}

const headers = (text: string): TraceHeader[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{"trace"'))
    .map((line) => JSON.parse(line) as TraceHeader);

describe('record', () => {
  it('writes a file of recorded traces for each file of scenarios, which conform', async () => {
    folder.file('a.ndjson', [{ trace: 1, id: 'first' }, listen, syn(1), { trace: 1, id: 'second' }, listen, syn(2)]);
    folder.file('b.ndjson', [{ trace: 1, id: 'third', sysctl: { 'net.ipv4.tcp_syncookies': 0 } }, listen, syn(3)]);
    const target = join(folder.path, 'recorded');
    const { status, out, err } = await recorded(['a.ndjson', 'b.ndjson'], { output: target });
    expect({ status, out }).toEqual({ status: 0, out: '' });
    expect(err.trim().split('\n').sort()).toEqual(['recorded/a.ndjson: 2 traces', 'recorded/b.ndjson: 1 trace']);
    const [first, second] = headers(readFileSync(join(target, 'a.ndjson'), 'utf8'));
    expect([first?.id, second?.id]).toEqual(['first', 'second']);
    expect(first).toMatchObject({ origin: 'recorded', kernel: { variant: '4.15' } });
    expect(await folder.run('replay', 'recorded/a.ndjson', 'recorded/b.ndjson')).toMatchObject({ status: 0 });
  });

  it('prints traces in the order of the scenarios where no folder is given', async () => {
    folder.file('slow.ndjson', [
      { trace: 1, id: 'slow' },
      listen,
      { event: { wait: 1 } },
      { trace: 1, id: 'quick' },
      listen,
    ]);
    const { status, out } = await recorded(['slow.ndjson']);
    expect(status).toBe(0);
    expect(headers(out).map(({ id }) => id)).toEqual(['slow', 'quick']);
  });

  it('overwrites nothing, unless it is told to', async () => {
    folder.file('c.ndjson', [listen]);
    const target = join(folder.path, 'kept');
    mkdirSync(target);
    writeFileSync(join(target, 'c.ndjson'), 'mine');
    await expect(recorded(['c.ndjson'], { output: target })).rejects.toThrow(
      /kept\/c\.ndjson exists; --force overwrites it$/,
    );
    expect(readFileSync(join(target, 'c.ndjson'), 'utf8')).toBe('mine');
    expect(await recorded(['c.ndjson'], { output: target, force: true })).toMatchObject({ status: 0 });
    expect(headers(readFileSync(join(target, 'c.ndjson'), 'utf8'))).toHaveLength(1);
  });

  it('wants two files to go to two files', async () => {
    mkdirSync(join(folder.path, 'sub'));
    folder.file('d.ndjson', [listen]);
    folder.file('sub/d.ndjson', [listen]);
    const output = join(folder.path, 'same');
    await expect(recorded(['d.ndjson', 'sub/d.ndjson'], { output })).rejects.toThrow(UsageError);
  });

  it('goes on after what is no scenario, and says so', async () => {
    folder.file('bad.ndjson', [{ trace: 1, id: 'good' }, listen, { trace: 1, id: 'broken' }, { event: { wait: -1 } }]);
    const { status, out, err } = await recorded(['bad.ndjson', 'missing.ndjson']);
    expect(status).toBe(2);
    expect(err).toContain('bad.ndjson:4: $.event.wait: ');
    expect(err).toContain('missing.ndjson: no such file\n');
    expect(headers(out).map(({ id }) => id)).toEqual(['good']);
    expect(await recorded(['missing.ndjson'])).toMatchObject({ status: 2, out: '' });
  });

  it('tells which settings are refused, and has them in the header', async () => {
    folder.file('refused.ndjson', [{ trace: 1, id: 'refused', sysctl: { 'net.core.somaxconn': -1 } }, listen]);
    const { status, out, err } = await recorded(['refused.ndjson']);
    expect(status).toBe(0);
    expect(err).toBe('refused.ndjson:1: refused: net.core.somaxconn = -1 is refused: EINVAL\n');
    expect(headers(out)[0]?.sysctlErrors).toEqual({ 'net.core.somaxconn': 'EINVAL' });
  });
});

describe('record, on the running kernel', () => {
  const variant = kernelFor(thisKernel());
  const scenarioOf = (lines: readonly object[], sysctl = {}): Scenario => ({
    sysctl,
    sockopt: {},
    events: lines.map((line) => (line as { event: Scenario['events'][number] }).event),
  });
  const ack = (peer: number) => ({
    event: { segments: [{ peer, flags: ['ACK'], seq: 1001, ack: { of: 'synack', plus: 1 } }] },
  });
  /** Three clients, room for two; then time for a SYN-ACK to be sent again. */
  const overflow = [listen, syn(1), ack(1), syn(2), ack(2), syn(3), { event: { wait: 1_300_000 } }, ack(3)];
  const scenarios: Readonly<Record<string, Scenario>> = {
    overflow: scenarioOf(overflow, { 'net.ipv4.tcp_syncookies': 0 }),
    cookies: scenarioOf(overflow, { 'net.ipv4.tcp_syncookies': 2 }),
    abort: scenarioOf(overflow, { 'net.ipv4.tcp_abort_on_overflow': 1 }),
    retries: scenarioOf([listen, syn(1), { event: { wait: 3_500_000 } }, ack(1)], { 'net.ipv4.tcp_synack_retries': 1 }),
  };
  let pool: Pool | undefined;

  beforeAll(async () => {
    if (unsupported !== undefined) return;
    pool = await Pool.start({ adapter: liveCommand(), kernel: variant.name, jobs: 4 });
  });
  afterAll(async () => {
    await pool?.stop();
  });

  async function recordAll(): Promise<Map<string, Trace>> {
    const jobs = Object.entries(scenarios).map(([id, scenario]) => ({
      length: lengthOf(scenario),
      run: async (subject: Parameters<typeof recordScenario>[0]) =>
        recordScenario(subject, variant, thisKernel(), scenario, id),
    }));
    const traces = await (pool as Pool).all(jobs);
    return new Map(
      traces.map((trace, i) => {
        if (trace instanceof Error) throw trace;
        return [Object.keys(scenarios)[i] as string, trace];
      }),
    );
  }

  const verdicts = (traces: ReadonlyMap<string, Trace>) =>
    Object.fromEntries([...traces].map(([id, { header, steps }]) => [id, judgeTrace(header, steps)]));
  const conforming = Object.fromEntries(
    Object.entries(scenarios).map(([id, { events }]) => [id, { verdict: 'conforms', steps: events.length }]),
  );

  liveIt('what it does is explained by the model that fits its release, and twice is judged as once', async () => {
    const first = await recordAll();
    expect(verdicts(first)).toEqual(conforming);
    const second = await recordAll();
    expect(verdicts(second)).toEqual(conforming);
    expect(first.get('overflow')?.header).toMatchObject({
      origin: 'recorded',
      kernel: { name: 'linux', release: thisKernel().release, variant: variant.name },
    });
    expect(first.get('overflow')?.header.tolerance?.timer).toBeGreaterThan(0);
    for (const [id, { steps }] of first) {
      const shape = ({ out, result }: Trace['steps'][number]) => [
        result,
        out.map(({ peer, flags }) => [peer, ...flags]),
      ];
      expect(second.get(id)?.steps.map(shape)).toEqual(steps.map(shape));
    }
  });

  liveIt('a kernel that does otherwise is told from it', async () => {
    const traces = await recordAll();
    const old = KERNELS.find(({ name }) => name === '2.6.32');
    const rejected = [...traces.values()].filter(
      ({ header, steps }) => judgeTrace(header, steps, old).verdict === 'violates',
    );
    expect(rejected).toHaveLength(traces.size);
  });

  liveIt('it conforms while both processors are busy', async () => {
    const busy = Array.from({ length: 4 }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    try {
      expect(verdicts(await recordAll())).toEqual(conforming);
    } finally {
      for (const child of busy) child.kill('SIGKILL');
    }
  });
});
