import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/generated/types.js';
import { judgeTrace, kernelNamed } from '../../src/index.js';
import { type GoldenTrace, goldenTraces } from '../support/recordings.js';

/**
 * What a step shows of how the kernel behaves, without anything that could differ between two recordings on one kernel: times, and
 * delayed ACKs, which leave in this step or in the next one, as the jiffies fall.
 */
function behaviour({ result, accepted, setupErrors, out, observed }: Step): unknown {
  const segments = out
    .map(({ peer, flags, len }) => `${peer} ${flags.join('+')} ${len}`)
    .filter((one) => !/ ACK /.test(one));
  const counters = Object.entries(observed.counters).filter(([name]) => name !== 'DelayedACKs' && name !== 'OutSegs');
  const rows = (observed.sockets ?? []).map(({ peer, state, accepted: owned }) => `${peer} ${state} ${owned}`);
  return [result, accepted, setupErrors, segments.sort(), observed.listener, counters.sort(), rows.sort()];
}

const differ = (a: GoldenTrace, b: GoldenTrace): boolean =>
  JSON.stringify([a.header.sysctlErrors, a.steps.map(behaviour)]) !==
  JSON.stringify([b.header.sysctlErrors, b.steps.map(behaviour)]);

describe('a trace of one kernel, judged by the other kernel', () => {
  const old = goldenTraces('linux-2.6.32');
  const later = new Map(goldenTraces('linux-4.15').map((trace) => [trace.header.id, trace]));
  const pairs = old.map((trace) => ({ old: trace, later: later.get(trace.header.id) as GoldenTrace }));
  const different = pairs.filter((pair) => differ(pair.old, pair.later));

  it.each([
    ['2.6.32', '4.15'],
    ['4.15', '2.6.32'],
  ] as const)('%s by %s: is rejected whenever the two kernels behave differently', { timeout: 120_000 }, (from, by) => {
    const believed = different
      .map((pair) => (from === '2.6.32' ? pair.old : pair.later))
      .filter(({ header, steps }) => judgeTrace(header, steps, kernelNamed(by)).verdict !== 'violates');
    process.stdout.write(
      `${different.length - believed.length} of ${different.length} traces of ${from} that show a difference are rejected by ${by}; ${pairs.length - different.length} show none\n`,
    );
    expect(believed.map(({ header }) => header.id)).toEqual([]);
    expect(different.length).toBeGreaterThan(1000);
  });
});
