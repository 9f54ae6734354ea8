/** What lies beyond the window of a connection in 7.2, and what the receive buffer makes of a gap. */

import { describe, expect, it } from 'vitest';
import { linux_6_12 } from '../../src/linux-6.12/index.js';
import { linux_7_2 } from '../../src/linux-7.2/index.js';
import { Connection } from '../support/connection.js';
import { Server } from '../support/server.js';

const WINDOW = 64_240;
/** The number right behind the window. */
const EDGE = WINDOW + 1;

/** A connection with or without a byte that waits to be read. */
function connection({ unread }: { unread: boolean }): Connection {
  const made = Connection.established(linux_7_2);
  if (unread) {
    made.send({ flags: 'PA', len: 1 });
    made.wait(100);
    made.counted();
  }
  return made;
}

describe('a segment that ends beyond the window', () => {
  it('is taken whole while nothing waits to be read', () => {
    const c = connection({ unread: false });
    c.send({ flags: 'PA', seq: EDGE - 5, len: 10 });
    expect(c.fired()).toContain('tcp_sequence/end-beyond-window-nothing-queued');
    expect(c.counted()).toEqual({ TCPOFOQueue: 1 });
  });

  it('is outside while something does', () => {
    const c = connection({ unread: true });
    expect(c.send({ flags: 'PA', seq: EDGE - 5, len: 10 })).toEqual(['ACK 1 ack 2']);
    expect(c.fired()).toContain('tcp_sequence/end-beyond-window');
    expect(c.counted()).toEqual({ BeyondWindow: 1 });
  });

  it('is inside if no more than its FIN is beyond', () => {
    const c = connection({ unread: true });
    c.send({ flags: 'FPA', seq: EDGE - 10, len: 10 });
    expect(c.counted()).toEqual({ TCPOFOQueue: 1 });
  });

  it('is outside when it begins there, whether or not something waits', () => {
    for (const unread of [true, false]) {
      const c = connection({ unread });
      expect(c.send({ flags: 'PA', seq: EDGE + 1, len: 10 })).toHaveLength(1);
      expect(c.fired()).toContain('tcp_validate_incoming/beyond-window');
      expect(c.counted()).toEqual({ BeyondWindow: 1 });
    }
  });

  it('is counted also when its answer is one too many', () => {
    const c = connection({ unread: false });
    expect([1, 2].map(() => c.send({ flags: 'A', seq: EDGE + 1 }).length)).toEqual([1, 0]);
    expect(c.counted()).toEqual({ BeyondWindow: 2, TCPACKSkippedSeq: 1 });
  });

  it('is not counted when it is old, a SYN or a reset', () => {
    const c = connection({ unread: true });
    c.send({ flags: 'A', seq: -10 });
    c.send({ flags: 'S', seq: EDGE + 1 });
    c.send({ flags: 'R', seq: EDGE + 1 });
    expect(c.counted()).not.toHaveProperty('BeyondWindow');
    expect(c.state()).toBe('ESTABLISHED');
  });
});

describe('data right behind the window', () => {
  it('is counted in 7.2, and was not before', () => {
    for (const kernel of [linux_6_12, linux_7_2]) {
      const c = Connection.established(kernel);
      expect(c.send({ flags: 'PA', seq: EDGE, len: 10 })).toEqual(['ACK 1 ack 1']);
      expect(c.fired()).toContain('tcp_data_queue/beyond-window');
      expect(c.counted()).toEqual(kernel === linux_7_2 ? { BeyondWindow: 1 } : {});
    }
  });
});

describe('data far behind a gap', () => {
  /** How many bytes in order are taken after it. */
  function taken(accepted: boolean): number {
    const c = connection({ unread: false });
    if (accepted) c.accept();
    c.send({ flags: 'PA', seq: 60_001, len: 1000 });
    for (let seq = 1; ; seq += 1000) {
      c.counted();
      c.send({ flags: 'PA', seq, len: 1000 });
      if (c.counted()['BeyondWindow'] !== undefined) return seq - 1;
      c.wait(60);
    }
  }

  it('makes the receive buffer of an accepted connection grow', () => {
    expect(taken(true)).toBeGreaterThan(taken(false));
  });
});

describe('tcp_invalid_ratelimit', () => {
  it('may be negative in 7.2, which is no limit', () => {
    expect(new Server(linux_6_12).set('tcp_invalid_ratelimit', -1)).toBe('EINVAL');
    const s = new Server(linux_7_2).connect(1);
    expect(s.set('tcp_invalid_ratelimit', -1)).toBe(0);
    s.counted();
    for (const _ of [1, 2, 3]) expect(s.ack(1, { seq: EDGE + 1 })).toHaveLength(1);
    expect(s.counted()).toEqual({ BeyondWindow: 3 });
  });
});
