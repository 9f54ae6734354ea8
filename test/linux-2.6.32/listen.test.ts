/** What the system calls of a server do in 2.6.32. */

import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import { synQueueSize } from '../../src/linux-2.6.32/net/core/request-sock.js';
import { secs_to_retrans } from '../../src/linux-2.6.32/net/ipv4/tcp-sockopt.js';
import { Server, type Setup } from '../support/server.js';

const server = (setup?: Setup): Server => new Server(linux_2_6_32, setup);

const mainline: KernelVariant = {
  ...linux_2_6_32,
  boot: (env, clock, options) => linux_2_6_32.boot(env, clock, options, '2.6.32.69'),
};

describe('listen', () => {
  it.each([
    [0, 128, 0],
    [1, 128, 1],
    [127, 128, 127],
    [128, 128, 128],
    [129, 128, 128],
    [-1, 128, 128],
    [-2147483648, 128, 128],
    [2147483647, 128, 128],
    [5, 0, 0],
    [65535, 65536, 65535],
    [65536, 65536, 0],
    [65541, 70000, 5],
    [-1, 70000, 4464],
    [5, -1, 5],
    [65541, -1, 5],
    [-1, -1, 65535],
  ])('with a backlog of %i and a somaxconn of %i gets a limit of %i', (backlog, somaxconn, limit) => {
    expect(server({ backlog, sysctl: { somaxconn } }).queue()).toEqual([0, limit]);
  });

  it('cuts the limit to 16 bits only where it needs more', () => {
    const s = server({ sysctl: { somaxconn: 70000 } });
    s.listen(65535);
    expect(s.rules()).toEqual(['inet_listen/adjust-limit']);
    s.listen(65536);
    expect(s.rules()).toEqual(['inet_listen/adjust-limit', 'inet_listen/limit-cut-to-16-bits']);
  });

  it('reads somaxconn when it is called, and not later', () => {
    const s = server({ backlog: 100 });
    expect(s.set('somaxconn', 10)).toBe(0);
    expect(s.queue()).toEqual([0, 100]);
    expect(s.rules()).toEqual(['do_proc_dointvec_conv/any-int']);
    expect(s.listen(100)).toBe(0);
    expect(s.queue()).toEqual([0, 10]);
    expect(s.rules()).toEqual(['sys_listen/backlog-above-somaxconn', 'inet_listen/adjust-limit']);
  });

  it('on a listener moves the limit of the accept queue and keeps both queues', () => {
    const s = server().connect(1, 2).syns(3);
    expect(s.listen(1)).toBe(0);
    expect(s.queue()).toEqual([2, 1]);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0', '2 ESTABLISHED 0', '3 SYN_RECV 0']);
  });

  it.each([
    ['udp-socket', 'EOPNOTSUPP', 'sys_listen/not-supported'],
    ['pipe', 'ENOTSOCK', 'sockfd_lookup_light/no-socket'],
    ['bad-descriptor', 'EBADF', 'sockfd_lookup_light/bad-descriptor'],
    ['connected-socket', 'EINVAL', 'inet_listen/connected'],
    ['second-socket-same-port', 0, 'inet_listen/start'],
  ] as const)('on a %s gives %s', (on, result, rule) => {
    const s = server();
    expect(s.call({ syscall: 'listen', backlog: 5, on }).result).toBe(result);
    expect(s.rules()).toContain(rule);
    expect(s.queue()).toEqual([0, 5]);
  });

  it('fails when a security module forbids it', () => {
    const s = server();
    expect(s.call({ syscall: 'listen', backlog: 9 }, ['security_socket_listen']).result).toBe('EACCES');
    expect(s.rules()).toEqual(['sys_listen/security']);
    expect(s.queue()).toEqual([0, 5]);
  });

  it.each([
    ['get_port', 'EADDRINUSE', 'inet_csk_listen_start/port-taken'],
    ['reqsk_queue_alloc', 'ENOMEM', 'reqsk_queue_alloc/no-memory'],
  ] as const)('with the fault %s fails with %s, and the socket stays closed', (fault, errno, rule) => {
    const s = server();
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    expect(s.call({ syscall: 'listen', backlog: 9 }, [fault]).result).toBe(errno);
    expect(s.rules()).toContain(rule);
    expect(s.syn(1)).toEqual(['RST+ACK ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_v4_rcv/no-socket', 'tcp_v4_send_reset/for-no-ack']);
  });
});

