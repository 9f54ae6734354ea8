/** 4.15 on sockets that no system call leaves behind, and sysctls at the ends of their ranges. */

import { describe, expect, it } from 'vitest';
import { SOCK_DGRAM, SOCK_STREAM, SS_CONNECTED, SS_UNCONNECTED } from '../../src/linux-4.15/include/linux/net.js';
import type { sock } from '../../src/linux-4.15/include/net/sock.js';
import {
  TCP_CLOSE,
  TCP_CLOSE_WAIT,
  TCP_ESTABLISHED,
  TCP_LISTEN,
  TCP_SYN_RECV,
} from '../../src/linux-4.15/include/net/tcp-states.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import type { Machine } from '../../src/linux-4.15/machine.js';
import { inet_listen } from '../../src/linux-4.15/net/ipv4/af-inet.js';
import { tcp_v4_init_sock } from '../../src/linux-4.15/net/ipv4/tcp-ipv4.js';
import { do_tcp_setsockopt } from '../../src/linux-4.15/net/ipv4/tcp-sockopt.js';
import { Server } from '../support/server.js';

/** A machine, and a socket on it in the given state. */
function withSocket(state: number): { s: Server; host: Machine; sk: sock } {
  const s = new Server(linux_4_15);
  const sk = tcp_v4_init_sock(s.host as Machine);
  sk.sk_state = state;
  return { s, host: s.host as Machine, sk };
}

describe('inet_listen', () => {
  it.each([TCP_SYN_RECV, TCP_ESTABLISHED, TCP_CLOSE_WAIT])('refuses an unconnected socket in the state %i', (state) => {
    const { s, host, sk } = withSocket(state);
    expect(inet_listen(host, { state: SS_UNCONNECTED, type: SOCK_STREAM, sk }, 5)).toBe('EINVAL');
    expect(s.rules()).toEqual([]);
    expect(sk.sk_state).toBe(state);
  });

  it.each([
    ['is connected', SS_CONNECTED, SOCK_STREAM, true],
    ['is no stream', SS_UNCONNECTED, SOCK_DGRAM, true],
    ['has nothing behind it', SS_UNCONNECTED, SOCK_STREAM, false],
  ])('refuses a socket that %s', (_what, state, type, has) => {
    const { s, host, sk } = withSocket(TCP_CLOSE);
    expect(inet_listen(host, { state, type, sk: has ? sk : undefined }, 5)).toBe('EINVAL');
    expect(s.rules()).toEqual(['inet_listen/connected']);
  });
});

describe('TCP_FASTOPEN', () => {
  it.each([
    [TCP_CLOSE, 0],
    [TCP_LISTEN, 0],
    [TCP_ESTABLISHED, 'EINVAL'],
  ])('on a socket in the state %i gives %s', (state, result) => {
    const { host, sk } = withSocket(state);
    expect(do_tcp_setsockopt(host, sk, 'TCP_FASTOPEN', 3)).toBe(result);
    expect(sk.icsk_accept_queue.fastopenq.max_qlen).toBe(result === 0 ? 3 : 0);
  });
});

describe('a sysctl with a range', () => {
  it.each([
    [-32, 'EINVAL'],
    [-31, 0],
    [31, 0],
    [32, 'EINVAL'],
  ])('of -31 to 31 gives for %i: %s', (value, result) => {
    expect(new Server(linux_4_15).set('tcp_adv_win_scale', value)).toBe(result);
  });
});
