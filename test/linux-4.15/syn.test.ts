/** What 4.15 does with a SYN. */

import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/generated/types.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import type { Machine } from '../../src/linux-4.15/machine.js';
import { Server, type Setup } from '../support/server.js';

const server = (setup?: Setup): Server => new Server(linux_4_15, setup);
const noCookies = { tcp_syncookies: 0 };

describe('a SYN', () => {
  it('becomes a request and is answered', () => {
    const s = server();
    expect(s.syn(1)).toEqual(['SYN+ACK ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_conn_request/synack']);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.counted()).toEqual({});
  });

  it('with data is acknowledged without it', () => {
    expect(server().syn(1, { len: 100 })).toEqual(['SYN+ACK ack 1 to 1']);
  });

  it('with FIN is dropped, and one with ACK or RST is none', () => {
    const s = server();
    expect(s.send(1, 'SF')).toEqual([]);
    expect(s.send(1, 'SR')).toEqual([]);
    expect(s.send(1, 'SA')).toEqual(['RST to 1']);
    expect(s.rows()).toEqual([]);
  });

  it('to a broadcast address is dropped', () => {
    const s = server();
    expect(s.syn(1, { broadcast: true })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_v4_conn_request/broadcast']);
    expect(s.counted()).toEqual({ ListenDrops: 1 });
  });

  it('to a broadcast address where nobody listens is not answered', () => {
    const s = server();
    s.call({ syscall: 'close' });
    expect(s.syn(1, { broadcast: true })).toEqual([]);
    expect(s.syn(1)).toEqual(['RST+ACK ack 1 to 1']);
    expect(s.send(1, 'R')).toEqual([]);
    expect(s.rules().slice(-6)).toEqual([
      'tcp_v4_rcv/no-socket',
      'tcp_v4_send_reset/never-for-broadcast',
      'tcp_v4_rcv/no-socket',
      'tcp_v4_send_reset/for-no-ack',
      'tcp_v4_rcv/no-socket',
      'tcp_v4_send_reset/never-for-a-reset',
    ]);
  });

  it.each([
    ['inet_reqsk_alloc', 'tcp_conn_request/no-memory'],
    ['security_inet_conn_request', 'tcp_conn_request/security'],
    ['inet_csk_route_req', 'tcp_conn_request/no-route'],
  ] as [Fault, string][])('is dropped and counted when %s fails', (fault, rule) => {
    const s = server();
    expect(s.syn(1, { faults: [fault] })).toEqual([]);
    expect(s.rules()).toEqual([rule]);
    expect(s.counted()).toEqual({ ListenDrops: 1 });
    expect(s.rows()).toEqual([]);
  });

  it('stays a request when its SYN-ACK cannot be sent', () => {
    const s = server();
    expect(s.syn(1, { faults: ['send_synack'] })).toEqual([]);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.wait(1024)).toEqual(['1024 ms: SYN+ACK ack 1 to 1']);
  });

  it('from a peer in TIME-WAIT gets the number that was handed on, and no limit but the accept queue', () => {
    const s = server({ backlog: 0, sysctl: noCookies });
    expect(s.syn(1)).toEqual([]);
    s.rules();
    expect(s.syn(1, { twIsn: 12345 })).toEqual(['SYN+ACK ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_conn_request/synack']);
  });
});

