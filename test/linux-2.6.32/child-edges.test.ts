/** Data at the edges of the window and behind a gap, for a connection in 2.6.32. */

import { describe, expect, it } from 'vitest';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import { Connection } from '../support/connection.js';

const WINDOW = 14600;

/** Fills the window that the SYN-ACK offered; the last acknowledgement. */
function fill(connection: Connection): string | undefined {
  const sent: string[] = [];
  for (let seq = 1; seq <= WINDOW; seq += 1460) sent.push(...connection.send({ flags: 'A', seq, len: 1460 }));
  return [...sent, ...connection.wait(1000)].at(-1);
}

describe('data', () => {
  it('that begins right behind the window is not kept', () => {
    const connection = Connection.established(linux_2_6_32);
    connection.send({ flags: 'A', seq: WINDOW + 1, len: 10 });
    expect(fill(connection)).toContain(`ack ${WINDOW + 1}`);
  });

  it('that ends the window is kept', () => {
    const connection = Connection.established(linux_2_6_32);
    connection.send({ flags: 'A', seq: WINDOW, len: 11 });
    expect(fill(connection)).toContain(`ack ${WINDOW + 11}`);
  });

  it('is acknowledged at once while something before it is missing, also when the quick ACKs are used up', () => {
    const connection = Connection.established(linux_2_6_32);
    connection.send({ flags: 'A', seq: 1001, len: 10 });
    for (let seq = 1; seq <= 40; seq++) {
      expect(connection.send({ flags: 'A', seq, len: 1 })).toEqual([`ACK 1 ack ${seq + 1}`]);
    }
  });
});
