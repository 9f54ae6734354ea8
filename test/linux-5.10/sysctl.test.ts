/** What 5.10 accepts for sysctls. */

import { describe, expect, it } from 'vitest';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { linux_5_10 } from '../../src/linux-5.10/index.js';
import { Server } from '../support/server.js';

const BYTES = [
  'tcp_abort_on_overflow',
  'tcp_synack_retries',
  'tcp_syncookies',
  'tcp_timestamps',
  'tcp_workaround_signed_windows',
] as const;

describe('a sysctl of one byte', () => {
  it.each(BYTES)('takes 0 to 255: %s', (name) => {
    const server = new Server(linux_5_10);
    expect([0, 255].map((value) => server.set(name, value))).toEqual([0, 0]);
    expect(server.rules()).toEqual(['proc_dou8vec_minmax/any-byte', 'proc_dou8vec_minmax/any-byte']);
    expect(server.host.sysctl[`net.ipv4.${name}`]).toBe(255);
  });

  it.each(BYTES)('refuses anything else, and keeps its value: %s', (name) => {
    const server = new Server(linux_5_10);
    server.set(name, 7);
    server.rules();
    for (const value of [-1, 256, 2 ** 31, 2 ** 32 - 1]) {
      expect(server.set(name, value)).toBe('EINVAL');
      expect(server.rules()).toEqual(['proc_dou8vec_minmax/out-of-range']);
    }
    expect(server.host.sysctl[`net.ipv4.${name}`]).toBe(7);
    expect(new Server(linux_4_15).set(name, 256)).toBe(0);
  });
});

describe('other sysctls', () => {
  it('take any int', () => {
    const server = new Server(linux_5_10);
    for (const name of ['tcp_fastopen', 'tcp_max_syn_backlog', 'tcp_challenge_ack_limit']) {
      expect([-1, 256, 2 ** 31 - 1].map((value) => server.set(name, value))).toEqual([0, 0, 0]);
      expect(server.set(name, 2 ** 31)).toBe('EINVAL');
    }
  });

  it('with a range are not cut to 32 bits first', () => {
    const [older, newer] = [new Server(linux_4_15), new Server(linux_5_10)];
    expect(older.set('somaxconn', 2 ** 32 + 5)).toBe(0);
    expect(older.host.sysctl['net.core.somaxconn']).toBe(5);
    expect(newer.set('somaxconn', 2 ** 32 + 5)).toBe('EINVAL');
    expect(newer.rules()).toEqual(['do_proc_dointvec_conv/not-an-int']);
    expect(newer.set('somaxconn', -1)).toBe('EINVAL');
    expect(newer.rules()).toEqual(['do_proc_dointvec_minmax_conv/out-of-range']);
    expect(newer.set('somaxconn', 2 ** 31 - 1)).toBe(0);
  });
});