describe('the SYN queue', () => {
  it.each([
    [0, 1024, 16],
    [1, 1024, 16],
    [8, 1024, 16],
    [15, 1024, 16],
    [16, 1024, 32],
    [128, 1024, 256],
    [511, 1024, 512],
    [512, 1024, 1024],
    [65535, 0, 16],
    [65535, 16, 32],
    [65535, 128, 256],
    [65535, 2048, 4096],
    [-1, 2048, 4096],
    [5, -1, 16],
  ])('of a backlog of %i under a tcp_max_syn_backlog of %i has %i buckets', (backlog, max, entries) => {
    const size = synQueueSize(backlog, max);
    expect(size.nr_table_entries).toBe(entries);
    expect(2 ** size.max_qlen_log).toBe(entries);
  });

  it('takes more than a page from 512 buckets on, and then need not be contiguous', () => {
    expect(synQueueSize(255, 1024)).toMatchObject({ lopt_size: 24 + 256 * 8, allocator: 'kzalloc' });
    expect(synQueueSize(511, 1024)).toMatchObject({ lopt_size: 24 + 512 * 8, allocator: '__vmalloc' });
  });

  it('keeps its size when listen is called again', () => {
    const s = server({ backlog: 5, sysctl: { tcp_syncookies: 0 } });
    s.listen(100);
    for (let peer = 0; peer < 16; peer++) s.syn(peer);
    expect(s.syn(16)).toEqual([]);
    expect(s.rules()).toContain('tcp_v4_conn_request/syn-queue-full');
  });

  it('gets another size when the socket listens again after a shutdown', () => {
    const s = server({ backlog: 5, sysctl: { tcp_syncookies: 0 } });
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    s.listen(100);
    for (let peer = 0; peer < 16; peer++) s.syn(peer);
    expect(s.syn(16)).toEqual(['SYN+ACK ack 1 to 16']);
  });
});

describe('shutdown', () => {
  it.each(['SHUT_RD', 'SHUT_RDWR'] as const)('with %s ends the listening', (how) => {
    const s = server().connect(1, 2).syns(3);
    s.rules();
    s.counted();
    expect(s.call({ syscall: 'shutdown', how }).result).toBe(0);
    expect(s.out()).toEqual(['RST+ACK 1 ack 1 to 1', 'RST+ACK 1 ack 1 to 2']);
    expect(s.counted()).toEqual({ EstabResets: 2, OutRsts: 2 });
    expect(s.rules()).toEqual([
      'inet_shutdown/listener',
      'reqsk_queue_destroy/requests-vanish',
      'inet_csk_listen_stop/reset-child',
      'tcp_disconnect/reset',
      'inet_csk_listen_stop/reset-child',
      'tcp_disconnect/reset',
    ]);
    expect(s.rows()).toEqual([]);
    expect(s.accept()).toBe('EINVAL');
    expect(s.rules()).toEqual(['inet_csk_accept/not-listening']);
    expect(s.ack(3)).toEqual(['RST 1 to 3']);
    expect(s.wait(100_000)).toEqual([]);
  });

  it('of the writing side does nothing to a listener', () => {
    const s = server().syns(1);
    s.rules();
    expect(s.call({ syscall: 'shutdown', how: 'SHUT_WR' }).result).toBe(0);
    expect(s.rules()).toEqual(['inet_shutdown/listener-write']);
    expect(s.ack(1)).toEqual([]);
    expect(s.accept()).toBe(1);
  });

  it('a second time finds no connection', () => {
    const s = server();
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    s.rules();
    expect(s.call({ syscall: 'shutdown', how: 'SHUT_RD' }).result).toBe('ENOTCONN');
    expect(s.rules()).toEqual(['inet_shutdown/not-connected']);
  });

  it('keeps TCP_SYNCNT and TCP_DEFER_ACCEPT for the next listen', () => {
    const s = server({ sockopt: { TCP_SYNCNT: 1, TCP_DEFER_ACCEPT: 3 } });
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    s.listen(5);
    s.syn(1);
    s.ack(1);
    expect(s.rules()).toContain('tcp_check_req/defer-accept');
    s.syn(2);
    expect(s.wait(60_000).filter((segment) => segment.endsWith('to 2'))).toHaveLength(1);
  });
});

describe('accept', () => {
  it('returns the connections in the order in which they were completed', () => {
    const s = server({ backlog: 5 }).syns(1, 2, 3);
    s.ack(3);
    s.ack(1);
    s.ack(2);
    expect([s.accept(), s.accept(), s.accept(), s.accept()]).toEqual([3, 1, 2, 'EAGAIN']);
    expect(s.rules()).toEqual(expect.arrayContaining(['inet_csk_accept/oldest-first', 'inet_csk_accept/queue-empty']));
  });

  it('returns a connection that was reset while it waited, which keeps its place', () => {
    const s = server({ backlog: 0 }).connect(1);
    s.send(1, 'R');
    expect(s.queue()).toEqual([1, 0]);
    expect(s.rows()).toEqual([]);
    s.syn(2);
    s.ack(2);
    expect(s.rules()).toContain('tcp_v4_syn_recv_sock/accept-queue-full');
    expect(s.accept()).toBe(1);
    expect(s.rules()).toContain('inet_csk_accept/child-already-closed');
    s.ack(2);
    expect(s.accept()).toBe(2);
  });

  it('of a socket that is not there fails', () => {
    const s = server();
    s.call({ syscall: 'close' });
    s.rules();
    expect(s.accept()).toBe('EBADF');
    expect(s.rules()).toEqual(['sockfd_lookup_light/bad-descriptor']);
  });
});

