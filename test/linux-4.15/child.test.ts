/** What 4.15 does with a connection whose handshake is complete and that nobody reads or writes. */

import { describe, expect, it } from 'vitest';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { Connection } from '../support/connection.js';

const connect = (): Connection => Connection.established(linux_4_15);

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

  it('is acknowledged after 41 ms once the 16 quick ACKs are used up', () => {
    const connection = connect();
    for (let i = 0; i < 16; i++) {
      expect(connection.send({ flags: 'PA', seq: 1 + i, len: 1 })).toEqual([`ACK 1 ack ${2 + i}`]);
    }
    expect(connection.send({ flags: 'PA', seq: 17, len: 1 })).toEqual([]);
    connection.counted();
    expect(connection.wait(100)).toEqual(['41 ms: ACK 1 ack 18']);
    expect(connection.counted()).toEqual({ DelayedACKs: 1 });
    expect(connection.fired()).toContain('tcp_delack_timer_handler/send');
  });

  it('is acknowledged at once when more than a segment is unacknowledged', () => {
    const connection = connect();
    for (let i = 0; i < 16; i++) connection.send({ flags: 'PA', seq: 1 + i, len: 1 });
    for (let i = 0; i < 4; i++) expect(connection.send({ flags: 'PA', seq: 17 + i * 120, len: 120 })).toEqual([]);
    expect(connection.send({ flags: 'PA', seq: 497, len: 120 })).toEqual(['ACK 1 ack 617']);
  });

  it('is acknowledged at once when the delayed ACK is nearly due', () => {
    const connection = connect();
    for (let i = 0; i < 16; i++) connection.send({ flags: 'PA', seq: 1 + i, len: 1 });
    connection.send({ flags: 'PA', seq: 17, len: 1 });
    connection.wait(35);
    expect(connection.send({ flags: 'PA', seq: 18, len: 1 })).toEqual(['ACK 1 ack 19']);
    expect(connection.fired()).toContain('tcp_send_delayed_ack/nearly-due');
    expect(connection.wait(100)).toEqual([]);
  });

  it('counts as predicted from the second segment on', () => {
    const connection = connect();
    connection.send({ flags: 'PA', len: 20 });
    expect(connection.counted()).toEqual({});
    connection.send({ flags: 'PA', seq: 21, len: 20 });
    expect(connection.counted()).toEqual({ TCPHPHits: 1, TCPRcvCoalesce: 1 });
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
    for (let i = 0; i < 16; i++) connection.send({ flags: 'PA', seq: 1 + i, len: 1 });
    connection.send({ flags: 'PA', seq: 17, len: 10 });
    connection.counted();
    expect(connection.send({ flags: 'PA', seq: 17, len: 5 })).toEqual(['ACK 1 ack 27']);
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
    expect(connection.counted()).toEqual({ TCPOFOQueue: 4, TCPOFOMerge: 2, TCPRcvCoalesce: 2 });
    expect(connection.fired()).toContain('tcp_data_queue_ofo/out-of-order');
  });

  it('that begins right behind the window is acknowledged at once and dropped', () => {
    const connection = connect();
    expect(connection.send({ flags: 'PA', seq: 29201, len: 10 })).toEqual(['ACK 1 ack 1']);
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
    expect(connection.send({ flags: 'PA', seq: 29202, len: 10 })).toEqual(['ACK 1 ack 1']);
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

  it('from before the window is challenged', () => {
    const connection = connect();
    expect(connection.send({ flags: 'A', ack: -70_000 })).toEqual(['ACK 1 ack 1']);
    expect(connection.counted()).toEqual({ TCPChallengeACK: 1 });
    expect(connection.fired()).toContain('tcp_ack/too-old');
  });

  it('is needed, unless there is a RST or a SYN', () => {
    const connection = connect();
    expect(connection.send({ flags: 'P', len: 5 })).toEqual([]);
    expect(connection.fired()).toEqual(['tcp_rcv_established/no-flags']);
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

  it('joins the data before it in the queue', () => {
    const connection = connect();
    connection.send({ flags: 'PA', len: 20 });
    connection.send({ flags: 'FA', seq: 21 });
    expect(connection.counted()).toEqual({ TCPRcvCoalesce: 1 });
  });

  it('after data is acknowledged after 41 ms', () => {
    const connection = connect();
    connection.send({ flags: 'PA', len: 20 });
    expect(connection.send({ flags: 'FA', seq: 21 })).toEqual([]);
    expect(connection.wait(100)).toEqual(['41 ms: ACK 1 ack 22']);
  });

  it.each([
    [1, 41],
    [45, 46],
    [100, 51],
  ])(
    'after slow data and a handshake of %d ms is acknowledged after %d ms, a round trip if that is at least 40',
    (rtt, ms) => {
      const connection = new Connection(linux_4_15);
      connection.send({ flags: 'S', seq: 0 });
      connection.wait(rtt);
      connection.send({ flags: 'PA', len: 1 });
      connection.wait(30);
      connection.send({ flags: 'PA', seq: 2, len: 1 });
      connection.send({ flags: 'FA', seq: 3 });
      expect(connection.wait(100)).toEqual([`${ms} ms: ACK 1 ack 4`]);
    },
  );

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
  it('a segment without ACK, RST and SYN is dropped', () => {
    const connection = halfClosed();
    expect(connection.send({ flags: 'F', seq: 2 })).toEqual([]);
    expect(connection.fired()).toEqual(['tcp_rcv_state_process/no-flags']);
  });

  it('an ACK that begins before rcv_nxt is answered', () => {
    expect(halfClosed().send({ flags: 'A' })).toEqual(['ACK 1 ack 2']);
  });

  it.each([0, 1000])('an ACK of %d, which is not the next, is challenged', (ack) => {
    const connection = halfClosed();
    expect(connection.send({ flags: 'A', seq: 2, ack })).toEqual(['ACK 1 ack 2']);
    expect(connection.counted()).toEqual({ TCPChallengeACK: 1 });
    expect(connection.fired()).toContain('tcp_rcv_state_process/bad-ack');
  });
});

describe('a RST', () => {
  it('at rcv_nxt ends the connection', () => {
    const connection = connect();
    expect(connection.send({ flags: 'R' })).toEqual([]);
    expect(connection.counted()).toEqual({ EstabResets: 1 });
    expect(connection.state()).toBeUndefined();
    expect(connection.fired()).toEqual(['tcp_validate_incoming/reset-at-rcv-nxt']);
  });

  it.each([2, 29201])('at %d, elsewhere in the window, is challenged', (seq) => {
    const connection = connect();
    expect(connection.send({ flags: 'R', seq })).toEqual(['ACK 1 ack 1']);
    expect(connection.counted()).toEqual({ TCPChallengeACK: 1 });
    expect(connection.state()).toBe('ESTABLISHED');
    expect(connection.fired()).toContain('tcp_validate_incoming/reset-elsewhere-in-window');
  });

  it.each([0, 29202])('at %d, outside the window, is ignored', (seq) => {
    const connection = connect();
    expect(connection.send({ flags: 'R', seq })).toEqual([]);
    expect(connection.counted()).toEqual({});
    expect(connection.state()).toBe('ESTABLISHED');
    expect(connection.fired()).toEqual(['tcp_validate_incoming/reset-outside-window']);
  });

  it('with the number of a FIN ends the connection, acknowledged or not', () => {
    const acknowledged = halfClosed();
    acknowledged.send({ flags: 'R', seq: 1 });
    expect(acknowledged.state()).toBeUndefined();
    expect(acknowledged.fired()).toEqual(['tcp_validate_incoming/reset-with-number-of-fin']);
    const pending = connect();
    pending.send({ flags: 'FA' });
    pending.send({ flags: 'R', seq: 1 });
    expect(pending.state()).toBeUndefined();
  });

  it('does not take a child out of the accept queue', () => {
    const connection = connect();
    connection.send({ flags: 'R' });
    expect(connection.accept()).toEqual({ result: 0, accepted: 7 });
  });
});

describe('a SYN', () => {
  it.each([0, 1, 100_000])('at %d is challenged, with InErrs', (seq) => {
    const connection = connect();
    expect(connection.send({ flags: 'S', seq })).toEqual(['ACK 1 ack 1']);
    expect(connection.counted()).toEqual({ InErrs: 1, TCPSYNChallenge: 1, TCPChallengeACK: 1 });
    expect(connection.fired()).toContain('tcp_validate_incoming/syn');
  });

  it('after a FIN is challenged without InErrs', () => {
    const connection = halfClosed();
    expect(connection.send({ flags: 'S', seq: 10 })).toEqual(['ACK 1 ack 2']);
    expect(connection.counted()).toEqual({ TCPSYNChallenge: 1, TCPChallengeACK: 1 });
  });
});

describe('an answer to what is out of place', () => {
  it('is given to a connection once in 500 ms', () => {
    const connection = connect();
    expect(connection.send({ flags: 'A', seq: 50_000 })).toEqual(['ACK 1 ack 1']);
    connection.wait(499);
    expect(connection.send({ flags: 'A', seq: 50_000 })).toEqual([]);
    expect(connection.counted()).toEqual({ TCPACKSkippedSeq: 1 });
    expect(connection.fired()).toContain('tcp_validate_incoming/outside-window-rate-limited');
    connection.wait(1);
    expect(connection.send({ flags: 'A', seq: 50_000 })).toEqual(['ACK 1 ack 1']);
  });

  it('is given to data every time', () => {
    const connection = connect();
    connection.send({ flags: 'A', seq: 50_000 });
    expect(connection.send({ flags: 'A', seq: 50_000, len: 1 })).toEqual(['ACK 1 ack 1']);
  });

  it('shares its limit with challenges', () => {
    const connection = connect();
    connection.send({ flags: 'A', seq: 50_000 });
    expect(connection.send({ flags: 'S', seq: 0 })).toEqual([]);
    expect(connection.counted()).toEqual({ InErrs: 1, TCPSYNChallenge: 1, TCPACKSkippedChallenge: 1 });
    expect(connection.fired()).toContain('tcp_send_challenge_ack/socket-limit');
  });

  it('is a challenge only while the machine has not sent too many in a second', () => {
    const connection = Connection.established(linux_4_15, { 'net.ipv4.tcp_challenge_ack_limit': 0 });
    expect(connection.send({ flags: 'S', seq: 0 })).toEqual([]);
    expect(connection.counted()).toEqual({ InErrs: 1, TCPSYNChallenge: 1 });
    expect(connection.fired()).toContain('tcp_send_challenge_ack/machine-limit');
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

  it.each([0, 20])('does nothing after a reset by the peer, with %d bytes unread', (len) => {
    const connection = connect();
    connection.accept();
    connection.send({ flags: 'PA', len });
    connection.send({ flags: 'R', seq: 1 + len });
    connection.counted();
    connection.fired();
    expect(connection.close()).toEqual([]);
    expect(connection.counted()).toEqual({});
    expect(connection.fired()).toEqual(['tcp_close/reset-already']);
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
    const connection = new Connection(linux_4_15);
    expect(connection.send({ flags: 'A', ack: 5 })).toEqual(['RST 5']);
    expect(connection.fired()).toContain('tcp_rcv_state_process/listen-ack');
  });

  it('ignores a RST', () => {
    const connection = new Connection(linux_4_15);
    expect(connection.send({ flags: 'R' })).toEqual([]);
    expect(connection.fired()).toContain('tcp_rcv_state_process/listen-reset');
  });

  it('ignores a SYN with a FIN', () => {
    const connection = new Connection(linux_4_15);
    expect(connection.send({ flags: 'SF', seq: 0 })).toEqual([]);
    expect(connection.fired()).toContain('tcp_rcv_state_process/listen-syn-fin');
  });

  it('ignores a segment with nothing but FIN', () => {
    const connection = new Connection(linux_4_15);
    expect(connection.send({ flags: 'F' })).toEqual([]);
    expect(connection.fired()).toContain('tcp_rcv_state_process/listen-other');
  });
});

describe('a Fast Open child', () => {
  /** A child whose SYN-ACK has not been acknowledged. */
  function opened(): Connection {
    const connection = new Connection(linux_4_15, { TCP_FASTOPEN: 5 }, { 'net.ipv4.tcp_fastopen': 0x203 });
    connection.send({ flags: 'S', seq: 0, len: 10 });
    connection.counted();
    connection.fired();
    return connection;
  }

  it('is established by an ACK of its SYN-ACK', () => {
    const connection = opened();
    expect(connection.state()).toBe('SYN_RECV');
    expect(connection.send({ flags: 'A', seq: 11 })).toEqual([]);
    expect(connection.state()).toBe('ESTABLISHED');
    expect(connection.counted()).toEqual({ TCPPureAcks: 1 });
    expect(connection.fired()).toContain('tcp_rcv_state_process/fastopen-established');
  });

  it('answers a wrong ACK with a reset and stays', () => {
    const connection = opened();
    expect(connection.send({ flags: 'A', seq: 11, ack: 1000 })).toEqual(['RST 1000']);
    expect(connection.state()).toBe('SYN_RECV');
    expect(connection.fired()).toContain('tcp_rcv_state_process/fastopen-bad-ack');
  });
});
