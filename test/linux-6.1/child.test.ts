/** What 6.1 does with data that 5.10 did otherwise. */

import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { linux_5_10 } from '../../src/linux-5.10/index.js';
import { linux_6_1 } from '../../src/linux-6.1/index.js';
import { Connection } from '../support/connection.js';

describe('memory that segments behind gaps have taken', () => {
  /** How many full segments are predicted after five gaps were filled by one segment. */
  const predicted = (kernel: KernelVariant): number | undefined => {
    const connection = Connection.established(kernel);
    for (const seq of [3, 5, 7, 9, 11]) connection.send({ flags: 'A', seq, len: 1 });
    connection.send({ flags: 'A', seq: 1, len: 12 });
    connection.counted();
    for (const seq of [13, 1473]) connection.send({ flags: 'A', seq, len: 1460 });
    return connection.counted().TCPHPHits;
  };

  it('is given back by the page, and not kept for those that follow', () => {
    expect(predicted(linux_5_10)).toBe(2);
    expect(predicted(linux_6_1)).toBe(1);
  });

  it('is reserved anew where more of it was given back than there was', () => {
    const connection = Connection.established(linux_6_1);
    for (const seq of [5844, 4383, 2922, 1461]) connection.send({ flags: 'A', seq, len: 1400 });
    connection.send({ flags: 'A', seq: 1461, len: 5783 });
    connection.send({ flags: 'A', seq: 1, len: 1460 });
    connection.counted();
    connection.send({ flags: 'A', seq: 7244, len: 1 });
    expect(connection.counted().TCPHPHits).toBe(1);
  });
});

describe('data that is expected next and acknowledges what was never sent, long ago', () => {
  const taken = (kernel: KernelVariant): string[] => {
    const connection = Connection.established(kernel);
    connection.send({ flags: 'PA', len: 10 });
    expect(connection.send({ flags: 'PA', seq: 11, ack: -5000, len: 10 }).slice(0, 1)).toHaveLength(1);
    expect(connection.fired()).toContain('tcp_ack/too-old');
    connection.wait(600);
    return connection.send({ flags: 'A', seq: 100_000 });
  };

  it('is challenged, and dropped', () => {
    expect(taken(linux_6_1)).toEqual(['ACK 1 ack 11']);
    expect(taken(linux_5_10)).toEqual(['ACK 1 ack 21']);
  });
});
