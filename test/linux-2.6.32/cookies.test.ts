/** SYN cookies in 2.6.32. */

import { describe, expect, it } from 'vitest';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import { Server, type Setup } from '../support/server.js';

const FULL = Array.from({ length: 16 }, (_, peer) => 100 + peer);

/** A listener whose SYN queue is full, so that it sends cookies. */
const flooded = ({ sysctl = {}, ...setup }: Setup = {}): Server => {
  const s = new Server(linux_2_6_32, { ...setup, sysctl: { tcp_syncookies: 1, tcp_max_syn_backlog: 1024, ...sysctl } });
  s.syns(...FULL);
  s.rules();
  return s;
};

/** One that has sent peer 1 a cookie. */
const baked = (setup?: Setup): Server => {
  const s = flooded(setup);
  s.syn(1);
  s.rules();
  s.counted();
  return s;
};

describe('the ACK of a cookie', () => {
  it('completes the handshake', () => {
    const s = baked();
    expect(s.ack(1)).toEqual([]);
    expect(s.rules().slice(0, 3)).toEqual([
      'cookie_v4_check/valid',
      'tcp_v4_syn_recv_sock/child',
      'get_cookie_sock/handshake-complete',
    ]);
    expect(s.counted()).toEqual({ SyncookiesRecv: 1, PassiveOpens: 1, TCPPureAcks: 1 });
    expect(s.rows()).toContain('1 ESTABLISHED 0');
    expect(s.accept()).toBe(1);
  });

  it.each([
    [-5, true],
    [-6, false],
    [-1, true],
    [0, false],
    [1, true],
    [2, true],
    [3, false],
  ])('that is off by %i - 1 is taken for another segment size: %s', (ack, valid) => {
    const s = baked();
    const answer = s.ack(1, { ack });
    expect(s.rules()[0]).toBe(`cookie_v4_check/${valid || ack === 0 ? 'valid' : 'not-a-cookie'}`);
    if (ack === 0) return;
    expect(answer).toEqual(valid ? [] : [`RST ${ack} to 1`]);
    expect(s.counted()).toMatchObject(valid ? { SyncookiesRecv: 1 } : { SyncookiesFailed: 1, OutRsts: 1 });
  });

  it.each([
    [-1, false],
    [0, true],
    [7, true],
    [8, false],
  ])('whose sequence number is %i, not 1, is taken for another segment size: %s', (seq, valid) => {
    const s = baked();
    expect(s.ack(1, { seq })).toEqual(valid ? [] : ['RST 1 to 1']);
    expect(s.counted()).toMatchObject(valid ? { SyncookiesRecv: 1 } : { SyncookiesFailed: 1, OutRsts: 1 });
  });

  it('from another peer is not that of the cookie', () => {
    const s = baked();
    s.ack(2, { ack: 1 });
    expect(s.rules()).toContain('cookie_v4_check/not-a-cookie');
  });

  it('that is a FIN, or brings data, is as good', () => {
    const s = baked();
    s.send(1, 'AF');
    expect(s.rows()).toContain('1 CLOSE_WAIT 0');
    const t = baked();
    t.ack(1, { len: 10 });
    expect(t.rows()).toContain('1 ESTABLISHED 0');
  });

  it.each(['R', 'RA', 'SA'])('that has the flags %s is not looked at', (flags) => {
    const s = baked();
    s.send(1, flags);
    expect(s.rules().some((rule) => rule.startsWith('cookie_v4_check'))).toBe(false);
  });

  it.each([0, 1])(
    'is dropped in silence where the accept queue is full, with tcp_abort_on_overflow %i',
    (tcp_abort_on_overflow) => {
      const s = baked({ backlog: 0, sysctl: { tcp_abort_on_overflow } });
      s.ack(100);
      s.counted();
      s.rules();
      expect(s.ack(1)).toEqual([]);
      expect(s.rules()).toEqual([
        'cookie_v4_check/valid',
        'tcp_v4_syn_recv_sock/accept-queue-full',
        'get_cookie_sock/no-child',
      ]);
      expect(s.counted()).toEqual({ SyncookiesRecv: 1, ListenOverflows: 1, ListenDrops: 1 });
    },
  );

  it.each([
    ['inet_reqsk_alloc', 'cookie_v4_check/no-memory'],
    ['security_inet_conn_request', 'cookie_v4_check/security'],
    ['inet_csk_route_req', 'cookie_v4_check/no-route'],
    ['tcp_create_openreq_child', 'get_cookie_sock/no-child'],
  ] as const)('with the fault %s is dropped in silence', (fault, rule) => {
    const s = baked();
    expect(s.ack(1, { faults: [fault] })).toEqual([]);
    expect(s.rules().at(-1)).toBe(rule);
    expect(s.counted()).toMatchObject({ SyncookiesRecv: 1 });
    expect(s.rows()).toHaveLength(16);
  });

  it('means nothing once cookies are off', () => {
    const s = baked();
    s.set('tcp_syncookies', 0);
    s.rules();
    expect(s.ack(1)).toEqual(['RST 1 to 1']);
    expect(s.rules()[0]).toBe('cookie_v4_check/cookies-off');
    expect(s.counted()).toEqual({ OutRsts: 1 });
  });
});

describe('the mark of a listener', () => {
  it.each([
    [3000, true],
    [3001, false],
  ])('lasts %i ms after its last cookie: %s', (ms, good) => {
    const s = baked();
    s.wait(ms);
    s.ack(1);
    expect(s.rules()).toContain(`cookie_v4_check/${good ? 'valid' : 'no-recent-cookie'}`);
    expect(s.counted()).toMatchObject(good ? { SyncookiesRecv: 1 } : { SyncookiesFailed: 1 });
  });

  it('makes an old cookie good again when a new one is sent', () => {
    const s = baked({ sysctl: { tcp_synack_retries: 100 } });
    s.waitUntil(20_000);
    s.syns(...FULL, ...FULL.map((peer) => peer + 100));
    s.rules();
    s.ack(1);
    expect(s.rules()).toContain('cookie_v4_check/valid');
  });

  it('is gone after a shutdown', () => {
    const s = baked();
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    s.listen(5);
    s.rules();
    s.ack(1);
    expect(s.rules()).toContain('cookie_v4_check/no-recent-cookie');
  });

  it('is not there at first, so that every stray ACK counts while cookies are on', () => {
    const s = new Server(linux_2_6_32, { sysctl: { tcp_syncookies: 1 } });
    s.ack(1);
    s.ack(1);
    expect(s.counted()).toEqual({ SyncookiesFailed: 2, OutRsts: 2 });
    s.set('tcp_syncookies', 0);
    s.ack(1);
    expect(s.counted()).toEqual({ OutRsts: 1 });
  });
});

describe('a cookie', () => {
  it.each([
    [239_999, true],
    [240_000, false],
  ])('made at the begin of a minute and acknowledged %i ms later is good: %s', (ms, good) => {
    const s = baked();
    s.waitUntil(ms);
    s.syns(...FULL, ...FULL.map((peer) => peer + 100));
    s.rules();
    s.ack(1);
    expect(s.rules()).toContain(`cookie_v4_check/${good ? 'valid' : 'not-a-cookie'}`);
  });
});
