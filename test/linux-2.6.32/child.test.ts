/** What 2.6.32 does with a connection whose handshake is complete and that nobody reads or writes. */

import { describe, expect, it } from 'vitest';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import { Connection } from '../support/connection.js';

const connect = (): Connection => Connection.established(linux_2_6_32);

/** A connection whose FIN has been acknowledged. */
function halfClosed(): Connection {
  const connection = connect();
  connection.send({ flags: 'FA' });
  connection.wait(100);
  connection.counted();
  connection.fired();
  return connection;
}

describe('data', () => {
  it('is acknowledged at once in the beginning', () => {
    const connection = connect();
    expect(connection.send({ flags: 'PA', len: 20 })).toEqual(['ACK 1 ack 21']);
    expect(connection.counted()).toEqual({});
    expect(connection.fired()).toEqual(['tcp_data_queue/in-order', '__tcp_ack_snd_check/now']);
  });

  it('is acknowledged after 40 ms once the quick ACKs are used up, 13 for a window of 14600', () => {
    const connection = connect();
    for (let i = 0; i < 13; i++) {
      expect(connection.send({ flags: 'PA', seq: 1 + i, len: 1 })).toEqual([`ACK 1 ack ${2 + i}`]);
    }
    expect(connection.send({ flags: 'PA', seq: 14, len: 1 })).toEqual([]);
    connection.counted();
    expect(connection.wait(100)).toEqual(['40 ms: ACK 1 ack 15']);
    expect(connection.counted()).toEqual({ DelayedACKs: 1 });
    expect(connection.fired()).toContain('tcp_delack_timer/send');
  });

  it('is acknowledged at once when more than a segment is unacknowledged', () => {
    const connection = connect();
    for (let i = 0; i < 13; i++) connection.send({ flags: 'PA', seq: 1 + i, len: 1 });
    for (let i = 0; i < 4; i++) expect(connection.send({ flags: 'PA', seq: 14 + i * 120, len: 120 })).toEqual([]);
    expect(connection.send({ flags: 'PA', seq: 494, len: 120 })).toEqual(['ACK 1 ack 614']);
  });

  it('is acknowledged at once when the delayed ACK is nearly due', () => {
    const connection = connect();
    for (let i = 0; i < 13; i++) connection.send({ flags: 'PA', seq: 1 + i, len: 1 });
    connection.send({ flags: 'PA', seq: 14, len: 1 });
    connection.wait(35);
    expect(connection.send({ flags: 'PA', seq: 15, len: 1 })).toEqual(['ACK 1 ack 16']);
    expect(connection.fired()).toContain('tcp_send_delayed_ack/nearly-due');
    expect(connection.wait(100)).toEqual([]);
  });

  it('counts as predicted from the second segment on', () => {
    const connection = connect();
    connection.send({ flags: 'PA', len: 20 });
    expect(connection.counted()).toEqual({});
    connection.send({ flags: 'PA', seq: 21, len: 20 });
    expect(connection.counted()).toEqual({ TCPHPHits: 1 });
    expect(connection.fired()).toContain('tcp_rcv_established/predicted-data');
  });

  it('that came before is acknowledged at once and counted as DelayedACKLost', () => {
    const connection = connect();
    connection.send({ flags: 'PA', len: 20 });
    expect(connection.send({ flags: 'PA', len: 0, seq: 1 })).toEqual(['ACK 1 ack 21']);
    expect(connection.counted()).toEqual({});
    expect(connection.send({ flags: 'PA', seq: 2, len: 10 })).toEqual(['ACK 1 ack 21']);
    expect(connection.counted()).toEqual({ DelayedACKLost: 1 });
    expect(connection.fired()).toContain('tcp_send_dupack/old-data');
  });

  it('that came before but is not acknowledged yet is a duplicate as well', () => {
    const connection = connect();
    for (let i = 0; i < 13; i++) connection.send({ flags: 'PA', seq: 1 + i, len: 1 });
    connection.send({ flags: 'PA', seq: 14, len: 10 });
    connection.counted();
    expect(connection.send({ flags: 'PA', seq: 14, len: 5 })).toEqual(['ACK 1 ack 24']);
    expect(connection.counted()).toEqual({ DelayedACKLost: 1 });
    expect(connection.fired()).toContain('tcp_data_queue/duplicate');
  });

  it('of which only the tail is new is taken', () => {
    const connection = connect();
    connection.send({ flags: 'PA', len: 20 });
    expect(connection.send({ flags: 'PA', len: 30 })).toEqual(['ACK 1 ack 31']);
    expect(connection.counted()).toEqual({});
    expect(connection.fired()).toContain('tcp_data_queue/partly-duplicate');
  });

  it('behind a gap is kept until the gap is filled', () => {
    const connection = connect();
    expect(connection.send({ flags: 'PA', seq: 31, len: 10 })).toEqual(['ACK 1 ack 1']);
    expect(connection.send({ flags: 'PA', seq: 11, len: 10 })).toEqual(['ACK 1 ack 1']);
    expect(connection.send({ flags: 'PA', seq: 13, len: 5 })).toEqual(['ACK 1 ack 1']);
    expect(connection.send({ flags: 'PA', seq: 11, len: 20 })).toEqual(['ACK 1 ack 1']);
    expect(connection.send({ flags: 'PA', seq: 1, len: 10 })).toEqual(['ACK 1 ack 41']);
    expect(connection.counted()).toEqual({});
    expect(connection.fired()).toContain('tcp_data_queue/out-of-order');
  });

  it('that begins right behind the window is acknowledged at once and dropped', () => {
    const connection = connect();
    expect(connection.send({ flags: 'PA', seq: 14601, len: 10 })).toEqual(['ACK 1 ack 1']);
    expect(connection.fired()).toContain('tcp_data_queue/beyond-window');
  });

  it('is dropped and acknowledged when so much is unread that the window is closed', () => {
    const connection = connect();
    let next = 1;
    for (const opened = next; next - opened < 1_000_000; next += 1460) {
      connection.send({ flags: 'PA', seq: next, len: 1460 });
      connection.wait(500);
      if (connection.fired().includes('tcp_data_queue/zero-window')) break;
    }
    expect(next).toBeLessThan(1_000_000);
    const [answer] = connection.send({ flags: 'PA', seq: next, len: 1460 });
    expect(answer).toBe(`ACK 1 ack ${next}`);
    expect(connection.send({ flags: 'PA', seq: next - 1, len: 1460 })).toEqual([answer]);
    expect(connection.fired()).toContain('tcp_data_queue/zero-window');
  });

  it('beyond the window is acknowledged and dropped', () => {
    const connection = connect();
    expect(connection.send({ flags: 'PA', seq: 14602, len: 10 })).toEqual(['ACK 1 ack 1']);
    expect(connection.counted()).toEqual({});
    expect(connection.fired()).toEqual(['tcp_validate_incoming/outside-window']);
  });
});

