/** What becomes of a request in 4.15: its timeouts, and the segments that come for it. */

import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/generated/types.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import type { Machine } from '../../src/linux-4.15/machine.js';
import { Server, type Setup } from '../support/server.js';

const server = (setup?: Setup): Server => new Server(linux_4_15, setup);

/** Requests and young requests of the listener. */
function requests(s: Server): [qlen: number, young: number] {
  const { qlen, young } = (s.host as Machine).listener?.icsk_accept_queue ?? { qlen: -1, young: -1 };
  return [qlen, young];
}

/** A request whose SYN-ACK is all that has been sent, with nothing left in the books. */
function withRequest(setup?: Setup): Server {
  const s = server(setup).syns(1);
  s.counted();
  s.rules();
  return s;
}

describe('the timeouts of a request', () => {
  it('double from one second to 120 s, rounded up by the timer wheel', () => {
    const s = withRequest({ sysctl: { tcp_synack_retries: 9 } });
    const times = s.wait(900_000).map((sent) => Number.parseInt(sent, 10));
    expect(times).toEqual([1024, 3072, 7104, 15_360, 31_744, 64_000, 131_072, 253_952, 376_832]);
  });

  it.each([
    [0, 1, 1024],
    [1, 2, 3072],
    [2, 3, 7104],
    [5, 6, 64_000],
  ])('with %i retries end with the %ith, which TCPTimeouts counts, too', (tcp_synack_retries, timeouts, end) => {
    const s = withRequest({ sysctl: { tcp_synack_retries } });
    s.waitUntil(end - 1);
    expect(s.rows()).toHaveLength(1);
    expect(s.wait(1)).toEqual([]);
    expect(s.rows()).toEqual([]);
    expect(requests(s)).toEqual([0, 0]);
    expect(s.counted()).toEqual(
      tcp_synack_retries === 0
        ? { TCPTimeouts: 1 }
        : { TCPTimeouts: timeouts, RetransSegs: tcp_synack_retries, TCPSynRetrans: tcp_synack_retries },
    );
  });

  it('show in its row, and end its youth', () => {
    const s = withRequest();
    expect(requests(s)).toEqual([1, 1]);
    s.wait(1024);
    expect(s.rows()).toEqual(['1 SYN_RECV 1']);
    expect(requests(s)).toEqual([1, 0]);
    s.wait(2048);
    expect(s.rows()).toEqual(['1 SYN_RECV 2']);
    expect(requests(s)).toEqual([1, 0]);
    expect(s.rules()).toContain('syn_ack_recalc/resend');
  });

  it('are limited by TCP_SYNCNT where that is set', () => {
    const s = withRequest({ sockopt: { TCP_SYNCNT: 1 } });
    expect(s.wait(100_000)).toHaveLength(1);
    expect(s.rows()).toEqual([]);
  });

  it('follow tcp_synack_retries as it is at each of them', () => {
    const s = withRequest();
    s.wait(1024);
    s.set('tcp_synack_retries', 1);
    expect(s.wait(100_000)).toEqual([]);
    expect(s.rules()).toContain('syn_ack_recalc/expire');
  });

  it('drop it when its SYN-ACK cannot be sent again', () => {
    const s = withRequest();
    expect(s.wait(1024, ['send_synack'])).toEqual([]);
    expect(s.rules()).toContain('reqsk_timer_handler/synack-not-sent');
    expect(s.rows()).toEqual([]);
    expect(s.counted()).toEqual({ TCPTimeouts: 1 });
  });

  it('do not drop it when it has been acknowledged', () => {
    const s = withRequest({ backlog: 0, sysctl: { tcp_syncookies: 1 } });
    s.listen(1);
    s.connect(2).syns(3);
    s.listen(0);
    s.ack(3);
    s.rules();
    s.wait(1100, ['send_synack']);
    expect(s.rules()).toContain('reqsk_timer_handler/synack-not-sent-acked');
    expect(s.rows()).toEqual(['2 ESTABLISHED 0', '3 SYN_RECV 1']);
  });

  it('are all over the place after 20 of them, when the shift overflows', () => {
    const s = withRequest({ sysctl: { tcp_synack_retries: 40 } });
    const { listener } = s.host as Machine;
    expect(listener).toBeDefined();
    const times = s.wait(4_000_000).map((sent) => Number.parseInt(sent, 10));
    expect(times[28]).toBe((times[27] as number) + 122_880);
    expect(times.slice(29, 32).map((time, i) => time - (times[28 + i] as number))).toEqual([1, 1, 1]);
  });
});

