import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readKernels } from '../../scripts/citations.js';
import { modelTraces } from '../../scripts/model-fixtures.js';
import { type ModelScenario, scenarios } from '../../scripts/scenarios.js';
import { judgeFixtures } from '../../scripts/shown.js';
import type { KernelSpec } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { kernelNamed } from '../../src/kernels.js';

const specs = readKernels(fileURLToPath(new URL('../../', import.meta.url)));
const old = kernelNamed('2.6.32') as KernelVariant;
const oldSpec = specs.find(({ name }) => name === '2.6.32') as KernelSpec;

const refused: ModelScenario = {
  id: 'backlog-0',
  sysctl: { 'net.ipv4.tcp_syncookies': 0 },
  events: [
    { syscall: 'listen', backlog: 0 },
    { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] },
    { syscall: 'accept', nonblocking: true },
  ],
};

describe('modelTraces', () => {
  it('plays the scenarios that are for the kernel, with the release that it is cited from', () => {
    const others: ModelScenario[] = [
      { ...refused, id: 'other', kernel: '4.15' },
      { ...refused, id: 'later', since: '4.15' },
    ];
    const text = modelTraces(old, oldSpec, [refused, ...others]);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(JSON.parse(lines[0] as string)).toMatchObject({
      id: 'backlog-0',
      origin: 'model',
      kernel: { release: oldSpec.release },
    });
    expect(JSON.parse(lines[3] as string)).toMatchObject({ result: 'EAGAIN' });
  });

  it('gives every scenario a name of its own', () => {
    const ids = scenarios.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^model-[a-z0-9-]+$/);
  });
});

describe('judgeFixtures', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'shown-'));
    mkdirSync(join(folder, 'model'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (text: string) => writeFileSync(join(folder, 'model/a.ndjson'), text);

  it('tells of each trace which rules it shows, and which neighbour of its kernel could not have made it', async () => {
    write(modelTraces(old, oldSpec, [refused]));
    const [shown, ...others] = await judgeFixtures(folder);
    expect(others).toEqual([]);
    expect(shown).toMatchObject({
      file: 'model/a.ndjson',
      line: 1,
      id: 'backlog-0',
      kernel: '2.6.32',
      problem: undefined,
    });
    expect(shown?.rejectedBy).toEqual(['4.15']);
    for (const rule of [
      'do_proc_dointvec_conv/any-int',
      'inet_listen/start',
      'tcp_v4_conn_request/synack',
      'inet_csk_accept/queue-empty',
    ]) {
      expect(shown?.rules).toContain(rule);
    }
  });

  it('asks the kernels before and after the one that it is of, and no other', async () => {
    const kernel = kernelNamed('5.10') as KernelVariant;
    write(
      modelTraces(kernel, specs.find(({ name }) => name === '5.10') as KernelSpec, [{ ...refused, since: '4.15' }]),
    );
    expect((await judgeFixtures(folder))[0]).toMatchObject({ kernel: '5.10', rejectedBy: ['4.15'] });
  });

  it('tells where a trace does not conform', async () => {
    write(modelTraces(old, oldSpec, [refused]).replace('"EAGAIN"', '"EINVAL"'));
    const [shown] = await judgeFixtures(folder);
    expect(shown?.problem).toBe('model/a.ndjson:4: backlog-0 violates');
  });

  it('knows that a refused sysctl may keep what an earlier trace of the file wrote', async () => {
    const release = '2.6.32.69';
    const somaxconn = (value: number, backlog: number): ModelScenario => ({
      ...refused,
      id: `somaxconn-${value}`,
      release,
      sysctl: { 'net.core.somaxconn': value },
      events: [{ syscall: 'listen', backlog }],
    });
    const refusedValue = modelTraces(old, oldSpec, [somaxconn(-1, 4096)]);
    const keptByTheMachine = refusedValue.replace('"maxAcceptQueue":128', '"maxAcceptQueue":1000');
    write(keptByTheMachine);
    expect((await judgeFixtures(folder))[0]?.problem).toBe('model/a.ndjson:2: somaxconn--1 violates');
    write(modelTraces(old, oldSpec, [somaxconn(1000, 4096)]) + keptByTheMachine);
    expect((await judgeFixtures(folder)).map(({ problem }) => problem)).toEqual([undefined, undefined]);
  });
});
