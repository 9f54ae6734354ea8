/** Data at the edges of the window and behind a gap, for a connection in 4.15. */

import { describe, expect, it } from 'vitest';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { Connection } from '../support/connection.js';
import { Server } from '../support/server.js';

const WINDOW = 29200;

/** Fills the window that the SYN-ACK offered; the last acknowledgement. */
function fill(connection: Connection): string | undefined {
  const sent: string[] = [];
  for (let seq = 1; seq <= WINDOW; seq += 1460) sent.push(...connection.send({ flags: 'A', seq, len: 1460 }));
  return [...sent, ...connection.wait(1000)].at(-1);
}

describe('data', () => {
  it('that begins right behind the window is not kept', () => {
    const connection = Connection.established(linux_4_15);
    connection.send({ flags: 'A', seq: WINDOW + 1, len: 10 });
    expect(fill(connection)).toContain(`ack ${WINDOW + 1}`);
  });

  it('that ends the window is kept', () => {
    const connection = Connection.established(linux_4_15);
    connection.send({ flags: 'A', seq: WINDOW, len: 11 });
    expect(fill(connection)).toContain(`ack ${WINDOW + 11}`);
  });

  it('is acknowledged at once while something before it is missing, also when the quick ACKs are used up', () => {
    const connection = Connection.established(linux_4_15);
    connection.send({ flags: 'A', seq: 1001, len: 10 });
    for (let seq = 1; seq <= 40; seq++) {
      expect(connection.send({ flags: 'A', seq, len: 1 })).toEqual([`ACK 1 ack ${seq + 1}`]);
    }
  });
});

describe('a closed window', () => {
  it('opens again as the connection is closed, since what nobody read is freed first', () => {
    const s = new Server(linux_4_15).connect(1);
    for (let seq = 1; seq < 250_000; seq += 1000) {
      s.send(1, 'PA', { seq, len: 1000 });
      if (seq % 10_000 === 1) s.wait(1);
    }
    s.accept();
    s.counted();
    s.call({ syscall: 'close', peer: 1, linger: 0 });
    expect(s.counted()).toMatchObject({ TCPAbortOnClose: 1, TCPFromZeroWindowAdv: 1 });
  });
});
