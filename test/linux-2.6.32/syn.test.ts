/** What a SYN does to a listener in 2.6.32. */

import { describe, expect, it } from 'vitest';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import type { Machine } from '../../src/linux-2.6.32/machine.js';
import { Server, type Setup } from '../support/server.js';

const server = (setup?: Setup): Server => new Server(linux_2_6_32, setup);
const noCookies = { tcp_syncookies: 0, tcp_max_syn_backlog: 1024 };
const upTo = (n: number): number[] => Array.from({ length: n }, (_, peer) => peer);

describe('a SYN', () => {
  it('becomes a young request', () => {
    const s = server();
    expect(s.syn(1)).toEqual(['SYN+ACK ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_v4_conn_request/synack']);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.queue()).toEqual([0, 5]);
    expect(s.counted()).toEqual({});
  });

  it('to a broadcast address is dropped', () => {
    const s = server();
    expect(s.syn(1, { broadcast: true })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_v4_conn_request/broadcast']);
    expect(s.counted()).toEqual({});
  });

  it('is dropped without a trace where the SYN queue is full and cookies are off', () => {
    const s = server({ sysctl: noCookies }).syns(...upTo(16));
    s.rules();
    expect(s.syn(16)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_v4_conn_request/syn-queue-full']);
    expect(s.counted()).toEqual({});
  });

  it('of a peer in TIME-WAIT passes a full SYN queue, with the number that was handed on', () => {
    const s = server({ sysctl: noCookies }).syns(...upTo(16));
    expect(s.syn(16, { twIsn: 77 })).toEqual(['SYN+ACK ack 1 to 16']);
    expect(s.rows()).toContain('16 SYN_RECV 0');
  });

  it.each([1, 2])('gets a cookie where the SYN queue is full and tcp_syncookies is %i', (tcp_syncookies) => {
    const s = server({ sysctl: { ...noCookies, tcp_syncookies } }).syns(...upTo(16));
    s.rules();
    expect(s.syn(16)).toEqual(['SYN+ACK ack 1 to 16']);
    expect(s.rules()).toEqual(['syn_flood_warning/logged', 'tcp_v4_conn_request/cookie']);
    expect(s.rows()).not.toContain('16 SYN_RECV 0');
    expect(s.counted()).toEqual({ SyncookiesSent: 1 });
  });

  it('gets no cookie while the SYN queue has room, although tcp_syncookies is 2', () => {
    const s = server({ sysctl: { ...noCookies, tcp_syncookies: 2 } });
    s.syn(1);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });

  it.each([0, 1])(
    'that finds the accept queue full is admitted while at most one request is young, cookies %i',
    (tcp_syncookies) => {
      const s = server({ backlog: 0, sysctl: { tcp_syncookies } }).connect(1);
      expect(s.queue()).toEqual([1, 0]);
      expect(s.syn(2)).toHaveLength(1);
      expect(s.syn(3)).toHaveLength(1);
      s.rules();
      expect(s.syn(4)).toEqual([]);
      expect(s.rules()).toEqual(['tcp_v4_conn_request/accept-queue-full']);
      expect(s.wait(6000).length).toBeGreaterThan(0);
      expect(s.syn(4)).toHaveLength(1);
      expect(s.counted()).toMatchObject({ PassiveOpens: 1 });
      expect(s.host.counters.ListenOverflows).toBeUndefined();
    },
  );

  it('is dropped, not answered with a cookie, where both queues are full', () => {
    const s = server({ backlog: 0, sysctl: { ...noCookies, tcp_syncookies: 1 } }).syns(...upTo(16));
    s.ack(0);
    s.syn(20);
    s.rules();
    expect(s.syn(21)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_v4_conn_request/accept-queue-full']);
  });

  it.each([
    ['inet_reqsk_alloc', 'no-memory'],
    ['security_inet_conn_request', 'security'],
    ['inet_csk_route_req', 'synack-not-sent'],
    ['send_synack', 'synack-not-sent'],
  ] as const)('with the fault %s is dropped', (fault, outcome) => {
    const s = server();
    expect(s.syn(1, { faults: [fault] })).toEqual([]);
    expect(s.rules()).toEqual([`tcp_v4_conn_request/${outcome}`]);
    expect(s.rows()).toEqual([]);
    expect(s.counted()).toEqual({});
    expect(s.wait(10_000)).toEqual([]);
  });

  it('counts as sent when it is lost below TCP', () => {
    const s = server();
    s.syn(1, { faults: ['inet_csk_route_req'] });
    expect(s.host.counters.OutSegs).toBeUndefined();
    s.syn(1, { faults: ['send_synack'] });
    expect(s.host.counters.OutSegs).toBe(1);
  });
});

describe('the last quarter of tcp_max_syn_backlog', () => {
  it('takes no SYN where cookies are off, before the SYN queue is full', () => {
    const s = server({ backlog: 100, sysctl: { tcp_syncookies: 0, tcp_max_syn_backlog: 16 } }).syns(...upTo(13));
    expect(s.rows()).toHaveLength(13);
    s.rules();
    expect(s.syn(13)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_v4_conn_request/last-quarter', '__ratelimit/passed']);
    expect(s.counted()).toEqual({});
  });

  it('is that of the sysctl as it is now, not as it was at listen', () => {
    const s = server({ backlog: 100, sysctl: noCookies }).syns(1, 2, 3, 4);
    s.set('tcp_max_syn_backlog', 4);
    expect(s.syn(5)).toEqual([]);
    s.set('tcp_max_syn_backlog', 5);
    expect(s.syn(5)).toHaveLength(1);
  });

  it('is nothing for a tcp_max_syn_backlog below 4, which admits one request more than it says', () => {
    const s = server({ backlog: 100, sysctl: { tcp_syncookies: 0, tcp_max_syn_backlog: 3 } }).syns(...upTo(6));
    expect(s.rows()).toHaveLength(4);
  });

  it('is not kept where cookies are on', () => {
    const s = server({ backlog: 100, sysctl: { tcp_syncookies: 1, tcp_max_syn_backlog: 16 } }).syns(...upTo(14));
    expect(s.rows()).toHaveLength(14);
  });

  it.each([
    [0, 0],
    [1, 1],
  ])(
    'with tcp_tw_recycle %i lets %i of the peers pass whose round trip a route remembers',
    (tcp_tw_recycle, passed) => {
      const s = server({ backlog: 100, sysctl: { tcp_syncookies: 0, tcp_max_syn_backlog: 4, tcp_tw_recycle } });
      s.syns(...upTo(4));
      (s.host as Machine).routeRtt.set(9, 100);
      expect(s.syn(9, { tsval: 5 })).toHaveLength(passed);
      expect(s.syn(10, { tsval: 5 })).toEqual([]);
    },
  );

  it('lets a peer pass whose last timestamp is remembered and older, with tcp_tw_recycle', () => {
    const s = server({ backlog: 100, sysctl: { tcp_syncookies: 0, tcp_max_syn_backlog: 4, tcp_tw_recycle: 1 } });
    s.syns(...upTo(4));
    (s.host as Machine).peers.set(9, { tcp_ts: 1000, tcp_ts_stamp: 0 });
    expect(s.syn(9, { tsval: 999 })).toHaveLength(1);
    expect(s.rules()).toContain('tcp_v4_conn_request/synack');
  });
});

describe('tcp_tw_recycle (tcp_v4_conn_request/old-timestamp)', () => {
  it.each([
    [1000, 998, 10, false],
    [1000, 999, 10, true],
    [1000, 998, 60_000, true],
  ])('with a last timestamp of %i and one of %i after %i ms: admitted %s', (last, tsval, ms, admitted) => {
    const s = server({ sysctl: { tcp_tw_recycle: 1 } });
    (s.host as Machine).peers.set(1, { tcp_ts: last, tcp_ts_stamp: 0 });
    s.wait(ms);
    expect(s.syn(1, { tsval })).toHaveLength(admitted ? 1 : 0);
    expect(s.rules()).toContain(`tcp_v4_conn_request/${admitted ? 'synack' : 'old-timestamp'}`);
    expect(s.counted()).toEqual(admitted ? {} : { PAWSPassive: 1 });
  });
});

describe('the kernel log', () => {
  it('announces cookies at most once in a minute', () => {
    const s = server({ sysctl: { ...noCookies, tcp_syncookies: 1 } }).syns(...upTo(17));
    expect(s.host.log).toHaveLength(1);
    expect(s.host.log[0]).toMatch(/^<6> possible SYN flooding/);
    s.waitUntil(60_000);
    s.syns(...upTo(16).map((peer) => 100 + peer));
    s.rules();
    s.syn(17);
    expect(s.host.log).toHaveLength(1);
    expect(s.rules()).toContain('syn_flood_warning/not-again');
    s.wait(1);
    s.syn(18);
    expect(s.host.log).toHaveLength(2);
  });

  it('has ten of the messages about the last quarter in five seconds, and then says how many it lacks', () => {
    const s = server({ backlog: 100, sysctl: { tcp_syncookies: 0, tcp_max_syn_backlog: 0 } });
    for (let peer = 0; peer < 13; peer++) s.syn(peer);
    expect(s.rows()).toHaveLength(1);
    expect(s.host.log).toHaveLength(10);
    expect(s.host.log[0]).toBe('<7> TCP: drop open request from peer 1');
    expect(s.rules()).toContain('__ratelimit/suppressed');
    s.wait(5001);
    s.syn(20);
    expect(s.host.log.slice(10)).toEqual([
      '<4> __ratelimit: 2 callbacks suppressed',
      '<7> TCP: drop open request from peer 20',
    ]);
    expect(s.rules()).toContain('__ratelimit/tells-what-it-suppressed');
  });

  it('has none of them with net.core.warnings off, and all of them with message_cost 0', () => {
    const s = server({ backlog: 100, sysctl: { tcp_syncookies: 0, tcp_max_syn_backlog: 0 } }).syns(0);
    s.host.sysctl['net.core.warnings'] = 0;
    s.syn(1);
    expect(s.host.log).toEqual([]);
    s.host.sysctl['net.core.warnings'] = 1;
    s.host.sysctl['net.core.message_cost'] = 0;
    for (let peer = 2; peer < 22; peer++) s.syn(peer);
    expect(s.host.log).toHaveLength(20);
  });
});
