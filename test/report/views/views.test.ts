import { describe, expect, it } from 'vitest';
import type { ArrivingSegment } from '../../../src/generated/types.js';
import { kernelLog } from '../../../src/report/views/kernel-log.js';
import type { Moment } from '../../../src/report/views/moment.js';
import { netstat } from '../../../src/report/views/netstat.js';
import { netstatS } from '../../../src/report/views/netstat-s.js';
import { nstat } from '../../../src/report/views/nstat.js';
import { snmp } from '../../../src/report/views/snmp.js';
import { ssListening, ssSynRecv } from '../../../src/report/views/ss.js';
import { tcp } from '../../../src/report/views/tcp.js';
import { Simulation } from '../../../src/run/simulation.js';
import { ack, flood, kernel, machine, overflow, syn } from './machines.js';
import { parseCounters, parseTcp } from './parse.js';

const trimmed = (lines: readonly string[]): string => lines.map((line) => line.trimEnd()).join('\n');

describe('after an overflow, 2.6.32', () => {
  const moment = overflow('2.6.32');

  it('shows the Tcp row of /proc/net/snmp', () => {
    expect(trimmed(snmp(moment))).toBe(
      `Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts
Tcp: 1 200 120000 -1 0 3 0 0 3 9 5 0 0 0`,
    );
  });

  it('shows the lost connection in columns 20 and 21 of the TcpExt row of /proc/net/netstat', () => {
    const [names = '', values = ''] = netstat(moment);
    expect(names.split(' ').slice(20, 22)).toEqual(['ListenOverflows', 'ListenDrops']);
    expect(values.split(' ').slice(20, 22)).toEqual(['1', '1']);
    expect(parseCounters([names, values])).toEqual({ ListenOverflows: 1, ListenDrops: 1, TCPPureAcks: 3 });
  });

  it('shows the counters as nstat lists them', () => {
    expect(nstat(moment).join('\n')).toBe(
      `#kernel
TcpPassiveOpens                 3                  0.0
TcpInSegs                       9                  0.0
TcpOutSegs                      5                  0.0
TcpExtListenOverflows           1                  0.0
TcpExtListenDrops               1                  0.0
TcpExtTCPPureAcks               3                  0.0`,
    );
  });

  it('shows the counters in the words of net-tools 1.60', () => {
    expect(netstatS(moment).join('\n')).toBe(
      `Tcp:
    0 active connections openings
    3 passive connection openings
    0 failed connection attempts
    0 connection resets received
    3 connections established
    9 segments received
    5 segments send out
    0 segments retransmited
    0 bad segments received.
    0 resets sent
TcpExt:
    1 times the listen queue of a socket overflowed
    1 SYNs to LISTEN sockets ignored
    0 packet headers predicted
    3 acknowledgments not containing data received
    0 TCP data loss events`,
    );
  });

  it('shows the sockets: the timer of the SYN queue at the listener, and a request whose timer ran out half a second ago', () => {
    expect(trimmed(tcp(moment))).toBe(
      `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000002 02:00000009 00000000     0        0 10000 1 0000000000000000 299 0 0 2 -1
   1: 010200C0:0050 040012C6:8000 03 00000000:00000000 01:1AD7F29AB98 00000000     0        0 0 1 0000000000000000
   2: 010200C0:0050 010012C6:8000 01 00000000:00000000 00:00000000 00000000     0        0 10002 1 0000000000000000 299 0 0 10 -1
   3: 010200C0:0050 020012C6:8000 01 00000000:00000064 00:00000000 00000000     0        0 0 1 0000000000000000 299 3 24 10 -1
   4: 010200C0:0050 030012C6:8000 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 299 0 0 10 -1`,
    );
  });

  it('shows the accept queue and its limit, and the request, as ss does', () => {
    expect(trimmed(ssListening(moment))).toBe(
      `State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 2      2            0.0.0.0:80        0.0.0.0:*`,
    );
    expect(trimmed(ssSynRecv(moment))).toBe(
      `Recv-Q Send-Q Local Address:Port Peer Address:Port Process
0      0          192.0.2.1:80     198.18.0.4:32768`,
    );
  });
});