describe('a full SYN queue', () => {
  it.each([1, 2, 7, 8])('holds as many requests as the limit says: %i', (backlog) => {
    const s = server({ backlog, sysctl: noCookies });
    for (let peer = 1; peer <= backlog; peer++) expect(s.syn(peer)).toHaveLength(1);
    s.counted();
    s.rules();
    expect(s.syn(100)).toEqual([]);
    expect(s.counted()).toEqual({ TCPReqQFullDrop: 1, ListenDrops: 1 });
    expect(s.rules()).toEqual(['tcp_syn_flood_action/warn', 'tcp_conn_request/syn-queue-full']);
  });

  it('with a limit of 0 admits nobody', () => {
    const s = server({ backlog: 0, sysctl: noCookies });
    expect(s.syn(1)).toEqual([]);
    expect(s.rules()).toContain('tcp_conn_request/syn-queue-full');
  });

  it('moves with the limit', () => {
    const s = server({ backlog: 2, sysctl: noCookies }).syns(1, 2);
    expect(s.syn(3)).toEqual([]);
    s.listen(3);
    expect(s.syn(3)).toHaveLength(1);
  });

  it('is looked at before the accept queue', () => {
    const s = server({ backlog: 1, sysctl: noCookies }).connect(1, 2);
    s.listen(0);
    s.counted();
    s.syn(3);
    expect(s.counted()).toEqual({ TCPReqQFullDrop: 1, ListenDrops: 1 });
  });

  it('is logged once in the life of a listener', () => {
    const s = server({ backlog: 1, sysctl: noCookies }).syns(1, 2, 3);
    expect(s.host.log).toEqual([
      "<6> TCP: request_sock_TCP: Possible SYN flooding on the listener's port. Dropping request.  Check SNMP counters.",
    ]);
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    s.listen(0);
    s.syn(4);
    expect(s.host.log).toHaveLength(1);
    s.call({ syscall: 'close' });
    s.listen(0);
    s.syn(5);
    expect(s.host.log).toHaveLength(2);
  });

  it('answers with cookies where they are on, and keeps nothing', () => {
    const s = server({ backlog: 1 }).syns(1);
    s.counted();
    s.rules();
    expect(s.syn(2)).toEqual(['SYN+ACK ack 1 to 2']);
    expect(s.rules()).toEqual(['tcp_syn_flood_action/warn', 'tcp_conn_request/cookie']);
    expect(s.counted()).toEqual({ TCPReqQFullDoCookies: 1, SyncookiesSent: 1 });
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.host.log[0]).toContain('Sending cookies');
    expect(s.wait(5000).filter((sent) => sent.endsWith('to 2'))).toEqual([]);
  });

  it('with tcp_syncookies 2 is taken for granted, and not logged', () => {
    const s = server({ sysctl: { tcp_syncookies: 2 } });
    s.syn(1);
    expect(s.rows()).toEqual([]);
    expect(s.counted()).toEqual({ TCPReqQFullDoCookies: 1, SyncookiesSent: 1 });
    expect(s.host.log).toEqual([]);
  });
});

describe('a full accept queue', () => {
  it.each([0, 1, 2, 5])('holds one connection more than the limit: %i', (backlog) => {
    const s = server({ backlog });
    for (let peer = 0; peer <= backlog; peer++) {
      s.connect(peer);
      expect(s.queue()).toEqual([peer + 1, backlog]);
    }
    s.counted();
    s.rules();
    expect(s.syn(100)).toEqual([]);
    expect(s.counted()).toMatchObject({ ListenOverflows: 1, ListenDrops: 1 });
  });

  it('drops SYNs whatever the age of the requests', () => {
    const s = server({ backlog: 2, sysctl: noCookies }).connect(1, 2, 3);
    s.counted();
    s.rules();
    expect(s.syn(4)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_conn_request/accept-queue-full']);
    expect(s.counted()).toEqual({ ListenOverflows: 1, ListenDrops: 1 });
  });

  it('drops SYNs that were to get a cookie, too', () => {
    const s = server({ backlog: 1, sysctl: { tcp_syncookies: 2 } }).connect(1, 2);
    s.counted();
    s.rules();
    expect(s.syn(3)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_conn_request/cookie-accept-queue-full']);
    expect(s.counted()).toEqual({ TCPReqQFullDoCookies: 1, ListenOverflows: 1, ListenDrops: 1 });
  });
});

describe('the last quarter of tcp_max_syn_backlog', () => {
  const small = (tcp_max_syn_backlog: number, more = {}): Server =>
    server({ backlog: 100, sysctl: { tcp_max_syn_backlog, tcp_syncookies: 0, ...more } });

  it.each([
    [16, 13],
    [8, 7],
    [4, 4],
    [3, 4],
    [0, 1],
    [-4, 0],
    [-5, 0],
  ])('of %i begins after %i requests', (tcp_max_syn_backlog, requests) => {
    const s = small(tcp_max_syn_backlog);
    let admitted = 0;
    while (admitted < 100 && s.syn(admitted).length > 0) admitted++;
    expect(admitted).toBe(requests);
  });

  it('is refused in ListenDrops only', () => {
    const s = small(4).syns(1, 2, 3, 4);
    s.counted();
    s.rules();
    expect(s.syn(5)).toEqual([]);
    expect(s.rules()).toEqual(['tcp_conn_request/last-quarter']);
    expect(s.counted()).toEqual({ ListenDrops: 1 });
  });

  it('is open to peers whose round trip was measured', () => {
    const s = small(4).syns(1, 2, 3, 4);
    (s.host as Machine).metrics.add(5);
    s.rules();
    expect(s.syn(5)).toHaveLength(1);
    expect(s.rules()).toEqual(['tcp_conn_request/last-quarter-proven', 'tcp_conn_request/synack']);
  });

  it('is there only where cookies are off', () => {
    expect(small(4, { tcp_syncookies: 1 }).syns(1, 2, 3, 4).syn(5)).toHaveLength(1);
  });
});
