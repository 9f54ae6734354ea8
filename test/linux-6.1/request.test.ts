/** What 6.1 does with requests that 5.10 did otherwise: resets, and timeouts after many. */

import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { linux_5_10 } from '../../src/linux-5.10/index.js';
import { linux_6_1 } from '../../src/linux-6.1/index.js';
import { Server, type Setup } from '../support/server.js';

/** A server with a request of peer 7. */
function request(setup: Setup = {}): Server {
  const server = new Server(linux_6_1, setup);
  server.syn(7);
  server.counted();
  server.rules();
  return server;
}

describe('a reset for a request', () => {
  it('with the next expected number ends it, whatever it acknowledges', () => {
    for (const told of [{}, { ack: 5 }, { ack: -1000 }]) {
      const server = request();
      expect(server.send(7, 'RA', told)).toEqual([]);
      expect(server.counted()).toEqual({ AttemptFails: 1, EmbryonicRsts: 1 });
      expect(server.rows()).toEqual([]);
    }
    const older = new Server(linux_5_10);
    older.syn(7);
    older.send(7, 'RA', { ack: 5 });
    expect(older.rows()).toEqual(['7 SYN_RECV 0']);
  });

  it('elsewhere in the window is challenged, and the request stays', () => {
    const server = request();
    expect(server.send(7, 'R', { seq: 2 })).toEqual(['ACK 1 ack 1 to 7']);
    expect(server.counted()).toEqual({ TCPChallengeACK: 1 });
    expect(server.rules()).toContain('tcp_reqsk_send_challenge_ack/send');
    expect(server.rows()).toEqual(['7 SYN_RECV 0']);
  });

  it('is challenged once in 500 ms, which a challenge shares with other answers', () => {
    const server = request();
    server.send(7, 'R', { seq: 2 });
    server.counted();
    expect(server.send(7, 'R', { seq: 2 })).toEqual([]);
    expect(server.counted()).toEqual({ TCPACKSkippedChallenge: 1 });
    expect(server.rules()).toContain('tcp_reqsk_send_challenge_ack/request-limit');
    expect(server.syn(7)).toEqual([]);
    expect(server.counted()).toEqual({ TCPACKSkippedSynRecv: 1 });
    server.wait(500);
    expect(server.send(7, 'R', { seq: 2 })).toHaveLength(1);
  });

  it('is not challenged once the network namespace has sent its share', () => {
    const server = request({ sysctl: { tcp_challenge_ack_limit: 0 } });
    expect(server.send(7, 'R', { seq: 2 })).toEqual([]);
    expect(server.counted()).toEqual({});
    expect(server.rules()).toContain('tcp_reqsk_send_challenge_ack/machine-limit');
    expect(server.rows()).toEqual(['7 SYN_RECV 0']);
  });
});

describe('a challenge ACK', () => {
  const sentOf = (many: number, kernel: KernelVariant, limit?: number): number => {
    const tcp_challenge_ack_limit = limit === undefined ? {} : { tcp_challenge_ack_limit: limit };
    const server = new Server(kernel, { sysctl: { tcp_invalid_ratelimit: 0, ...tcp_challenge_ack_limit } }).connect(7);
    let sent = 0;
    for (let i = 0; i < many; i++) sent += server.send(7, 'S', { seq: 100 }).length;
    return sent;
  };

  it('is sent however many there are in a second, unless a limit is set', () => {
    expect(sentOf(3000, linux_6_1)).toBe(3000);
    expect(sentOf(3000, linux_6_1, 1000)).toBeLessThan(2500);
    expect(sentOf(3000, linux_5_10)).toBeLessThan(2500);
  });
});

describe('a request that is not answered', () => {
  const MINUTES = 60_000;

  it('has its SYN-ACK sent again every two minutes, however often', () => {
    const server = request({ sockopt: { TCP_SYNCNT: 40 } });
    const early = server.wait(20 * MINUTES);
    const times = server.wait(80 * MINUTES).map((sent) => Number.parseInt(sent, 10));
    expect(early.length + times.length).toBe(40);
    expect(times.length).toBeGreaterThan(20);
    for (const [i, time] of times.slice(1).entries()) {
      expect(time - (times[i] as number)).toBeGreaterThanOrEqual(2 * MINUTES);
      expect(time - (times[i] as number)).toBeLessThan(2 * MINUTES + 4100);
    }
  });

  it('still knows the timestamp of its SYN after 22 timeouts, unlike in 5.10', () => {
    for (const [kernel, refused] of [
      [linux_5_10, false],
      [linux_6_1, true],
    ] as const) {
      const server = new Server(kernel, { sockopt: { TCP_SYNCNT: 60 } });
      server.syn(7, { tsval: 100 });
      while (!server.rows()[0]?.endsWith(' 22')) server.wait(MINUTES / 2);
      server.counted();
      server.ack(7, { tsval: 50 });
      expect(server.counted()['PAWSEstab'] ?? 0).toBe(refused ? 1 : 0);
      expect(server.rows()[0]).toContain(refused ? 'SYN_RECV' : 'ESTABLISHED');
    }
  });
});