describe('an ACK', () => {
  it('without news counts as TCPPureAcks', () => {
    const connection = connect();
    expect(connection.send({ flags: 'A' })).toEqual([]);
    expect(connection.counted()).toEqual({ TCPPureAcks: 1 });
    expect(connection.fired()).toEqual(['tcp_ack/pure']);
  });

  it('of something that was not sent is dropped in silence', () => {
    const connection = connect();
    expect(connection.send({ flags: 'A', ack: 1000 })).toEqual([]);
    expect(connection.counted()).toEqual({});
    expect(connection.fired()).toEqual(['tcp_ack/not-yet-sent']);
  });

  it('with an old number takes its data along', () => {
    const connection = connect();
    expect(connection.send({ flags: 'PA', ack: 0, len: 5 })).toEqual(['ACK 1 ack 6']);
    expect(connection.fired()).toContain('tcp_ack/old');
  });
});

describe('a FIN', () => {
  it('without data before it is acknowledged in the next jiffy', () => {
    const connection = connect();
    expect(connection.send({ flags: 'FA' })).toEqual([]);
    expect(connection.state()).toBe('CLOSE_WAIT');
    expect(connection.wait(100)).toEqual(['1 ms: ACK 1 ack 2']);
    expect(connection.counted()).toEqual({ DelayedACKs: 1 });
    expect(connection.fired()).toContain('tcp_fin/close-wait');
  });

  it('after data is acknowledged after 40 ms', () => {
    const connection = connect();
    connection.send({ flags: 'PA', len: 20 });
    expect(connection.send({ flags: 'FA', seq: 21 })).toEqual([]);
    expect(connection.wait(100)).toEqual(['40 ms: ACK 1 ack 22']);
  });

  it('waits longer for its ACK when the data came slowly', () => {
    const connection = connect();
    connection.send({ flags: 'PA', len: 1 });
    connection.wait(30);
    connection.send({ flags: 'PA', seq: 2, len: 1 });
    connection.send({ flags: 'FA', seq: 3 });
    expect(connection.wait(100)).toEqual(['50 ms: ACK 1 ack 4']);
  });

  it('that comes again is acknowledged at once', () => {
    const connection = halfClosed();
    expect(connection.send({ flags: 'FA' })).toEqual(['ACK 1 ack 2']);
    expect(connection.counted()).toEqual({ DelayedACKLost: 1 });
  });

  it('drops what came out of order', () => {
    const connection = connect();
    connection.send({ flags: 'PA', seq: 11, len: 10 });
    connection.send({ flags: 'FA' });
    connection.wait(100);
    expect(connection.send({ flags: 'A', seq: 2 })).toEqual([]);
    connection.fired();
    expect(connection.send({ flags: 'A', seq: 1 })).toEqual(['ACK 1 ack 2']);
  });

  it('ends the connection if data comes after it', () => {
    const connection = halfClosed();
    expect(connection.send({ flags: 'PA', seq: 1, len: 20 })).toEqual(['RST 1']);
    expect(connection.counted()).toEqual({ TCPAbortOnData: 1, EstabResets: 1, OutRsts: 1 });
    expect(connection.state()).toBeUndefined();
    expect(connection.fired()).toContain('tcp_rcv_state_process/data-after-fin');
  });
});

