import { describe, expect, it } from 'vitest';
import { goldenTraces } from '../test/support/recordings.js';
import { corruptionCampaign } from './corruptions/campaign.js';

const RUNS = Number(process.env['RUNS'] ?? 10_000);
const SEED = Number(process.env['SEED'] ?? 1);

describe('the judge', () => {
  it(`rejects at least 99.8 % of ${RUNS} traces in which one observed fact was falsified`, { timeout: 300_000 }, () => {
    const recordings = [...goldenTraces('linux-2.6.32'), ...goldenTraces('linux-4.15')];
    const { tried, believed } = corruptionCampaign(recordings, RUNS, SEED);
    const lines = [...tried].map(([kind, count]) => {
      const missed = believed.filter((one) => one.kind === kind).length;
      return `${kind}: ${count - missed} of ${count} rejected (${(100 - (100 * missed) / count).toFixed(2)} %)`;
    });
    console.log(
      [
        `seed ${SEED}`,
        ...lines,
        ...believed.map((one) => `believed: ${one.kind} in ${one.kernel} ${one.id}, step ${one.step}`),
      ].join('\n'),
    );
    expect(believed.length / RUNS).toBeLessThanOrEqual(0.002);
  });
});
