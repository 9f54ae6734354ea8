/** The measurements of the packet backlog: the model explains each of them, and none in which a number is changed. */

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { SoftnetHeader, SoftnetMeasurement } from '../../src/generated/types.js';
import { cloneGraph } from '../../src/host/clone.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { SoftnetJudge, SoftnetRecordJudge } from '../../src/judge/softnet.js';
import { KERNELS } from '../../src/kernels.js';
import { WITH_PACKET_BACKLOG } from '../support/kernels.js';

function recorded(kernel: string): { header: SoftnetHeader; measurements: SoftnetMeasurement[] } {
  const text = gunzipSync(readFileSync(`fixtures/softnet/linux-${kernel}.ndjson.gz`)).toString();
  const [header, ...measurements] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { header, measurements };
}

/** Every measurement that differs from `one` in a single number of what came of it, or in the size of the burst. */
function* falsified(one: SoftnetMeasurement): Generator<SoftnetMeasurement> {
  const { softnet_stat, delivered, burst, order } = one;
  for (const by of [-1, 1]) {
    yield { ...one, burst: burst + by };
    yield { ...one, delivered: delivered + by };
    for (const column of ['processed', 'dropped', 'time_squeeze'] as const) {
      yield { ...one, softnet_stat: { ...softnet_stat, [column]: softnet_stat[column] + by } };
    }
    for (const [i, number] of order.entries()) yield { ...one, order: order.with(i, number + by) };
  }
}

describe.each(WITH_PACKET_BACKLOG)('the measurements of %s', (name, kernel) => {
  const { header, measurements } = recorded(name);

  it('are all explained', () => {
    const judge = new SoftnetJudge(kernel, header.kernel.hz);
    const wrong = measurements.filter((one) => judge.judge(one) !== undefined);
    expect(wrong).toEqual([]);
    expect(measurements).toHaveLength(972);
  });

  it('are each rejected with any number of their outcome changed', { timeout: 120_000 }, () => {
    let tried = 0;
    const accepted: SoftnetMeasurement[] = [];
    const judge = new SoftnetJudge(kernel, header.kernel.hz);
    for (const one of measurements) {
      for (const wrong of falsified(one)) {
        tried += 1;
        if (cloneGraph(judge).judge(wrong) === undefined) accepted.push(wrong);
      }
      judge.judge(one);
    }
    expect(accepted).toEqual([]);
    expect(tried).toBeGreaterThan(40_000);
  });

  it('are all rejected by the other kernel', () => {
    for (const other of WITH_PACKET_BACKLOG.map(([, one]) => one).filter((one) => one !== kernel)) {
      const judge = new SoftnetJudge(other, header.kernel.hz);
      expect(measurements.filter((one) => judge.judge(one) === undefined)).toEqual([]);
    }
  });
});

describe('a weight that was just written', () => {
  const kernel = KERNELS[0] as KernelVariant;
  const lone = (dev_weight: number): SoftnetMeasurement => ({
    netdev_max_backlog: 1000,
    netdev_budget: 20,
    dev_weight,
    burst: 1,
    softnet_stat: { processed: 2, dropped: 0, time_squeeze: 0 },
    delivered: 1,
    order: [0],
  });
  const many = (dev_weight: number, time_squeeze: number): SoftnetMeasurement => ({
    ...lone(dev_weight),
    burst: 30,
    softnet_stat: { processed: 60, dropped: 0, time_squeeze },
    delivered: 30,
  });
  const second = (first: SoftnetMeasurement, then: SoftnetMeasurement) => {
    const judge = new SoftnetJudge(kernel, 1000);
    expect(judge.judge(first)).toBeUndefined();
    return judge.judge(then);
  };

  it('may hold from the first poll on, or from the second', () => {
    expect(second(lone(64), many(1, 1))).toBeUndefined();
    expect(second(lone(64), many(1, 0))).toBeUndefined();
    expect(second(lone(1), many(1, 1))).toBeUndefined();
    expect(second(lone(1), many(1, 0))).toMatchObject({ field: 'softnet_stat.time_squeeze', expected: 1, observed: 0 });
    expect(second(many(1, 0), many(1, 0))).toMatchObject({ rule: 'net_rx_action/out-of-budget' });
  });
});

describe('records of a file', () => {
  const header = (release: string): SoftnetHeader => ({ softnet: 1, kernel: { name: 'linux', release, hz: 1000 } });
  const good = recorded('4.15').measurements[0] as SoftnetMeasurement;

  it('are judged by the variant that models the release', () => {
    const judge = new SoftnetRecordJudge();
    expect(judge.take({ kind: 'header', line: 1, value: header('4.15.18-generic') })).toBeUndefined();
    expect(judge.take({ kind: 'step', line: 2, value: good })).toEqual({
      id: 'burst-1-backlog-0-weight-64-budget-300',
      kernel: '4.15',
      verdict: 'conforms',
      steps: 1,
    });
    expect(judge.take({ kind: 'step', line: 3, value: { ...good, delivered: 0, order: [] } })).toMatchObject({
      verdict: 'violates',
      line: 3,
      rule: 'enqueue_to_backlog/queued',
      message: 'delivered: expected 1, observed 0',
    });
  });

  it('are invalid where no variant does, unless one is asked for', () => {
    const value = header('4.150');
    expect(new SoftnetRecordJudge().take({ kind: 'header', line: 1, value })).toMatchObject({ verdict: 'invalid' });
    expect(new SoftnetRecordJudge(KERNELS[0]).take({ kind: 'header', line: 1, value })).toBeUndefined();
  });
});
