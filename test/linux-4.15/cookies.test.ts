/** SYN cookies in 4.15. */

import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/generated/types.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { Server, type Setup } from '../support/server.js';

const server = (setup: Setup = {}): Server =>
  new Server(linux_4_15, { ...setup, sysctl: { tcp_syncookies: 2, ...setup.sysctl } });

/** A server that has just sent peer 1 a cookie, with nothing left in the books. */
function withCookie(setup?: Setup): Server {
  const s = server(setup).syns(1);
  s.counted();
  s.rules();
  return s;
}

const GOOD = [
  'cookie_v4_check/valid',
  'tcp_v4_syn_recv_sock/child',
  'tcp_get_cookie_sock/handshake-complete',
  'tcp_ack/pure',
];
const BAD = ['cookie_v4_check/not-a-cookie', 'tcp_rcv_state_process/listen-ack', 'tcp_v4_send_reset/for-an-ack'];

describe('the ACK of a cookie', () => {
  it('completes the handshake', () => {
    const s = withCookie();
    expect(s.ack(1)).toEqual([]);
    expect(s.rules()).toEqual(GOOD);
    expect(s.counted()).toEqual({ SyncookiesRecv: 1, PassiveOpens: 1, TCPPureAcks: 1 });
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
    expect(s.accept()).toBe(1);
  });

  it.each([
    ['A', { len: 0 }],
    ['PA', { len: 20 }],
    ['FA', {}],
  ])('may be a segment with %s', (flags, told) => {
    const s = withCookie();
    s.send(1, flags, told);
    expect(s.rows()).toHaveLength(1);
    expect(s.counted()).toMatchObject({ SyncookiesRecv: 1 });
  });

  it.each([1, 0, -1, -2])('may be off by up to three: %i instead of 1', (ack) => {
    const s = withCookie();
    s.ack(1, { ack });
    expect(s.rules()).toEqual(GOOD);
    expect(s.send(1, 'PA', { ack, len: 1 })).toEqual([`ACK ${ack} ack 2 to 1`]);
  });

  it.each([2, -3, 100, 19_088_744, -(2 ** 24) + 1])('is reset and counted when it is off by more: %i', (ack) => {
    const s = withCookie();
    expect(s.ack(1, { ack })).toEqual([`RST ${ack} to 1`]);
    expect(s.rules()).toEqual(BAD);
    expect(s.counted()).toEqual({ SyncookiesFailed: 1, OutRsts: 1 });
  });

  it.each([
    [2, true],
    [4, true],
    [5, false],
    [0, false],
  ])('from the sequence number %i, where 1 is right, is valid: %s', (seq, valid) => {
    const s = withCookie();
    s.ack(1, { seq });
    expect(s.rules()).toEqual(valid ? GOOD : BAD);
  });

  it('of another peer is none', () => {
    const s = withCookie().syns(2);
    s.rules();
    s.ack(3);
    expect(s.rules()).toEqual(BAD);
  });

  it.each([
    [59.999, true],
    [60, true],
    [119.999, true],
    [120, false],
  ])(
    'is good in the minute of the cookie clock in which it was made and in the next: after %d s %s',
    (seconds, good) => {
      const s = withCookie();
      s.waitUntil(100_000);
      s.syn(2);
      s.waitUntil(seconds * 1000);
      s.rules();
      s.ack(1);
      expect(s.rules()).toEqual(good ? GOOD : BAD);
    },
  );

  it('is not looked at, and not counted, when the listener has noted no cookie for two minutes', () => {
    const s = withCookie();
    s.waitUntil(120_000);
    s.ack(1);
    expect(s.rules()[0]).toBe('cookie_v4_check/not-a-cookie');
    s.wait(1);
    s.counted();
    s.rules();
    expect(s.ack(1)).toEqual(['RST 1 to 1']);
    expect(s.rules()).toEqual([
      'cookie_v4_check/no-recent-cookie',
      'tcp_rcv_state_process/listen-ack',
      'tcp_v4_send_reset/for-an-ack',
    ]);
    expect(s.counted()).toEqual({ OutRsts: 1 });
  });

  it.each([
    [1000, 120_000],
    [1001, 121_001],
  ])('is noted once in more than a second: a second cookie after %i ms lasts until %i', (second, until) => {
    const s = withCookie();
    s.waitUntil(second);
    s.syn(2);
    s.waitUntil(until);
    s.rules();
    s.ack(3);
    expect(s.rules()[0]).toBe('cookie_v4_check/not-a-cookie');
    s.wait(1);
    s.rules();
    s.ack(3);
    expect(s.rules()[0]).toBe('cookie_v4_check/no-recent-cookie');
  });

  it('is the same for the same peer, number and minute', () => {
    const s = withCookie();
    const [first] = s.syn(1);
    expect(first).toBe('SYN+ACK ack 1 to 1');
    s.ack(1);
    expect(s.rules().slice(-4)).toEqual(GOOD);
  });

  it('that comes with RST, or without ACK, or with cookies off, is none', () => {
    const s = withCookie();
    s.send(1, 'RA');
    s.send(1, 'P', { len: 1 });
    s.set('tcp_syncookies', 0);
    s.ack(1);
    expect(s.rules().filter((rule) => rule.startsWith('cookie'))).toEqual([
      'cookie_v4_check/cookies-off',
      'cookie_v4_check/cookies-off',
      'cookie_v4_check/cookies-off',
    ]);
    expect(s.counted()).toEqual({ OutRsts: 1 });
  });

  it.each([0, 1])('that finds the accept queue full is dropped in silence, with tcp_abort_on_overflow %i', (abort) => {
    const s = server({ backlog: 2, sysctl: { tcp_abort_on_overflow: abort } })
      .connect(1)
      .syns(9)
      .connect(2);
    s.listen(1);
    s.counted();
    s.rules();
    expect(s.ack(9)).toEqual([]);
    expect(s.rules()).toEqual([
      'cookie_v4_check/valid',
      'tcp_v4_syn_recv_sock/accept-queue-full',
      'tcp_get_cookie_sock/no-child',
    ]);
    expect(s.counted()).toEqual({ SyncookiesRecv: 1, ListenOverflows: 1, ListenDrops: 1 });
    s.accept();
    s.ack(9);
    expect(s.rows()).toContain('9 ESTABLISHED 0');
  });

  it.each([
    ['inet_reqsk_alloc', 'cookie_v4_check/no-memory'],
    ['security_inet_conn_request', 'cookie_v4_check/security'],
    ['inet_csk_route_req', 'cookie_v4_check/no-route'],
  ] as [Fault, string][])('is dropped when %s fails', (fault, rule) => {
    const s = withCookie();
    expect(s.ack(1, { faults: [fault] })).toEqual([]);
    expect(s.rules()).toEqual(['cookie_v4_check/valid', rule]);
    expect(s.counted()).toEqual({ SyncookiesRecv: 1 });
  });
});

