import { describe, expect, it } from 'vitest';
import { uptimeOf } from '../../src/live/uptime.js';

const BITS = 2 ** 32;
/** Jiffies start at -300 s. */
const jiffiesAfter = (uptime: number): number => (uptime - 300_000 + 99 * BITS) % BITS;

describe('the time for which a machine has been up', () => {
  it.each([0, 100, 299_999, 300_000, 420_000, BITS - 1, BITS, BITS + 299_000, 11 * BITS + 300_001])(
    'is told by jiffies, of which 32 bits are left, and the clock: %d ms',
    (uptime) => {
      // Ticks get lost while it boots.
      for (const lost of [0, 232, 5000]) expect(uptimeOf(jiffiesAfter(uptime), uptime + lost)).toBe(uptime);
    },
  );

  it('is not told where the clock has nothing to do with jiffies', () => {
    expect(uptimeOf(jiffiesAfter(500_000), 900_000)).toBeUndefined();
    expect(uptimeOf(jiffiesAfter(900_000), 500_000)).toBeUndefined();
    expect(uptimeOf(BITS - 300_001, 0)).toBeUndefined();
  });
});
