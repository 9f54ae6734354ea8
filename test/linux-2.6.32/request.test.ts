/** What a segment does to a request in 2.6.32. */

import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import { Server, type Setup, type Told } from '../support/server.js';

const server = (setup?: Setup): Server => new Server(linux_2_6_32, setup);

const mainline: KernelVariant = {
  ...linux_2_6_32,
  boot: (env, clock, options) => linux_2_6_32.boot(env, clock, options, '2.6.32.69'),
};

/** A listener with one request, of peer 1. */
const pending = (setup?: Setup): Server => {
  const s = server(setup).syns(1);
  s.rules();
  s.counted();
  return s;
};

describe('a segment for a request', () => {
  it('that is its SYN again is answered with the same SYN-ACK, each time, and moves no deadline', () => {
    const s = pending();
    const isn = s.rows();
    s.wait(2900);
    expect(s.syn(1)).toEqual(['SYN+ACK ack 1 to 1']);
    expect(s.syn(1)).toEqual(['SYN+ACK ack 1 to 1']);
    expect(s.rules().filter((rule) => rule === 'tcp_check_req/duplicate-syn')).toHaveLength(2);
    expect(s.rows()).toEqual(isn);
    expect(s.counted()).toEqual({});
    expect(s.wait(1800)).toHaveLength(1);
  });

  it('that is a SYN with another number is out of the window', () => {
    const s = pending();
    expect(s.syn(1, { seq: -1 })).toEqual(['ACK 1 ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/out-of-window']);
  });

  it('with a SYN in the window ends it with a reset', () => {
    const s = pending();
    expect(s.syn(1, { seq: 1 })).toEqual(['RST+ACK ack 2 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/syn-in-window', 'tcp_v4_send_reset/for-no-ack']);
    expect(s.counted()).toEqual({ AttemptFails: 1, EmbryonicRsts: 1, OutRsts: 1 });
    expect(s.rows()).toEqual([]);
    expect(s.wait(100_000)).toEqual([]);
  });

  it('with its SYN, ACK and data completes the handshake, but without data it is out of the window', () => {
    const s = pending();
    expect(s.send(1, 'SA', { seq: 0 })).toEqual(['ACK 1 ack 1 to 1']);
    s.send(1, 'SA', { seq: 0, len: 1 });
    expect(s.rules()).toContain('tcp_check_req/handshake-complete');
    expect(s.queue()).toEqual([1, 5]);
  });

  it.each([0, 2, -1, 100])('that acknowledges %i is reset, and the request stays', (ack) => {
    const s = pending();
    expect(s.ack(1, { ack })).toEqual([`RST ${ack} to 1`]);
    expect(s.rules()).toEqual([
      'tcp_check_req/bad-ack',
      'tcp_rcv_state_process/listen-ack',
      'tcp_v4_do_rcv/reset-from-listener',
      'tcp_v4_send_reset/for-an-ack',
    ]);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.counted()).toEqual({ OutRsts: 1 });
    s.ack(1);
    expect(s.queue()).toEqual([1, 5]);
  });

  it('that is a reset with a bad ACK is not answered, and the request stays', () => {
    const s = pending();
    expect(s.send(1, 'RA', { ack: 5 })).toEqual([]);
    expect(s.rules()).toContain('tcp_v4_send_reset/never-for-a-reset');
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });

  const window: [seq: number, inside: boolean][] = [
    [0, false],
    [1, true],
    [14600, true],
    [14601, true],
    [14602, false],
    [40000, false],
  ];

  it.each(window)('that is a reset at %i ends it: %s', (seq, inside) => {
    const s = pending();
    expect(s.send(1, 'R', { seq })).toEqual([]);
    expect(s.rules()).toEqual([`tcp_check_req/${inside ? 'reset' : 'reset-out-of-window'}`]);
    expect(s.counted()).toEqual(inside ? { AttemptFails: 1, EmbryonicRsts: 1 } : {});
    expect(s.rows()).toEqual(inside ? [] : ['1 SYN_RECV 0']);
  });

  it.each(window)('that is an ACK at %i completes the handshake: %s', (seq, inside) => {
    const s = pending();
    const answer = s.ack(1, { seq });
    expect(s.queue()).toEqual([inside ? 1 : 0, 5]);
    if (!inside) expect(answer).toEqual(['ACK 1 ack 1 to 1']);
  });

  it.each([
    [1, 5841],
    [0, 5842],
  ])('completes the handshake of %i connection at %i in mainline, whose window is 4 segments', (completed, seq) => {
    const s = new Server(mainline).syns(1);
    s.ack(1, { seq });
    expect(s.queue()).toEqual([completed, 5]);
  });

  it('out of the window is answered each time', () => {
    const s = pending();
    for (let i = 0; i < 3; i++) expect(s.ack(1, { seq: 40000, len: 10 })).toEqual(['ACK 1 ack 1 to 1']);
    expect(s.counted()).toEqual({});
  });

  it('without ACK is ignored', () => {
    const s = pending();
    expect(s.send(1, 'F')).toEqual([]);
    expect(s.rules()).toEqual(['tcp_check_req/no-ack']);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });

  it('with an older timestamp than its SYN is out of the window and counts PAWSEstab', () => {
    const s = server();
    s.syn(1, { tsval: 1000 });
    s.rules();
    expect(s.ack(1, { tsval: 999 })).toEqual(['ACK 1 ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/out-of-window', 'tcp_check_req/old-timestamp']);
    expect(s.counted()).toEqual({ PAWSEstab: 1 });
    s.ack(1, { tsval: 1000 });
    expect(s.queue()).toEqual([1, 5]);
  });

  it.each([
    ['', [] as string[], { PassiveOpens: 1, TCPPureAcks: 1 }],
    ['F', ['ACK 1 ack 2 to 1'], { PassiveOpens: 1 }],
  ])('that is an ACK with flags "%s" makes a child', (flags, _answer, counted) => {
    const s = pending();
    s.send(1, `A${flags}`);
    expect(s.rules().slice(0, 2)).toEqual(['tcp_v4_syn_recv_sock/child', 'tcp_check_req/handshake-complete']);
    expect(s.queue()).toEqual([1, 5]);
    expect(s.counted()).toMatchObject(counted);
    expect(s.rows()).toEqual([`1 ${flags === 'F' ? 'CLOSE_WAIT' : 'ESTABLISHED'} 0`]);
  });
});

