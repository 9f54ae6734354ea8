/** What 5.10 does with data and ACKs that 4.15 did otherwise. */

import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import type { sock } from '../../src/linux-4.15/include/net/sock.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import type { Machine } from '../../src/linux-4.15/machine.js';
import { linux_5_10 } from '../../src/linux-5.10/index.js';
import { Connection } from '../support/connection.js';
import { Server } from '../support/server.js';

const NO_LIMIT = { 'net.ipv4.tcp_invalid_ratelimit': 0 };

/** The next `count` bytes from `seq` on, one in each segment; how many of them are acknowledged at once. */
function acknowledged(connection: Connection, seq: number, count: number): number {
  let at = 0;
  for (let i = 0; i < count; i++) at += connection.send({ flags: 'PA', seq: seq + i, len: 1 }).length;
  return at;
}

/** A connection that has used up its quick ACKs; `next` is the number of the byte that it expects. */
function withoutQuickAcks(kernel: KernelVariant): { connection: Connection; next: number } {
  const connection = Connection.established(kernel);
  expect(acknowledged(connection, 1, 17)).toBe(16);
  connection.wait(100);
  connection.fired();
  return { connection, next: 18 };
}

describe('data that closes the last gap', () => {
  it('is acknowledged at once, without quick ACKs', () => {
    const { connection, next } = withoutQuickAcks(linux_5_10);
    connection.send({ flags: 'PA', seq: next + 1, len: 1 });
    connection.fired();
    expect(connection.send({ flags: 'PA', seq: next, len: 1 })).toEqual([`ACK 1 ack ${next + 2}`]);
    expect(connection.fired()).toContain('__tcp_ack_snd_check/gap-closed');
  });

  it('does not make what follows be acknowledged at once, as in 4.15', () => {
    for (const [kernel, at] of [
      [linux_4_15, 10],
      [linux_5_10, 0],
    ] as const) {
      const { connection, next } = withoutQuickAcks(kernel);
      connection.send({ flags: 'PA', seq: next + 1, len: 1 });
      connection.send({ flags: 'PA', seq: next, len: 1 });
      expect(acknowledged(connection, next + 2, 10)).toBe(at);
    }
  });

  it('still has the ACKs of what came while a gap was open', () => {
    const { connection, next } = withoutQuickAcks(linux_5_10);
    connection.send({ flags: 'PA', seq: next + 5, len: 1 });
    expect(connection.send({ flags: 'PA', seq: next, len: 1 })).toEqual([`ACK 1 ack ${next + 1}`]);
    expect(connection.fired()).not.toContain('__tcp_ack_snd_check/gap-closed');
  });
});

describe('a challenge ACK', () => {
  it.each([
    ['4.15', linux_4_15, 8],
    ['5.10', linux_5_10, 16],
  ] as const)('leaves of the 16 quick ACKs in %s', (_name, kernel, left) => {
    const connection = Connection.established(kernel, NO_LIMIT);
    expect(acknowledged(connection, 1, 1)).toBe(1);
    for (let i = 0; i < 8; i++) expect(connection.send({ flags: 'S', seq: 100 })).toHaveLength(1);
    expect(acknowledged(connection, 2, 20)).toBe(left - 1);
  });
});

describe('the 17th quick ACK, which a growing window allows', () => {
  it.each([
    ['4.15', linux_4_15, 16],
    ['5.10', linux_5_10, 17],
  ] as const)('is kept or lost with a duplicate: %s has then', (_name, kernel, quick) => {
    const connection = Connection.established(kernel);
    connection.send({ flags: 'PA', len: 1 });
    const sk = (connection.host as Machine).ehash.get(7) as sock;
    sk.icsk_ack.quick = 17;
    connection.send({ flags: 'PA', len: 1 });
    // The ACK of the duplicate used up one.
    expect(sk.icsk_ack.quick).toBe(quick - 1);
  });
});

describe('a delayed ACK', () => {
  it.each([
    ['4.15', linux_4_15, [80, 160, 320]],
    ['5.10', linux_5_10, [80, 160, 200]],
  ] as const)('of full segments from afar waits in %s at most', (_name, kernel, delays) => {
    const connection = new Connection(kernel);
    connection.send({ flags: 'S', seq: 0 });
    connection.wait(400);
    connection.send({ flags: 'A' });
    let seq = 1;
    const send = (): string[] => {
      seq += 1460;
      return connection.send({ flags: 'A', seq: seq - 1460, len: 1460 });
    };
    while (send().length === 1);
    connection.wait(1000);
    for (const delay of delays) {
      expect(send()).toEqual([]);
      const waited = Number(/^\d+/.exec(connection.wait(900)[0] ?? '')?.[0]);
      expect(waited).toBeGreaterThan(delay);
      expect(waited).toBeLessThan(delay + 10);
    }
  });
});

describe('data that comes again', () => {
  it('counts TcpDuplicateDataRehash if it begins at the number 0', () => {
    const connection = Connection.established(linux_5_10);
    connection.send({ flags: 'PA', seq: 1, len: 15 });
    connection.send({ flags: 'PA', seq: 16, len: 5 });
    connection.counted();
    connection.send({ flags: 'PA', seq: 16, len: 5 });
    expect(connection.counted()).toEqual({ DelayedACKLost: 1, TcpDuplicateDataRehash: 1 });
    expect(connection.fired()).toContain('tcp_rcv_spurious_retrans/number-0');
    connection.send({ flags: 'PA', seq: 15, len: 6 });
    connection.send({ flags: 'PA', seq: 17, len: 4 });
    expect(connection.counted()).toEqual({ DelayedACKLost: 2 });
  });
});

describe('the bound of the window', () => {
  const clampOf = (server: Server): number => ((server.host as Machine).ehash.get(7) as sock).window_clamp;

  it('leaves room for a segment, which is smaller with timestamps', () => {
    expect(clampOf(new Server(linux_5_10).connect(7))).toBe(64_076);
    const server = new Server(linux_5_10);
    server.syn(7, { tsval: 1 });
    server.ack(7, { tsval: 2 });
    expect(clampOf(server)).toBe(64_088);
  });

  it('is set at the SYN of Fast Open, before timestamps are reckoned with', () => {
    const server = new Server(linux_5_10, { sysctl: { tcp_fastopen: 0x202 }, sockopt: { TCP_FASTOPEN: 4 } });
    server.syn(7, { tsval: 1, len: 10 });
    server.send(7, 'A', { seq: 11, tsval: 2 });
    expect(server.rows()).toEqual(['7 ESTABLISHED 0']);
    expect(clampOf(server)).toBe(64_076);
  });
});

describe('closing a listener', () => {
  it('parts an unfinished Fast Open connection from its request', () => {
    const server = new Server(linux_5_10, { sysctl: { tcp_fastopen: 0x202 }, sockopt: { TCP_FASTOPEN: 4 } });
    server.syn(7, { len: 10 });
    server.rules();
    server.call({ syscall: 'close' });
    expect(server.rules()).toContain('reqsk_fastopen_remove/not-accepted-yet');
  });
});