describe('a SYN queue that is more than half full', () => {
  const retries = { tcp_synack_retries: 5, tcp_syncookies: 0 };

  it('drops requests after two timeouts when none is young', () => {
    const s = server({ backlog: 8, sysctl: retries }).syns(1, 2, 3, 4, 5);
    s.waitUntil(7103);
    expect(s.rows()).toHaveLength(5);
    s.rules();
    s.wait(1);
    expect(s.rules()).toContain('reqsk_timer_handler/half-full');
    expect(s.rows()).toHaveLength(4);
  });

  it.each([
    [4, 8],
    [5, 10],
    [8, 16],
    [4, 1],
  ])('is so with more than %i requests where the limit is %i', (half, backlog) => {
    const full = (count: number): string[] => {
      const s = server({ backlog: 1000, sysctl: retries });
      for (let peer = 0; peer < count; peer++) s.syn(peer);
      s.listen(backlog);
      s.waitUntil(7104);
      return s.rows();
    };
    expect(full(half)).toHaveLength(half);
    expect(full(half + 1)).toHaveLength(half);
  });

  it('decides anew at each timeout, so the newest of a bucket is the first to go', () => {
    const s = server({ backlog: 8, sysctl: retries }).syns(1, 2, 3, 4, 5, 6);
    s.waitUntil(7104);
    expect(s.rows()).toEqual(['1 SYN_RECV 3', '2 SYN_RECV 3', '3 SYN_RECV 3', '4 SYN_RECV 3']);
  });

  it.each([
    [1, 3],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 4],
    [6, 5],
  ])(
    'of five old and %i young requests keeps %i old ones: no more go once they are fewer than twice the young',
    (young, survivors) => {
      const s = server({ backlog: 8, sysctl: { ...retries, tcp_synack_retries: 3 } }).syns(1, 2, 3, 4, 5);
      s.waitUntil(7000);
      s.listen(16);
      for (let i = 0; i < young; i++) s.syn(100 + i);
      s.listen(8);
      s.waitUntil(7104);
      expect(s.rows().filter((row) => row.endsWith(' 3'))).toHaveLength(survivors);
    },
  );

  it('never lowers the limit below two timeouts', () => {
    const s = server({ backlog: 8, sysctl: { ...retries, tcp_synack_retries: 2 } }).syns(1, 2, 3, 4, 5, 6, 7, 8);
    s.waitUntil(7103);
    expect(s.rows()).toHaveLength(8);
    expect(s.rules()).not.toContain('reqsk_timer_handler/half-full');
    s.wait(1);
    expect(s.rows()).toHaveLength(0);
  });

  it('leaves a limit of one or none as it is', () => {
    const s = server({ backlog: 8, sysctl: { ...retries, tcp_synack_retries: 1 } }).syns(1, 2, 3, 4, 5);
    s.waitUntil(1024);
    expect(s.rows()).toHaveLength(5);
    s.waitUntil(3072);
    expect(s.rows()).toHaveLength(0);
  });
});

