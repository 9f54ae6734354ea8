import { describe, expect, it } from 'vitest';
import { KERNELS } from '../src/kernels.js';
import { describeResult, runProperty } from './campaign.js';
import { PROPERTIES } from './index.js';
import { environmentChoice } from './seed.js';

const { seed, runs } = environmentChoice();
const started = performance.now();
let milliseconds = 0;

describe(`the properties, with the seed ${seed}`, () => {
  for (const property of PROPERTIES) {
    for (const kernel of KERNELS.filter(({ name }) => property.kernels.includes(name))) {
      it(`${property.id} on ${kernel.name}: ${property.sentence}`, { timeout: 600_000 }, () => {
        const result = runProperty(property, kernel, runs === undefined ? { seed } : { seed, runs });
        milliseconds += result.milliseconds;
        if (result.status !== 'holds') expect.fail(describeResult(result));
      });
    }
  }

  it('take less than three minutes together', { skip: runs !== undefined }, () => {
    const total = Math.round((performance.now() - started) / 1000);
    process.stdout.write(`SEED=${seed}: ${PROPERTIES.length} properties tried in ${total} s\n`);
    expect(milliseconds).toBeLessThan(180_000);
  });

  it('have different ids', () => {
    expect(new Set(PROPERTIES.map(({ id }) => id)).size).toBe(PROPERTIES.length);
  });
});