describe('after a FIN', () => {
  it('a segment without ACK is dropped', () => {
    const connection = halfClosed();
    expect(connection.send({ flags: 'F', seq: 2 })).toEqual([]);
    expect(connection.fired()).toEqual(['tcp_rcv_state_process/no-ack']);
  });

  it('an ACK that begins before rcv_nxt is answered', () => {
    expect(halfClosed().send({ flags: 'A' })).toEqual(['ACK 1 ack 2']);
  });
});

describe('a RST', () => {
  it.each([1, 2, 14601])('at %d, in the window, ends the connection', (seq) => {
    const connection = connect();
    expect(connection.send({ flags: 'R', seq })).toEqual([]);
    expect(connection.counted()).toEqual({ EstabResets: 1 });
    expect(connection.state()).toBeUndefined();
    expect(connection.fired()).toEqual(['tcp_validate_incoming/reset-in-window']);
  });

  it.each([0, 14602])('at %d, outside the window, is ignored', (seq) => {
    const connection = connect();
    expect(connection.send({ flags: 'R', seq })).toEqual([]);
    expect(connection.counted()).toEqual({});
    expect(connection.state()).toBe('ESTABLISHED');
    expect(connection.fired()).toEqual(['tcp_validate_incoming/reset-outside-window']);
  });

  it('with the number of a FIN that has been acknowledged is ignored', () => {
    const connection = halfClosed();
    connection.send({ flags: 'R', seq: 1 });
    expect(connection.state()).toBe('CLOSE_WAIT');
  });

  it('does not take a child out of the accept queue', () => {
    const connection = connect();
    connection.send({ flags: 'R' });
    expect(connection.accept()).toEqual({ result: 0, accepted: 7 });
  });
});

describe('a SYN', () => {
  it('in the window ends an established connection, with InErrs', () => {
    const connection = connect();
    expect(connection.send({ flags: 'S', seq: 1 })).toEqual(['RST+ACK zero ack 2']);
    expect(connection.counted()).toEqual({ InErrs: 1, TCPAbortOnSyn: 1, EstabResets: 1, OutRsts: 1 });
    expect(connection.fired()).toContain('tcp_validate_incoming/syn-in-window');
  });

  it('in the window ends a half closed connection, without InErrs', () => {
    const connection = halfClosed();
    expect(connection.send({ flags: 'S', seq: 10 })).toEqual(['RST+ACK zero ack 11']);
    expect(connection.counted()).toEqual({ TCPAbortOnSyn: 1, EstabResets: 1, OutRsts: 1 });
  });

  it('that is the first one again is taken for old data', () => {
    const connection = connect();
    expect(connection.send({ flags: 'S', seq: 0 })).toEqual(['ACK 1 ack 1']);
    expect(connection.counted()).toEqual({ DelayedACKLost: 1 });
  });

  it('outside the window is answered with an ACK', () => {
    const connection = connect();
    expect(connection.send({ flags: 'S', seq: 100_000 })).toEqual(['ACK 1 ack 1']);
    expect(connection.counted()).toEqual({});
  });
});