describe('an ACK that overflows the accept queue', () => {
  const full = (sysctl: Record<string, number> = {}): Server => {
    const s = server({ backlog: 0, sysctl }).syns(1, 2);
    s.ack(1);
    s.rules();
    s.counted();
    return s;
  };

  it('is ignored; the request stays, and can complete later', () => {
    const s = full();
    expect(s.ack(2)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_v4_syn_recv_sock/accept-queue-full', 'tcp_check_req/overflow-ignored']);
    expect(s.counted()).toEqual({ ListenOverflows: 1, ListenDrops: 1 });
    expect(s.rows()).toEqual(['1 ESTABLISHED 0', '2 SYN_RECV 0']);
    expect(s.accept()).toBe(1);
    s.ack(2);
    expect(s.queue()).toEqual([1, 0]);
  });

  it('does not keep the SYN-ACK from being sent again, and the request from expiring', () => {
    const s = full({ tcp_synack_retries: 1 });
    s.ack(2);
    expect(s.wait(8000)).toHaveLength(1);
    expect(s.wait(8000)).toEqual([]);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
  });

  it('is reset with tcp_abort_on_overflow, and the request is gone', () => {
    const s = full({ tcp_abort_on_overflow: 1 });
    expect(s.ack(2)).toEqual(['RST 1 to 2']);
    expect(s.rules()).toEqual([
      'tcp_v4_syn_recv_sock/accept-queue-full',
      'tcp_check_req/overflow-aborted',
      'tcp_v4_send_reset/for-an-ack',
    ]);
    expect(s.counted()).toEqual({ ListenOverflows: 1, ListenDrops: 1, EmbryonicRsts: 1, OutRsts: 1 });
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
  });

  it.each([0, 1, 2, 3, 7])('comes with the connection after backlog + 1 for a backlog of %i', (backlog) => {
    const s = server({ backlog });
    for (let peer = 0; peer <= backlog + 1; peer++) s.connect(peer);
    expect(s.queue()).toEqual([backlog + 1, backlog]);
    expect(s.counted()).toMatchObject({ PassiveOpens: backlog + 1, ListenOverflows: 1, ListenDrops: 1 });
  });

  it.each([
    ['inet_csk_route_req', 'no-route', { ListenDrops: 1 }],
    ['tcp_create_openreq_child', 'no-memory', { ListenDrops: 1 }],
    ['__inet_inherit_port', 'port-not-inherited', { ListenDrops: 1, PassiveOpens: 1 }],
  ] as const)('has its like in the fault %s', (fault, outcome, counted) => {
    const s = pending();
    expect(s.ack(1, { faults: [fault] })).toEqual([]);
    expect(s.rules()).toEqual([`tcp_v4_syn_recv_sock/${outcome}`, 'tcp_check_req/overflow-ignored']);
    expect(s.counted()).toEqual(counted);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });
});

describe('under TCP_DEFER_ACCEPT', () => {
  const deferring = (seconds: number, setup: Setup = {}): Server =>
    pending({ ...setup, sockopt: { ...setup.sockopt, TCP_DEFER_ACCEPT: seconds } });

  const completing: [flags: string, told: Told, completes: boolean][] = [
    ['A', {}, false],
    ['A', { len: 1 }, true],
    ['AF', {}, true],
    ['A', { seq: 100 }, true],
    ['SA', { seq: 0, len: 1 }, true],
  ];

  it.each(completing)('a segment with the flags %s and %o completes the handshake: %s', (flags, told, completes) => {
    const s = deferring(10);
    s.send(1, flags, told);
    expect(s.rules().includes('tcp_check_req/defer-accept')).toBe(!completes);
    expect(s.queue()).toEqual([completes ? 1 : 0, 5]);
    expect(s.host.counters.ListenDrops).toBeUndefined();
  });

  it('an acknowledged request is silent until its last timeout, and a bare ACK then completes the handshake', () => {
    const s = deferring(10);
    s.ack(1);
    const sent = s.waitUntil(25_000);
    expect(sent).toHaveLength(1);
    expect(s.rules().filter((rule) => rule.startsWith('syn_ack_recalc'))).toEqual([
      'syn_ack_recalc/wait-for-data',
      'syn_ack_recalc/wait-for-data',
      'syn_ack_recalc/resend',
    ]);
    expect(s.rows()).toEqual(['1 SYN_RECV 3']);
    s.ack(1);
    expect(s.queue()).toEqual([1, 5]);
  });

  it('an acknowledged request outlives tcp_synack_retries', () => {
    const s = deferring(30, { sysctl: { tcp_synack_retries: 1 } });
    s.syn(2);
    s.ack(1);
    s.waitUntil(12_000);
    expect(s.rules()).toContain('syn_ack_recalc/acked-outlives-limit');
    expect(s.rows()).toEqual(['1 SYN_RECV 2']);
  });

  it('one that was never acknowledged does not', () => {
    const s = deferring(600, { sysctl: { tcp_synack_retries: 1 } });
    s.waitUntil(12_000);
    expect(s.rows()).toEqual([]);
  });
});
