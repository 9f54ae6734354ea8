/** listen(2) of 2.6.32 with arguments at the edge, and on sockets that no system call leaves behind. */

import { describe, expect, it } from 'vitest';
import { SOCK_DGRAM, SOCK_STREAM, SS_CONNECTED, SS_UNCONNECTED } from '../../src/linux-2.6.32/include/linux/net.js';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import type { Machine } from '../../src/linux-2.6.32/machine.js';
import { inet_listen } from '../../src/linux-2.6.32/net/ipv4/af-inet.js';
import { tcp_v4_init_sock } from '../../src/linux-2.6.32/net/ipv4/tcp-ipv4.js';
import { Server } from '../support/server.js';

describe('inet_listen', () => {
  it.each([
    ['is connected', { state: SS_CONNECTED, type: SOCK_STREAM, sk: tcp_v4_init_sock() }],
    ['is no stream', { state: SS_UNCONNECTED, type: SOCK_DGRAM, sk: tcp_v4_init_sock() }],
    ['has nothing behind it', { state: SS_UNCONNECTED, type: SOCK_STREAM, sk: undefined }],
  ])('refuses a socket that %s', (_what, sock) => {
    const s = new Server(linux_2_6_32);
    expect(inet_listen(s.host as Machine, sock, 5)).toBe('EINVAL');
    expect(s.rules()).toEqual(['inet_listen/connected']);
  });

  it.each([
    [-1, 65_535],
    [-2, 65_534],
    [65_536, 0],
    [65_535, 65_535],
  ])('cuts a backlog of %i to a limit of %i', (backlog, limit) => {
    const s = new Server(linux_2_6_32, { sysctl: { somaxconn: -1 } });
    expect(s.listen(backlog)).toBe(0);
    expect(s.queue()).toEqual([0, limit]);
    expect(s.rules().includes('inet_listen/limit-cut-to-16-bits')).toBe(backlog !== limit);
  });

  it.each([
    [2 ** 24 - 1, 0, 'reqsk_queue_alloc/size'],
    [2 ** 24, 'ENOMEM', 'reqsk_queue_alloc/no-memory'],
  ])('with room for %i requests gives %s', (backlog, result, rule) => {
    const s = new Server(linux_2_6_32, { sysctl: { somaxconn: 2 ** 25, tcp_max_syn_backlog: 2 ** 25 } });
    s.call({ syscall: 'close' });
    s.rules();
    expect(s.listen(backlog)).toBe(result);
    expect(s.rules()).toContain(rule);
  });
});
