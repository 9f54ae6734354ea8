/** What the system calls of a server do in 4.15. */

import { describe, expect, it } from 'vitest';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { Server, type Setup } from '../support/server.js';

const server = (setup?: Setup): Server => new Server(linux_4_15, setup);

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
    [65536, 70000, 65536],
    [-1, 2147483647, 2147483647],
    [5, 0, 0],
  ])('with a backlog of %i and a somaxconn of %i gets a limit of %i', (backlog, somaxconn, limit) => {
    expect(server({ backlog, sysctl: { somaxconn } }).queue()).toEqual([0, limit]);
  });

  it('reads somaxconn when it is called, and not later', () => {
    const s = server({ backlog: 100 });
    expect(s.set('somaxconn', 10)).toBe(0);
    expect(s.queue()).toEqual([0, 100]);
    expect(s.listen(100)).toBe(0);
    expect(s.queue()).toEqual([0, 10]);
    expect(s.rules()).toEqual(['sys_listen/backlog-above-somaxconn', 'inet_listen/adjust-limit']);
  });

  it('on a listener moves the limit and keeps both queues', () => {
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
  });

  it('fails when a security module refuses it', () => {
    const s = server();
    expect(s.call({ syscall: 'listen', backlog: 9 }, ['security_socket_listen']).result).toBe('EACCES');
    expect(s.queue()).toEqual([0, 5]);
  });

  it('fails when the port is taken, and the socket stays closed', () => {
    const s = server();
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    expect(s.call({ syscall: 'listen', backlog: 9 }, ['get_port']).result).toBe('EADDRINUSE');
    expect(s.rules()).toContain('inet_csk_listen_start/port-taken');
    expect(s.syn(1)).toEqual(['RST+ACK ack 1 to 1']);
  });
});

describe('a sysctl', () => {
  it('refuses a negative somaxconn and takes any above 65535', () => {
    const s = server();
    expect(s.set('somaxconn', -1)).toBe('EINVAL');
    expect(s.rules()).toEqual(['do_proc_dointvec_minmax_conv/out-of-range']);
    expect(s.set('somaxconn', 0)).toBe(0);
    expect(s.set('somaxconn', 70000)).toBe(0);
  });

  it('without a range takes any int and nothing longer', () => {
    const s = server();
    expect(s.set('tcp_synack_retries', -2147483648)).toBe(0);
    expect(s.set('tcp_synack_retries', 2147483647)).toBe(0);
    expect(s.set('tcp_synack_retries', 2147483648)).toBe('EINVAL');
    expect(s.set('tcp_synack_retries', -2147483649)).toBe('EINVAL');
    expect(s.host.sysctl['net.ipv4.tcp_synack_retries']).toBe(2147483647);
  });

  it('that the kernel does not have gives ENOENT', () => {
    expect(server().set('tcp_tw_recycle', 1)).toBe('ENOENT');
    expect(server().set('toString', 1)).toBe('ENOENT');
  });
});

describe('an option', () => {
  it.each([
    [{ TCP_SYNCNT: 0 }, 'do_tcp_setsockopt/syncnt-out-of-range'],
    [{ TCP_SYNCNT: 128 }, 'do_tcp_setsockopt/syncnt-out-of-range'],
    [{ TCP_FASTOPEN: -1 }, 'do_tcp_setsockopt/fastopen-invalid'],
  ])('out of range is refused: %o', (sockopt, rule) => {
    const host = linux_4_15.boot(server().host.env, server().host.clock, sockopt);
    const name = Object.keys(sockopt)[0] as string;
    expect(linux_4_15.call(host, { syscall: 'listen', backlog: 5 })).toEqual({
      result: 0,
      setupErrors: { [name]: 'EINVAL' },
    });
    expect(host.fired).toContain(rule);
  });

  it.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [7, 3],
    [8, 4],
    [10, 4],
    [63, 6],
    [64, 7],
    [127, 7],
    [128, 8],
    [247, 8],
    [600, 11],
    [1_000_000_000, 255],
  ])('TCP_DEFER_ACCEPT of %i s is kept as %i timeouts', (seconds, timeouts) => {
    const s = server({ sockopt: { TCP_DEFER_ACCEPT: seconds } });
    const { listener } = s.host as unknown as { listener: { icsk_accept_queue: { rskq_defer_accept: number } } };
    expect(listener.icsk_accept_queue.rskq_defer_accept).toBe(timeouts);
  });
});

describe('accept', () => {
  it('returns connections in the order in which their handshakes were completed', () => {
    const s = server().syns(1, 2, 3);
    s.ack(2);
    s.ack(3);
    s.ack(1);
    expect([s.accept(), s.accept(), s.accept(), s.accept()]).toEqual([2, 3, 1, 'EAGAIN']);
  });

  it('returns a connection that was reset while it waited, which kept its place in the queue', () => {
    const s = server().connect(1, 2);
    s.send(1, 'R');
    expect(s.rows()).toEqual(['2 ESTABLISHED 0']);
    expect(s.queue()).toEqual([2, 5]);
    s.rules();
    expect([s.accept(), s.accept()]).toEqual([1, 2]);
    expect(s.rules()).toEqual(['inet_csk_accept/child-already-closed', 'inet_csk_accept/oldest-first']);
    expect(s.rows()).toEqual(['2 ESTABLISHED 0 A']);
  });

  it('fails with EINVAL after a shutdown, and with EBADF after a close', () => {
    const s = server();
    s.call({ syscall: 'shutdown', how: 'SHUT_RDWR' });
    expect(s.accept()).toBe('EINVAL');
    s.call({ syscall: 'close' });
    expect(s.accept()).toBe('EBADF');
  });
});

