/** Files of measurements of the packet backlog: told from traces by their beginning, and checked line by line. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openRecording, readSoftnet } from '../../src/trace/softnet.js';
import { file, header, listen } from './lines.js';

const folder = mkdtempSync(join(tmpdir(), 'softnet-'));
afterAll(() => rmSync(folder, { recursive: true }));

const machine = { softnet: 1, kernel: { name: 'linux', release: '4.15.11', hz: 1000 } };
const measured = {
  netdev_max_backlog: 1,
  dev_weight: 64,
  netdev_budget: 300,
  burst: 1,
  softnet_stat: { processed: 1, dropped: 0, time_squeeze: 0 },
  delivered: 1,
  order: [0],
};

/** A file with these lines. */
function written(...lines: object[]): string {
  const path = join(folder, 'file.ndjson');
  writeFileSync(path, file(...lines));
  return path;
}

async function read(...lines: object[]): Promise<string[]> {
  const { source } = await openRecording(written(...lines));
  const told: string[] = [];
  for await (const records of readSoftnet(source)) {
    for (const record of records) {
      const why = record.kind === 'invalid' ? ` ${record.path} ${record.message}` : '';
      told.push(`${record.kind} ${record.line}${why}`);
    }
  }
  return told;
}

describe('openRecording', () => {
  it('tells measurements from traces', async () => {
    expect((await openRecording(written(machine))).isSoftnet).toBe(true);
    expect((await openRecording(written(header, listen))).isSoftnet).toBe(false);
    expect((await openRecording(written())).isSoftnet).toBe(false);
    expect((await openRecording(join(folder, 'missing'))).isSoftnet).toBe(false);
  });

  it('keeps every byte', async () => {
    const { source } = await openRecording('fixtures/softnet/linux-4.15.ndjson.gz');
    let records = 0;
    for await (const batch of readSoftnet(source)) records += batch.filter(({ kind }) => kind !== 'invalid').length;
    expect(records).toBe(973);
  });
});

describe('readSoftnet', () => {
  it('reads headers and measurements', async () => {
    expect(await read(machine, measured, measured)).toEqual(['header 1', 'step 2', 'step 3']);
  });

  it.each([
    [{ ...measured, delivered: 2 }, '$.delivered more than the burst has: 1'],
    [{ ...measured, order: [0, 1] }, '$.order more packets than were delivered: 1'],
    [{ ...measured, dev_weight: 0 }, '$.dev_weight'],
    [{ ...measured, seen: 1 }, '$.seen'],
  ])('refuses %j', async (line, why) => {
    const [first, second] = await read(machine, line);
    expect(first).toBe('header 1');
    expect(second?.startsWith(`invalid 2 ${why}`)).toBe(true);
  });

  it('wants a header first', async () => {
    const told = await read(measured);
    expect(told[0]).toBe('invalid 1 $ a step before any header (a line with the key "softnet")');
  });
});
