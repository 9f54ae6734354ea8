/** The server side of Fast Open in 4.15, for peers that send data in their SYN and no cookie. */

import { describe, expect, it } from 'vitest';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import type { Machine } from '../../src/linux-4.15/machine.js';
import { Server, type Setup } from '../support/server.js';

/** Bits of tcp_fastopen: server, and no cookie required. */
const OPEN = 0x202;

const server = ({ sysctl = {}, sockopt = {}, ...more }: Setup = {}): Server =>
  new Server(linux_4_15, {
    ...more,
    sysctl: { tcp_fastopen: OPEN, ...sysctl },
    sockopt: { TCP_FASTOPEN: 3, ...sockopt },
  });

/** A SYN with data. */
const data = { len: 10 };

/** A Fast Open child of peer 1, with nothing left in the books. */
function withChild(setup?: Setup): Server {
  const s = server(setup);
  s.syn(1, data);
  s.counted();
  s.rules();
  return s;
}

/** How many Fast Open handshakes are unfinished, as the listener counts them. */
const slots = (s: Server): number | undefined => (s.host as Machine).listener?.icsk_accept_queue.fastopenq.qlen;

describe('a SYN with data', () => {
  it('becomes a child at once, and its data is acknowledged', () => {
    const s = server();
    expect(s.syn(1, data)).toEqual(['SYN+ACK ack 11 to 1']);
    expect(s.rules()).toEqual(['tcp_v4_syn_recv_sock/child', 'tcp_conn_request/fastopen']);
    expect(s.counted()).toEqual({ PassiveOpens: 1, TCPFastOpenPassive: 1 });
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.queue()).toEqual([1, 5]);
    expect(s.accept()).toBe(1);
    expect(s.rules()).toEqual(['inet_csk_accept/oldest-first', 'inet_csk_accept/fastopen-unfinished']);
    expect(s.rows()).toEqual(['1 SYN_RECV 0 A']);
  });

  it.each([
    ['the server bit is off', { sysctl: { tcp_fastopen: 0x201 } }, []],
    ['the listener has no Fast Open queue', { sockopt: { TCP_FASTOPEN: 0 } }, ['tcp_fastopen_queue_check/off']],
    ['a cookie is required', { sysctl: { tcp_fastopen: 2 } }, ['tcp_try_fastopen/cookie-required']],
  ] as [string, Setup, string[]][])('is an ordinary one when %s', (_when, setup, rules) => {
    const s = server(setup);
    expect(s.syn(1, data)).toEqual(['SYN+ACK ack 1 to 1']);
    expect(s.rules()).toEqual([...rules, 'tcp_conn_request/synack']);
    expect(s.counted()).toEqual({});
  });

  it('is an ordinary one when no child can be made', () => {
    const s = server();
    expect(s.syn(1, { ...data, faults: ['tcp_create_openreq_child'] })).toEqual(['SYN+ACK ack 1 to 1']);
    expect(s.rules()).toEqual([
      'tcp_v4_syn_recv_sock/no-memory',
      'tcp_try_fastopen/no-child',
      'tcp_conn_request/synack',
    ]);
    expect(s.counted()).toEqual({ ListenDrops: 1, TCPFastOpenPassiveFail: 1 });
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });

  it('gets a cookie when the SYN queue is full', () => {
    const s = server({ sysctl: { tcp_syncookies: 2 } });
    expect(s.syn(1, data)).toEqual(['SYN+ACK ack 1 to 1']);
    expect(s.counted()).toEqual({ TCPReqQFullDoCookies: 1, SyncookiesSent: 1 });
  });

  it('without data is an ordinary one', () => {
    const s = server();
    s.syn(1);
    expect(s.rules()).toEqual(['tcp_conn_request/synack']);
  });
});