describe("a request's SYN again", () => {
  it('is answered, and starts the timeout anew without counting it', () => {
    const s = withRequest();
    s.waitUntil(600);
    expect(s.syn(1)).toEqual(['SYN+ACK ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/duplicate-syn']);
    expect(s.counted()).toEqual({ RetransSegs: 1, TCPSynRetrans: 1 });
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(requests(s)).toEqual([1, 1]);
    expect(s.wait(5000)).toEqual(['1664 ms: SYN+ACK ack 1 to 1', '3712 ms: SYN+ACK ack 1 to 1']);
  });

  it('starts the timeout that the number of timeouts gives', () => {
    const s = withRequest();
    s.waitUntil(1100);
    s.syn(1);
    expect(s.rows()).toEqual(['1 SYN_RECV 1']);
    expect(s.waitUntil(4000)).toEqual(['3136 ms: SYN+ACK ack 1 to 1']);
  });

  it('is dropped within half a second of the last one', () => {
    const s = withRequest();
    s.wait(100);
    expect(s.syn(1)).toHaveLength(1);
    s.counted();
    s.rules();
    s.waitUntil(599);
    expect(s.syn(1)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_check_req/duplicate-syn-rate-limited']);
    expect(s.counted()).toEqual({ TCPACKSkippedSynRecv: 1 });
    s.waitUntil(600);
    expect(s.syn(1)).toHaveLength(1);
  });

  it('leaves the timeout alone when it cannot be answered', () => {
    const s = withRequest();
    s.wait(600);
    expect(s.syn(1, { faults: ['send_synack'] })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_check_req/duplicate-syn', 'tcp_check_req/duplicate-syn-not-answered']);
    expect(s.wait(1000)).toEqual(['1024 ms: SYN+ACK ack 1 to 1']);
  });
});

describe('a segment for a request', () => {
  it('with the right ACK completes the handshake', () => {
    const s = withRequest();
    expect(s.ack(1)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_v4_syn_recv_sock/child', 'tcp_check_req/handshake-complete', 'tcp_ack/pure']);
    expect(s.counted()).toEqual({ PassiveOpens: 1, TCPPureAcks: 1 });
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
    expect(s.queue()).toEqual([1, 5]);
    expect(requests(s)).toEqual([0, 0]);
    expect(s.wait(10_000)).toEqual([]);
  });

  it.each([
    ['FIN', 'FA', 0],
    ['data', 'PA', 100],
  ])('with the right ACK and %s completes it, too', (_what, flags, len) => {
    const s = withRequest();
    s.send(1, flags, { len });
    expect(s.rules()).toContain('tcp_check_req/handshake-complete');
  });

  it('completes the handshake of an old request', () => {
    const s = withRequest();
    s.wait(5000);
    s.ack(1);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
    expect(requests(s)).toEqual([0, 0]);
  });

  it.each([0, 2, -1])('with a wrong ACK (%i) is reset, and the request stays', (ack) => {
    const s = withRequest();
    expect(s.ack(1, { ack })).toEqual([`RST ${ack} to 1`]);
    expect(s.rules()[0]).toBe('tcp_check_req/bad-ack');
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.counted()).toEqual({ OutRsts: 1 });
  });

  it('with RST and a wrong ACK does nothing', () => {
    const s = withRequest();
    expect(s.send(1, 'RA', { ack: 5 })).toEqual([]);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.counted()).toEqual({});
  });

  it.each([0, -1, 29_202])('without data outside the window (%i) is answered with an ACK', (seq) => {
    const s = withRequest();
    expect(s.ack(1, { seq })).toEqual(['ACK 1 ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/out-of-window']);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });

  it.each([1, 29_200, 29_201])('without data in the window of 29200 (%i) completes the handshake', (seq) => {
    const s = withRequest();
    s.ack(1, { seq });
    expect(s.rules()).toContain('tcp_check_req/handshake-complete');
  });

  it('finds a window of 28960 where timestamps are on', () => {
    const s = server();
    s.syn(1, { tsval: 7 });
    s.rules();
    s.ack(1, { seq: 28_962, tsval: 8 });
    expect(s.rules()).toEqual(['tcp_check_req/out-of-window']);
    s.ack(1, { seq: 28_961, tsval: 8 });
    expect(s.rules()).toContain('tcp_check_req/handshake-complete');
  });

  it('outside the window is not answered within half a second of the last answer, unless it has data', () => {
    const s = withRequest();
    s.ack(1, { seq: -1 });
    s.rules();
    expect(s.ack(1, { seq: -1 })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_check_req/out-of-window-rate-limited']);
    expect(s.counted()).toEqual({ TCPACKSkippedSynRecv: 1 });
    expect(s.send(1, 'PA', { seq: 40_000, len: 1 })).toEqual(['ACK 1 ack 1 to 1']);
    s.wait(500);
    expect(s.ack(1, { seq: -1 })).toEqual(['ACK 1 ack 1 to 1']);
  });

  it('with an older timestamp than its SYN is answered with an ACK and counted', () => {
    const s = server();
    s.syn(1, { tsval: 1000 });
    s.rules();
    expect(s.ack(1, { tsval: 999 })).toEqual(['ACK 1 ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/out-of-window', 'tcp_check_req/old-timestamp']);
    expect(s.counted()).toEqual({ PAWSEstab: 1 });
    s.ack(1, { tsval: 1000 });
    expect(s.rules()).toContain('tcp_check_req/handshake-complete');
  });

  it.each([
    ['of 0', 0, 1],
    ['of no SYN', undefined, 1],
  ])('with any timestamp passes after a SYN with a timestamp %s', (_what, tsval, later) => {
    const s = server();
    s.syn(1, tsval === undefined ? {} : { tsval });
    s.ack(1, { tsval: (later - 100) >>> 0 });
    expect(s.rules()).toContain('tcp_check_req/handshake-complete');
  });

  it('with RST in the window ends the request', () => {
    const s = withRequest();
    expect(s.send(1, 'R')).toEqual([]);
    expect(s.rules()).toEqual(['tcp_check_req/reset']);
    expect(s.rows()).toEqual([]);
    expect(s.counted()).toEqual({ AttemptFails: 1, EmbryonicRsts: 1 });
    expect(requests(s)).toEqual([0, 0]);
    expect(s.wait(5000)).toEqual([]);
  });

  it.each([0, 40_000])('with RST outside the window (%i) does nothing', (seq) => {
    const s = withRequest();
    expect(s.send(1, 'R', { seq })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_check_req/reset-out-of-window']);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.counted()).toEqual({});
  });

  it('with another SYN in the window is reset and ends the request', () => {
    const s = withRequest();
    expect(s.syn(1, { seq: 1 })).toEqual(['RST+ACK ack 2 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/syn-in-window', 'tcp_v4_send_reset/for-no-ack']);
    expect(s.rows()).toEqual([]);
    expect(s.counted()).toEqual({ AttemptFails: 1, EmbryonicRsts: 1, OutRsts: 1 });
  });

  it("with the SYN's number, SYN and the right ACK completes the handshake when it reaches into the window", () => {
    const s = withRequest();
    s.send(1, 'SA', { len: 1 });
    expect(s.rules()).toContain('tcp_check_req/handshake-complete');
  });

  it('without ACK is dropped', () => {
    const s = withRequest();
    expect(s.send(1, 'P', { len: 10 })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_check_req/no-ack']);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });
});

describe('the ACK that finds the accept queue full', () => {
  /** A full accept queue and the request of peer 9. */
  const full = (more: Setup = {}): Server => {
    const s = server({ ...more, backlog: 2 })
      .connect(1)
      .syns(9)
      .connect(2);
    s.listen(1);
    s.counted();
    s.rules();
    return s;
  };

  it('is dropped, and the SYN-ACK is sent again as if nothing had come', () => {
    const s = full();
    expect(s.ack(9)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_v4_syn_recv_sock/accept-queue-full', 'tcp_check_req/overflow-ignored']);
    expect(s.counted()).toEqual({ ListenOverflows: 1, ListenDrops: 1 });
    expect(s.rows()).toContain('9 SYN_RECV 0');
    expect(s.wait(1100)).toEqual(['1024 ms: SYN+ACK ack 1 to 9']);
    expect(s.accept()).toBe(1);
    s.ack(9);
    expect(s.rows()).toContain('9 ESTABLISHED 0');
  });

  it('does not keep the request alive', () => {
    const s = full({ sysctl: { tcp_synack_retries: 1 } });
    s.ack(9);
    expect(s.wait(4000)).toHaveLength(1);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0', '2 ESTABLISHED 0']);
  });

  it('is reset with tcp_abort_on_overflow, and the request is dropped', () => {
    const s = full({ sysctl: { tcp_abort_on_overflow: 1 } });
    expect(s.ack(9)).toEqual(['RST 1 to 9']);
    expect(s.rules()).toEqual([
      'tcp_v4_syn_recv_sock/accept-queue-full',
      'tcp_check_req/overflow-aborted',
      'tcp_v4_send_reset/for-an-ack',
    ]);
    expect(s.counted()).toEqual({ ListenOverflows: 1, ListenDrops: 1, EmbryonicRsts: 1, OutRsts: 1 });
    expect(s.rows()).toEqual(['1 ESTABLISHED 0', '2 ESTABLISHED 0']);
  });
});

describe('the ACK for which no child can be made', () => {
  it('for want of memory is dropped', () => {
    const s = withRequest();
    expect(s.ack(1, { faults: ['tcp_create_openreq_child'] })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_v4_syn_recv_sock/no-memory', 'tcp_check_req/overflow-ignored']);
    expect(s.counted()).toEqual({ ListenDrops: 1 });
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });

  it.each([
    ['inet_csk_route_req', 'tcp_v4_syn_recv_sock/no-route'],
    ['__inet_inherit_port', 'tcp_v4_syn_recv_sock/port-not-inherited'],
  ] as [Fault, string][])('because %s fails is dropped, and a child was opened and failed', (fault, rule) => {
    const s = withRequest();
    expect(s.ack(1, { faults: [fault] })).toEqual([]);
    expect(s.rules()).toEqual([rule, 'tcp_check_req/overflow-ignored']);
    expect(s.counted()).toEqual({ ListenDrops: 1, PassiveOpens: 1, AttemptFails: 1 });
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.queue()).toEqual([0, 5]);
    s.ack(1);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
  });
});

describe('TCP_DEFER_ACCEPT', () => {
  const deferring = (seconds: number, more: Setup = {}): Server =>
    withRequest({ ...more, sockopt: { TCP_DEFER_ACCEPT: seconds } });

  it('drops a bare ACK and waits for data', () => {
    const s = deferring(10);
    expect(s.ack(1)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_check_req/defer-accept']);
    expect(s.counted()).toEqual({ TCPDeferAcceptDrop: 1 });
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    s.send(1, 'PA', { len: 1 });
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
  });

  it.each([
    ['FIN', 'FA', {}],
    ['an empty segment further on', 'A', { seq: 2 }],
    ['data', 'PA', { len: 1 }],
  ])('lets %s complete the handshake', (_what, flags, told) => {
    const s = deferring(10);
    s.send(1, flags, told);
    expect(s.rules()).toContain('tcp_check_req/handshake-complete');
  });

  it('is silent for an acknowledged request, which ages all the same, but for the last timeout of its time', () => {
    const s = deferring(10);
    s.ack(1);
    s.rules();
    expect(s.waitUntil(15_000)).toEqual([]);
    expect(s.rows()).toEqual(['1 SYN_RECV 3']);
    expect(s.rules()).toContain('syn_ack_recalc/wait-for-data');
    expect(s.waitUntil(16_000)).toEqual(['15360 ms: SYN+ACK ack 1 to 1']);
    expect(requests(s)).toEqual([1, 0]);
  });

  it('takes a bare ACK once its time is over', () => {
    const s = deferring(1);
    s.wait(1000);
    s.ack(1);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    s.wait(24);
    s.ack(1);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0']);
  });

  it('sends the SYN-ACK of a request that was not acknowledged as ever', () => {
    expect(deferring(10).waitUntil(8000)).toHaveLength(3);
  });

  it('lets an acknowledged request outlive the retry limit, up to its own', () => {
    const s = deferring(10, { sysctl: { tcp_synack_retries: 1 } });
    s.ack(1);
    s.rules();
    s.waitUntil(31_743);
    expect(s.rows()).toEqual(['1 SYN_RECV 4']);
    expect(s.rules()).toContain('syn_ack_recalc/acked-outlives-limit');
    s.wait(1);
    expect(s.rows()).toEqual([]);
  });

  it('does not shorten the retry limit', () => {
    const s = deferring(1);
    s.ack(1);
    s.waitUntil(60_000);
    expect(s.rows()).toEqual(['1 SYN_RECV 5']);
  });

  it('does not keep a request that was not acknowledged', () => {
    const s = deferring(10, { sysctl: { tcp_synack_retries: 1 } });
    s.waitUntil(3072);
    expect(s.rows()).toEqual([]);
  });

  it('does not replace the limit of a queue that is more than half full', () => {
    const s = server({ backlog: 8, sockopt: { TCP_DEFER_ACCEPT: 1 } }).syns(1, 2, 3, 4, 5);
    for (const peer of [1, 2, 3, 4, 5]) s.ack(peer);
    s.waitUntil(7104);
    expect(s.rows()).toHaveLength(4);
  });

  it('takes an ACK that was ignored for a full accept queue for an acknowledgement', () => {
    const s = server({ backlog: 1, sockopt: { TCP_DEFER_ACCEPT: 3 }, sysctl: { tcp_synack_retries: 0 } });
    const data = { len: 1 };
    for (const peer of [1, 2]) {
      s.syn(peer);
      s.send(peer, 'PA', data);
    }
    s.listen(2);
    s.syn(3);
    s.listen(1);
    s.send(3, 'PA', data);
    expect(s.waitUntil(2000)).toEqual([]);
    expect(s.rows()).toContain('3 SYN_RECV 1');
  });
});