describe('a stray ACK', () => {
  it('to a listener that has sent no cookie is reset and not counted', () => {
    const s = new Server(linux_4_15);
    expect(s.ack(1)).toEqual(['RST to 1']);
    expect(s.counted()).toEqual({ OutRsts: 1 });
  });

  it('to a listener that sends cookies counts as a failed one', () => {
    const s = withCookie();
    s.ack(2);
    expect(s.counted()).toEqual({ SyncookiesFailed: 1, OutRsts: 1 });
  });
});

describe('a cookie and a request of the same peer', () => {
  it('make two sockets of one peer, of which the newer gets the segments', () => {
    const s = withCookie();
    const cookie = s.isn(1);
    s.set('tcp_syncookies', 1);
    s.syn(1);
    s.rules();
    s.ack(1, { ack: cookie + 1 - s.isn(1) });
    expect(s.rules()).toEqual(['tcp_check_req/bad-ack', ...GOOD]);
    expect(s.rows()).toEqual(['1 SYN_RECV 0', '1 ESTABLISHED 0']);
    s.send(1, 'R');
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    s.ack(1);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
    expect(s.queue()).toEqual([2, 5]);
    expect([s.accept(), s.accept()]).toEqual([1, 1]);
  });

  it('end independently of each other', () => {
    const s = withCookie();
    const cookie = s.isn(1);
    s.set('tcp_syncookies', 1);
    s.syn(1);
    s.ack(1, { ack: cookie + 1 - s.isn(1) });
    s.waitUntil(70_000);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
  });
});