describe('close and shutdown of the listener', () => {
  it.each([{ syscall: 'close' }, { syscall: 'shutdown', how: 'SHUT_RD' }] as const)(
    'resets what nobody has accepted, the oldest first, and leaves requests alone: %o',
    (call) => {
      const s = server().connect(1, 2, 3).syns(4);
      s.send(2, 'R');
      expect(s.accept()).toBe(1);
      s.connect(5);
      s.counted();
      s.rules();
      s.call(call);
      expect(s.out()).toEqual(['RST+ACK 1 ack 1 to 3', 'RST+ACK 1 ack 1 to 5']);
      expect(s.rules().filter((rule) => rule.startsWith('inet_csk_listen_stop'))).toEqual([
        'inet_csk_listen_stop/child-already-closed',
        'inet_csk_listen_stop/reset-child',
        'inet_csk_listen_stop/reset-child',
      ]);
      expect(s.counted()).toEqual({ OutRsts: 2, EstabResets: 2 });
      expect(s.rows()).toEqual(['1 ESTABLISHED 0 A', '4 SYN_RECV 0']);
      expect(s.queue()).toEqual(call.syscall === 'close' ? undefined : [0, 0]);
    },
  );

  it('SHUT_WR does nothing to a listener', () => {
    const s = server().connect(1);
    expect(s.call({ syscall: 'shutdown', how: 'SHUT_WR' }).result).toBe(0);
    expect(s.rules()).toContain('inet_shutdown/listener-write');
    expect(s.queue()).toEqual([1, 5]);
  });

  it('a second shutdown fails with ENOTCONN, a second close with EBADF', () => {
    const s = server();
    expect(s.call({ syscall: 'shutdown', how: 'SHUT_RD' }).result).toBe(0);
    expect(s.call({ syscall: 'shutdown', how: 'SHUT_RD' }).result).toBe('ENOTCONN');
    expect(s.call({ syscall: 'close' }).result).toBe(0);
    expect(s.call({ syscall: 'close' }).result).toBe('EBADF');
  });

  it('drops a request at its next timeout, and counts nothing', () => {
    const s = server().syns(1);
    s.call({ syscall: 'close' });
    s.counted();
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    s.wait(1023);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
    expect(s.wait(1)).toEqual([]);
    expect(s.rows()).toEqual([]);
    expect(s.counted()).toEqual({});
    expect(s.rules()).toContain('reqsk_timer_handler/listener-gone');
  });

  it('drops a request at its next segment, which is reset for want of a socket', () => {
    const s = server().syns(1);
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    s.counted();
    s.rules();
    expect(s.ack(1)).toEqual(['RST 1 to 1']);
    expect(s.rules()).toEqual(['tcp_v4_rcv/listener-gone', 'tcp_v4_rcv/no-socket', 'tcp_v4_send_reset/for-an-ack']);
    expect(s.counted()).toEqual({ OutRsts: 1 });
    expect(s.rows()).toEqual([]);
  });

  it('a new listener gets the segment of a request of the old one', () => {
    const s = server().syns(1);
    s.call({ syscall: 'close' });
    s.listen(5);
    s.rules();
    expect(s.ack(1)).toEqual(['RST 1 to 1']);
    expect(s.rules()).toEqual([
      'tcp_v4_rcv/listener-gone',
      'cookie_v4_check/no-recent-cookie',
      'tcp_rcv_state_process/listen-ack',
      'tcp_v4_send_reset/for-an-ack',
    ]);
  });
});

describe('listening again after a shutdown', () => {
  it('lets old requests complete, and still counts them', () => {
    const s = server({ backlog: 2, sysctl: { tcp_syncookies: 0 } }).syns(1, 2);
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    expect(s.listen(2)).toBe(0);
    expect(s.syn(3)).toEqual([]);
    expect(s.ack(1)).toEqual([]);
    expect(s.rows()).toEqual(['1 ESTABLISHED 0', '2 SYN_RECV 0']);
    expect(s.syn(3)).toEqual(['SYN+ACK ack 1 to 3']);
  });

  it('forgets that cookies were sent', () => {
    const s = server({ sysctl: { tcp_syncookies: 2 } });
    s.syn(1);
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    s.listen(5);
    s.rules();
    expect(s.ack(1)).toEqual(['RST 1 to 1']);
    expect(s.rules()).toContain('cookie_v4_check/no-recent-cookie');
  });

  it('keeps TCP_SYNCNT and TCP_DEFER_ACCEPT', () => {
    const s = server({ sockopt: { TCP_SYNCNT: 1, TCP_DEFER_ACCEPT: 10 } });
    s.call({ syscall: 'shutdown', how: 'SHUT_RD' });
    s.listen(5);
    s.syn(1);
    s.counted();
    s.ack(1);
    expect(s.counted()).toEqual({ TCPDeferAcceptDrop: 1 });
    s.syn(2);
    s.wait(5000);
    expect(s.rows()).toEqual(['1 SYN_RECV 2']);
  });
});