describe('after an overflow, 4.15', () => {
  const moment = overflow('4.15');

  it('shows the Tcp row of /proc/net/snmp', () => {
    expect(trimmed(snmp(moment))).toBe(
      `Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors
Tcp: 1 200 120000 -1 0 2 0 0 2 9 5 0 0 2 0`,
    );
  });

  it('shows two SYNs that found the SYN queue full in the TcpExt row of /proc/net/netstat', () => {
    expect(parseCounters(netstat(moment))).toEqual({ ListenDrops: 2, TCPReqQFullDrop: 2, TCPPureAcks: 2 });
  });

  it('shows the counters as nstat lists them', () => {
    expect(nstat(moment).join('\n')).toBe(
      `#kernel
TcpPassiveOpens                 2                  0.0
TcpInSegs                       9                  0.0
TcpOutSegs                      5                  0.0
TcpOutRsts                      2                  0.0
TcpExtListenDrops               2                  0.0
TcpExtTCPPureAcks               2                  0.0
TcpExtTCPReqQFullDrop           2                  0.0`,
    );
  });

  it('shows the counters in the words of net-tools 2.10', () => {
    expect(netstatS(moment).join('\n')).toBe(
      `Tcp:
    0 active connection openings
    2 passive connection openings
    0 failed connection attempts
    0 connection resets received
    2 connections established
    9 segments received
    5 segments sent out
    0 segments retransmitted
    0 bad segments received
    2 resets sent
TcpExt:
    2 SYNs to LISTEN sockets dropped
    0 packet headers predicted
    2 acknowledgments not containing data payload received
    TCPReqQFullDrop: 2`,
    );
  });

  it('shows the sockets: no timer at the listener, and what was received and not read', () => {
    expect(trimmed(tcp(moment))).toBe(
      `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000001 00:00000000 00000000     0        0 10000 1 0000000000000000 100 0 0 10 0
   1: 010200C0:0050 010012C6:8000 01 00000000:00000000 00:00000000 00000000     0        0 10002 1 0000000000000000 20 0 0 10 -1
   2: 010200C0:0050 020012C6:8000 01 00000000:00000064 00:00000000 00000000     0        0 0 1 0000000000000000 20 4 30 10 -1`,
    );
  });

  it('shows the accept queue and its limit, and no requests, as ss does', () => {
    expect(trimmed(ssListening(moment))).toBe(
      `State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
LISTEN 1      2            0.0.0.0:80        0.0.0.0:*`,
    );
    expect(ssSynRecv(moment)).toEqual(['Recv-Q Send-Q Local Address:Port Peer Address:PortProcess']);
  });
});

describe('during a SYN flood', () => {
  it('2.6.32 has as many requests as its table has buckets, sends cookies for the rest and says so without a prefix', () => {
    const moment = flood('2.6.32');
    expect(ssSynRecv(moment)).toHaveLength(1 + 16);
    expect(parseCounters(netstat(moment))).toEqual({ SyncookiesSent: 4 });
    expect(netstatS(moment)).toContain('    4 SYN cookies sent');
    expect(kernelLog(moment)).toEqual(['<6>[    0.250000] possible SYN flooding on port 80. Sending cookies.']);
    // 2.9 s of 3 s are left: 2900 jiffies of 0.999848 ms.
    expect(tcp(moment)[2]?.trimEnd()).toMatch(
      /^ {3}1: 010200C0:0050 \w{4}12C6:8000 03 00000000:00000000 01:00000121 00000000 {5}0 {8}0 0 1 0{16}$/,
    );
  });

  it('4.15 has as many requests as backlog says, sends cookies for the rest and says so once', () => {
    const moment = flood('4.15');
    expect(ssSynRecv(moment)).toHaveLength(1 + 8);
    expect(parseCounters(netstat(moment))).toEqual({ SyncookiesSent: 12, TCPReqQFullDoCookies: 12 });
    expect(netstatS(moment)).toContain('    12 SYN cookies sent');
    expect(kernelLog(moment)).toEqual([
      '<6>[    0.250000] TCP: request_sock_TCP: Possible SYN flooding on port 80. Sending cookies.  Check SNMP counters.',
    ]);
    // 0.9 s of 1 s are left. A request counts no references, and has neither timeouts nor windows.
    expect(trimmed(tcp(moment).slice(2, 3))).toBe(
      '   1: 010200C0:0050 010012C6:8000 03 00000000:00000000 01:0000005A 00000000     0        0 0 0 0000000000000000',
    );
  });
});