describe('the Fast Open queue', () => {
  it('takes as many unfinished handshakes as the option says', () => {
    const s = server();
    for (const peer of [1, 2, 3]) s.syn(peer, data);
    s.counted();
    s.rules();
    expect(s.syn(4, data)).toEqual(['SYN+ACK ack 1 to 4']);
    expect(s.rules()).toEqual(['tcp_fastopen_queue_check/full', 'tcp_conn_request/synack']);
    expect(s.counted()).toEqual({ TCPFastOpenListenOverflow: 1 });
  });

  it('is looked at, and its overflow counted, before the cookie bit', () => {
    const s = server({ sockopt: { TCP_FASTOPEN: 1 } });
    s.syn(1, data);
    s.set('tcp_fastopen', 2);
    s.counted();
    s.syn(2, data);
    expect(s.counted()).toEqual({ TCPFastOpenListenOverflow: 1 });
  });

  it('is left when the handshake is complete, whether or not the child was accepted', () => {
    const s = server();
    s.syn(1, data);
    s.syn(2, data);
    s.accept();
    s.rules();
    s.ack(1, { seq: 11 });
    s.ack(2, { seq: 11 });
    expect(s.rules().filter((rule) => rule.startsWith('reqsk_fastopen'))).toEqual([
      'reqsk_fastopen_remove/accepted',
      'reqsk_fastopen_remove/not-accepted-yet',
    ]);
    expect(slots(s)).toBe(0);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0 A', '2 ESTABLISHED 0']);
  });

  it('is left at once when a child is reset that nobody has accepted', () => {
    const s = withChild();
    expect(s.send(1, 'R', { seq: 11 })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_check_req/reset-fastopen', 'reqsk_fastopen_remove/not-accepted-yet']);
    expect(s.counted()).toEqual({ AttemptFails: 2 });
    expect(slots(s)).toBe(0);
    expect(s.queue()).toEqual([1, 5]);
    expect(s.accept()).toBe(1);
  });

  it.each([
    [59.999, 'tcp_fastopen_queue_check/full'],
    [60, 'tcp_fastopen_queue_check/reset-slot-free-again'],
  ])('is held for 60 s by a child that was reset after it was accepted: after %d s %s', (seconds, rule) => {
    const s = withChild({ sockopt: { TCP_FASTOPEN: 1 } });
    s.accept();
    s.rules();
    s.send(1, 'R', { seq: 11 });
    expect(s.rules()).toEqual(['tcp_check_req/reset-fastopen', 'reqsk_fastopen_remove/hold-slot']);
    expect(slots(s)).toBe(1);
    s.waitUntil(seconds * 1000);
    s.syn(2, data);
    expect(s.rules()[0]).toBe(rule);
    expect(slots(s)).toBe(1);
  });

  it('gives back the slots of resets one by one, the oldest first', () => {
    const s = server({ sockopt: { TCP_FASTOPEN: 2 } });
    for (const peer of [1, 2]) {
      s.syn(peer, data);
      s.accept();
      s.send(peer, 'R', { seq: 11 });
      s.wait(1000);
    }
    s.waitUntil(60_500);
    s.rules();
    s.syn(3, data);
    s.syn(4, data);
    expect(s.rules().filter((rule) => rule.startsWith('tcp_fastopen_queue'))).toEqual([
      'tcp_fastopen_queue_check/reset-slot-free-again',
      'tcp_fastopen_queue_check/full',
    ]);
  });

  it('is left by a reset whose listener no longer listens', () => {
    const s = withChild();
    s.accept();
    s.call({ syscall: 'close' });
    s.rules();
    s.send(1, 'R', { seq: 11 });
    expect(s.rules()).toEqual(['tcp_check_req/reset-fastopen', 'reqsk_fastopen_remove/listener-gone']);
  });

  it('is counted anew when the socket listens again, and below zero when an old handshake ends', () => {
    const s = withChild();
    s.accept();
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    s.listen(5);
    expect(slots(s)).toBe(0);
    s.ack(1, { seq: 11 });
    expect(slots(s)).toBe(-1);
  });

  it.each([
    [0x402, 5, 5],
    [0x402, 200, 128],
    [0x400, 5, 0],
    [0x002, 5, 0],
  ])('exists without the option when tcp_fastopen is %i: backlog %i gives %i', (tcp_fastopen, backlog, max_qlen) => {
    const s = server({ backlog, sysctl: { tcp_fastopen }, sockopt: { TCP_FASTOPEN: 0 } });
    expect((s.host as Machine).listener?.icsk_accept_queue.fastopenq.max_qlen).toBe(max_qlen);
  });

  it('keeps the limit of the option when the sysctl would set one', () => {
    const s = server({ backlog: 5, sysctl: { tcp_fastopen: 0x602 } });
    expect((s.host as Machine).listener?.icsk_accept_queue.fastopenq.max_qlen).toBe(3);
  });
});

describe('a Fast Open child', () => {
  it('sends its SYN-ACK once more often than a request, and is then given up', () => {
    const s = withChild({ sysctl: { tcp_synack_retries: 1 } });
    expect(s.wait(30_000)).toEqual(['1024 ms: SYN+ACK ack 11 to 1', '3072 ms: SYN+ACK ack 11 to 1']);
    expect(s.rules().filter((rule) => rule.startsWith('tcp_fastopen'))).toEqual([
      'tcp_fastopen_synack_timer/resend',
      'tcp_fastopen_synack_timer/resend',
      'tcp_fastopen_synack_timer/give-up',
    ]);
    expect(s.rows()).toEqual([]);
    expect(s.queue()).toEqual([1, 5]);
    expect(slots(s)).toBe(0);
    expect(s.counted()).toEqual({
      TCPTimeouts: 3,
      RetransSegs: 2,
      TCPSynRetrans: 2,
      TCPAbortOnTimeout: 1,
      AttemptFails: 1,
    });
  });

  it('sends its SYN-ACK as often as TCP_SYNCNT says, where that is set', () => {
    const s = withChild({ sockopt: { TCP_SYNCNT: 1 } });
    expect(s.wait(30_000)).toEqual(['1024 ms: SYN+ACK ack 11 to 1']);
  });

  it('shows its timeouts, and stops when its handshake is complete', () => {
    const s = withChild();
    s.wait(1100);
    expect(s.rows()).toEqual(['1 SYN_RECV 1']);
    s.ack(1, { seq: 11 });
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
    expect(s.wait(10_000)).toEqual([]);
  });

  it('answers its SYN again, but its timer stays', () => {
    const s = withChild();
    s.wait(600);
    expect(s.syn(1, data)).toEqual(['SYN+ACK ack 11 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/duplicate-syn-fastopen']);
    expect(s.wait(600)).toEqual(['1024 ms: SYN+ACK ack 11 to 1']);
  });

  it('answers another SYN in its window with a reset, and lives on', () => {
    const s = withChild();
    expect(s.syn(1, { seq: 12 })).toEqual(['RST+ACK ack 13 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/syn-in-window-fastopen', 'tcp_v4_send_reset/for-no-ack']);
    expect(s.counted()).toEqual({ AttemptFails: 1, OutRsts: 1 });
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });

  it('is reset when the listener closes, without freeing its slot', () => {
    const s = withChild();
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    expect(s.out()).toEqual(['RST+ACK 1 ack 11 to 1']);
    expect(slots(s)).toBe(1);
    expect(s.wait(10_000)).toEqual([]);
  });

  it('that was accepted outlives the listener, timer and all', () => {
    const s = withChild();
    s.accept();
    s.call({ syscall: 'close' });
    expect(s.wait(1100)).toEqual(['1024 ms: SYN+ACK ack 11 to 1']);
    expect(s.rows()).toEqual(['1 SYN_RECV 1 A']);
  });

  it('out of its window sends an ACK with the next number', () => {
    const s = withChild();
    expect(s.ack(1, { seq: 5 })).toEqual(['ACK 1 ack 11 to 1']);
  });
});