describe('closing with SO_LINGER of 0 seconds', () => {
  it('resets the connection and counts TCPAbortOnData', () => {
    const connection = connect();
    connection.accept();
    connection.fired();
    expect(connection.close()).toEqual(['RST+ACK 1 ack 1']);
    expect(connection.counted()).toEqual({ TCPAbortOnData: 1, EstabResets: 1, OutRsts: 1 });
    expect(connection.fired()).toEqual(['tcp_close/linger-zero', 'tcp_disconnect/reset']);
    expect(connection.state()).toBeUndefined();
  });

  it('counts TCPAbortOnClose instead when there is unread data', () => {
    const connection = connect();
    connection.accept();
    connection.send({ flags: 'PA', len: 20 });
    connection.fired();
    expect(connection.close()).toEqual(['RST+ACK 1 ack 21']);
    expect(connection.counted()).toEqual({ TCPAbortOnClose: 1, EstabResets: 1, OutRsts: 1 });
    expect(connection.fired()).toEqual(['tcp_close/unread-data']);
  });

  it('takes a FIN for no data', () => {
    const connection = halfClosed();
    connection.accept();
    connection.close();
    expect(connection.counted()).toEqual({ TCPAbortOnData: 1, EstabResets: 1, OutRsts: 1 });
  });

  it('counts TCPAbortOnData even after a reset by the peer', () => {
    const connection = connect();
    connection.accept();
    connection.send({ flags: 'R' });
    connection.counted();
    connection.fired();
    expect(connection.close()).toEqual([]);
    expect(connection.counted()).toEqual({ TCPAbortOnData: 1 });
    expect(connection.fired()).toEqual(['tcp_close/linger-zero-after-reset']);
  });

  it('resets even a peer that has reset, if there is unread data', () => {
    const connection = connect();
    connection.accept();
    connection.send({ flags: 'PA', len: 20 });
    connection.send({ flags: 'R', seq: 21 });
    connection.counted();
    connection.fired();
    expect(connection.close()).toEqual(['RST+ACK 1 ack 21']);
    expect(connection.counted()).toEqual({ TCPAbortOnClose: 1, OutRsts: 1 });
    expect(connection.fired()).toEqual(['tcp_close/unread-data-after-reset']);
  });

  it('stops the delayed ACK', () => {
    const connection = connect();
    connection.accept();
    connection.send({ flags: 'FA' });
    connection.close();
    expect(connection.wait(100)).toEqual([]);
  });
});

describe('closing the listener', () => {
  it('resets a child that nobody has accepted', () => {
    const connection = connect();
    expect(connection.closeListener()).toEqual(['RST+ACK 1 ack 1']);
    expect(connection.counted()).toEqual({ EstabResets: 1, OutRsts: 1 });
  });

  it('leaves an accepted connection alone', () => {
    const connection = connect();
    connection.accept();
    expect(connection.closeListener()).toEqual([]);
    expect(connection.send({ flags: 'PA', len: 20 })).toEqual(['ACK 1 ack 21']);
  });
});

describe('the listener', () => {
  it('answers an ACK with a reset', () => {
    const connection = new Connection(linux_2_6_32);
    expect(connection.send({ flags: 'A', ack: 5 })).toEqual(['RST 5']);
    expect(connection.fired()).toContain('tcp_rcv_state_process/listen-ack');
  });

  it('ignores a RST', () => {
    const connection = new Connection(linux_2_6_32);
    expect(connection.send({ flags: 'R' })).toEqual([]);
    expect(connection.fired()).toContain('tcp_rcv_state_process/listen-reset');
  });

  it('ignores a segment with nothing but FIN', () => {
    const connection = new Connection(linux_2_6_32);
    expect(connection.send({ flags: 'F' })).toEqual([]);
    expect(connection.fired()).toContain('tcp_rcv_state_process/listen-other');
  });
});