describe('the kernel log', () => {
  it('of 2.6.32 names the peers whose SYNs are dropped for want of room, within the rate limit', () => {
    const one = (peer: number): { segments: ReturnType<typeof syn>[] } => ({ segments: [syn(peer)] });
    const moment = machine(
      '2.6.32',
      [{ syscall: 'listen', backlog: 5 }, one(1), one(131_074), one(3), { wait: 6_000_000 }, one(4)],
      { 'net.ipv4.tcp_max_syn_backlog': -1, 'net.core.message_burst': 1 },
    );
    expect(kernelLog(moment)).toEqual([
      '<7>[    0.000000] TCP: drop open request from 198.18.0.2/32769',
      '<4>[    6.000000] __ratelimit: 1 callbacks suppressed',
      '<7>[    6.000000] TCP: drop open request from 198.18.0.4/32768',
    ]);
  });

  it('of 4.15 says what became of the requests where cookies are off', () => {
    expect(kernelLog(overflow('4.15'))).toEqual([
      '<6>[    0.000000] TCP: request_sock_TCP: Possible SYN flooding on port 80. Dropping request.  Check SNMP counters.',
    ]);
  });
});

describe('/proc/net/tcp', () => {
  it('has every line as wide as the kernel makes it', () => {
    for (const name of ['2.6.32', '4.15']) {
      for (const line of [...tcp(overflow(name)), ...tcp(flood(name))]) expect(line).toHaveLength(149);
    }
  });

  it('counts the timeouts of requests', () => {
    for (const [name, expected] of [
      ['2.6.32', 1],
      ['4.15', 2],
    ] as const) {
      const moment = machine(name, [{ syscall: 'listen', backlog: 5 }, { segments: [syn(1)] }, { wait: 5_000_000 }]);
      expect(parseTcp(tcp(moment)).at(-1)).toMatchObject({ peer: 1, state: 'SYN_RECV', retransmits: expected });
    }
  });

  it('has no row of a listener that was shut down, nor has ss', () => {
    for (const name of ['2.6.32', '4.15']) {
      const moment = machine(name, [
        { syscall: 'listen', backlog: 5 },
        { syscall: 'shutdown', how: 'SHUT_RD' },
      ]);
      expect(tcp(moment)).toHaveLength(1);
      expect(ssListening(moment)).toHaveLength(1);
    }
  });

  it('shows where mainline 2.6.32 begins with a smaller window', () => {
    const variant = kernel('2.6.32');
    const simulation = new Simulation(variant, { release: '2.6.32.69' });
    simulation.step({ syscall: 'listen', backlog: 5 });
    simulation.step({ segments: [syn(1)] });
    simulation.step({ segments: [ack(1)] });
    const moment: Moment = { variant, host: simulation.host, at: simulation.now, log: [] };
    expect(tcp(moment)[2]?.trimEnd()).toMatch(/ 3 -1$/);
  });

  it('of 4.15 shows the Fast Open limit of a listener, and the timer of a child whose SYN-ACK is not answered', () => {
    const variant = kernel('4.15');
    const simulation = new Simulation(variant, {
      sysctl: { 'net.ipv4.tcp_fastopen': 0x203 },
      sockopt: { TCP_FASTOPEN: 3 },
    });
    simulation.step({ syscall: 'listen', backlog: 5 });
    simulation.step({ segments: [{ ...syn(1), len: 10 }] });
    const moment: Moment = { variant, host: simulation.host, at: simulation.now, log: [] };
    const [, listener = '', child = ''] = tcp(moment);
    expect(listener.trimEnd()).toMatch(/ 100 0 0 10 3$/);
    expect(child.slice(0, 80)).toBe('   1: 010200C0:0050 010012C6:8000 03 00000000:0000000A 01:00000064 00000000     ');
    expect(ssSynRecv(moment).at(-1)?.trimEnd()).toBe('10     0          192.0.2.1:80     198.18.0.1:32768');
  });
});

describe('a connection that its peer has closed', () => {
  it.each([
    ['4.15', 0],
    ['5.10', 1],
  ] as const)('counts in CurrEstab of %s: %i', (name, counted) => {
    const fin: ArrivingSegment = { ...ack(1), flags: ['FIN', 'ACK'] };
    const moment = machine(name, [
      { syscall: 'listen', backlog: 2 },
      { segments: [syn(1)] },
      { segments: [ack(1), fin] },
    ]);
    const [names = '', values = ''] = snmp(moment);
    expect(values.split(' ')[names.split(' ').indexOf('CurrEstab')]).toBe(String(counted));
  });
});