describe('close', () => {
  it('resets what waits to be accepted, but not what was reset or accepted', () => {
    const s = server().connect(1, 2, 3);
    s.accept();
    s.send(2, 'R');
    s.rules();
    expect(s.call({ syscall: 'close' }).result).toBe(0);
    expect(s.out()).toEqual(['RST+ACK 1 ack 1 to 3']);
    expect(s.rules()).toEqual([
      'inet_csk_listen_stop/child-already-closed',
      'inet_csk_listen_stop/reset-child',
      'tcp_disconnect/reset',
    ]);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0 A']);
    expect(s.queue()).toBeUndefined();
    expect(s.call({ syscall: 'close' }).result).toBe('EBADF');
  });

  it('makes room for another listener while connections of the first live on', () => {
    const s = server().connect(1);
    s.accept();
    s.call({ syscall: 'close' });
    expect(s.listen(2)).toBe(0);
    s.connect(2);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0 A', '2 ESTABLISHED 0']);
    expect(s.queue()).toEqual([1, 2]);
  });

  it('of a connection that was never accepted fails', () => {
    const s = server().connect(1);
    expect(s.call({ syscall: 'close', peer: 1, linger: 0 }).result).toBe('EBADF');
  });
});

describe('a socket option', () => {
  it('of Fast Open is not known', () => {
    const s = server({ sockopt: { TCP_FASTOPEN: 5 } });
    s.call({ syscall: 'close' });
    s.rules();
    const { result, setupErrors } = s.call({ syscall: 'listen', backlog: 5 });
    expect(result).toBe(0);
    expect(setupErrors).toEqual({ TCP_FASTOPEN: 'ENOPROTOOPT' });
    expect(s.rules()).toContain('do_tcp_setsockopt/unknown-option');
  });

  it.each([
    [0, 'EINVAL'],
    [1, undefined],
    [127, undefined],
    [128, 'EINVAL'],
  ])('TCP_SYNCNT of %i gives %s', (value, errno) => {
    const s = server({ sockopt: { TCP_SYNCNT: value } });
    s.call({ syscall: 'close' });
    s.rules();
    expect(s.call({ syscall: 'listen', backlog: 5 }).setupErrors?.['TCP_SYNCNT']).toBe(errno);
    expect(s.rules()[0]).toBe(`do_tcp_setsockopt/${errno === undefined ? 'syncnt' : 'syncnt-out-of-range'}`);
  });

  it.each([
    [-1, 0],
    [0, 0],
    [1, 1],
    [3, 1],
    [4, 2],
    [9, 2],
    [10, 3],
    [189, 6],
    [190, 7],
    [309, 7],
    [310, 8],
    [1_000_000, 255],
  ])('TCP_DEFER_ACCEPT of %i s is kept as %i timeouts', (seconds, timeouts) => {
    expect(secs_to_retrans(seconds, 3, 120)).toBe(timeouts);
  });
});

describe('a sysctl', () => {
  it.each([-1, 65536, 70000, 0])('somaxconn may be %i', (value) => {
    expect(server().set('somaxconn', value)).toBe(0);
  });

  it('keeps 32 bits', () => {
    const s = server({ backlog: 9 });
    expect(s.set('somaxconn', 2 ** 32 + 3)).toBe(0);
    s.listen(9);
    expect(s.queue()).toEqual([0, 3]);
  });

  it.each([
    [-1, 'EINVAL'],
    [0, 0],
    [65535, 0],
    [65536, 'EINVAL'],
  ])('somaxconn of %i gives %s in mainline', (value, result) => {
    const s = new Server(mainline, { backlog: 9 });
    expect(s.set('somaxconn', value)).toBe(result);
    expect(s.rules().includes('do_proc_dointvec_minmax_conv/out-of-range')).toBe(result !== 0);
    s.listen(9);
    expect(s.queue()).toEqual([0, result === 0 ? Math.min(value, 9) : 9]);
  });

  it('that the kernel does not have gives ENOENT', () => {
    expect(server().set('tcp_fastopen', 1)).toBe('ENOENT');
    expect(server().set('constructor', 1)).toBe('ENOENT');
  });
});
