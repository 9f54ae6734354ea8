/** Cookies and requests of one peer in 5.10. */

import { describe, expect, it } from 'vitest';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { linux_5_10 } from '../../src/linux-5.10/index.js';
import { Server } from '../support/server.js';

/** A server that has sent a cookie to peer 7, and then made a request of its SYN, whose SYN-ACK is lost. */
function cookieBesideRequest(kernel: typeof linux_5_10): Server {
  const server = new Server(kernel, { sysctl: { tcp_syncookies: 2 } });
  server.syn(7);
  server.set('tcp_syncookies', 1);
  server.syn(7, { faults: ['send_synack'] });
  expect(server.rows()).toEqual(['7 SYN_RECV 0']);
  server.counted();
  server.rules();
  return server;
}

describe('the ACK of a good cookie whose peer has a request, too', () => {
  it('makes no connection, although PassiveOpens counts one', () => {
    const server = cookieBesideRequest(linux_5_10);
    expect(server.ack(7)).toEqual([]);
    expect(server.rules()).toEqual([
      'tcp_check_req/bad-ack',
      'cookie_v4_check/valid',
      'inet_ehash_insert/taken',
      'tcp_get_cookie_sock/no-child',
    ]);
    expect(server.counted()).toEqual({ SyncookiesRecv: 1, PassiveOpens: 1 });
    expect(server.rows()).toEqual(['7 SYN_RECV 0']);
    expect(server.queue()).toEqual([0, 5]);
  });

  it('makes one beside the request in 4.15', () => {
    const server = cookieBesideRequest(linux_4_15);
    server.ack(7);
    expect(server.rows()).toEqual(['7 SYN_RECV 0', '7 ESTABLISHED 0']);
    expect(server.queue()).toEqual([1, 5]);
  });

  it('leaves the request, whose SYN-ACK is sent again and completes the handshake', () => {
    const server = cookieBesideRequest(linux_5_10);
    server.ack(7);
    expect(server.wait(1100)).toHaveLength(1);
    server.ack(7);
    expect(server.rows()).toEqual(['7 ESTABLISHED 0']);
    expect(server.accept()).toBe(7);
  });
});
