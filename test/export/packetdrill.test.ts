import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packetdrillScript } from '../../src/export/packetdrill.js';
import type { TraceEvent } from '../../src/generated/types.js';
import { kernelNamed } from '../../src/kernels.js';
import type { SimulationOptions } from '../../src/run/simulation.js';
import { played } from '../support/played.js';
import { goldenTraces } from '../support/recordings.js';
import { CHANCE, traces } from './generated.js';

const kernel = kernelNamed('4.15');
if (kernel === undefined) throw new Error('no 4.15');
const script = (events: readonly TraceEvent[], options: SimulationOptions = {}) =>
  packetdrillScript(played(kernel, events, options));
/** The lines of a script that packetdrill plays. */
const linesOf = (text: string): string[] => text.split('\n').filter((line) => /^(\+|0 |`|--)/.test(line));

const listen = (backlog: number): TraceEvent => ({ syscall: 'listen', backlog });
const accept: TraceEvent = { syscall: 'accept', nonblocking: true };
const syn = (peer: number, seq = 1000): TraceEvent => ({ segments: [{ peer, flags: ['SYN'], seq }] });
const ack = (peer: number, seq = 1001, plus = 1): TraceEvent => ({
  segments: [{ peer, flags: ['ACK'], seq, ack: { of: 'synack', plus } }],
});

describe('a script for packetdrill', () => {
  it('makes a listener, a handshake and an accept of a trace, with its settings and queues', () => {
    const { text, ends } = script([listen(5), syn(7), ack(7), accept, accept], {
      sysctl: { 'net.core.somaxconn': 4, 'net.ipv4.tcp_syncookies': 0 },
      sockopt: { TCP_SYNCNT: 3 },
    });
    expect(ends).toBeUndefined();
    const queue = (length: number, requests: number): string =>
      `+0 \`test "$(ss -Hltn sport = :8080 | awk '{print $2, $3}')" = "${length} 4" && test "$(ss -Htn state syn-recv sport = :8080 | wc -l)" = ${requests}\``;
    expect(linesOf(text)).toEqual([
      '--tolerance_usecs=50000',
      '`sysctl -q net.core.somaxconn=4 net.ipv4.tcp_syncookies=0`',
      '0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3',
      '+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0',
      '+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0',
      '+0 bind(3, ..., ...) = 0',
      '+0 setsockopt(3, SOL_TCP, TCP_SYNCNT, [3], 4) = 0',
      '+0 listen(3, 5) = 0',
      '+0 %{ assert tcpi_state == 10, tcpi_state; assert tcpi_unacked == 0, tcpi_unacked; assert tcpi_sacked == 4, tcpi_sacked }%',
      '+0 < S 1000:1000(0) win 65535 <mss 1460>',
      '+0 > S. 0:0(0) ack 1001 <...>',
      queue(0, 1),
      '+0 < . 1:1(0) ack 1 win 65535',
      queue(1, 0),
      '+0 accept(3, ..., ...) = 4',
      '+0 %{ assert tcpi_state == 1, tcpi_state }%',
      queue(0, 0),
      '+0 accept(3, ..., ...) = -1 EAGAIN (Resource temporarily unavailable)',
    ]);
  });

  it('gives a timer the time that other jiffies and another place in the wheel may cost', () => {
    const lines = linesOf(script([listen(5), syn(7), { wait: 1_500_000 }]).text);
    const [, low, high] = /^\+([\d.]+)~\+([\d.]+) > S\. 0:0\(0\) ack 1001 <\.\.\.>$/.exec(lines.at(-1) ?? '') ?? [];
    expect(Number(low)).toBeGreaterThan(0.8);
    expect(Number(low)).toBeLessThan(1);
    expect(Number(high)).toBeGreaterThan(1.1);
    expect(Number(high)).toBeLessThan(1.3);
  });

  it('counts the delay of a SYN-ACK from the last one, whatever came since', () => {
    const lines = linesOf(script([listen(5), syn(7), { wait: 900_000 }, ack(7, 5), { wait: 900_000 }]).text);
    const [, low, high] = /^\+([\d.]+)~\+([\d.]+) > S\. /.exec(lines.find((line) => /~.*> S\./.test(line)) ?? '') ?? [];
    expect(Number(high) - Number(low)).toBeGreaterThan(0.2);
  });

  it('looks at the queues after segments, also where nothing changed: that is how a drop shows', () => {
    const { text } = script([listen(0), syn(1), syn(2), { wait: 1000 }], { sysctl: { 'net.ipv4.tcp_syncookies': 0 } });
    const checks = linesOf(text).filter((line) => line.includes('"0 0" && '));
    expect(checks).toHaveLength(2);
    expect(linesOf(text).at(-1)).toBe(checks[1]);
  });

  it('numbers the segments of a connection that begins without a SYN as packetdrill does', () => {
    const lone: TraceEvent = { segments: [{ peer: 7, flags: ['ACK'], seq: 500, ack: { of: 'nothing', plus: 77 } }] };
    const lines = linesOf(script([listen(5), lone]).text);
    expect(lines.slice(-3, -1)).toEqual(['+0 < . 500:500(0) ack 77 win 65535', '+0 > R 77:77(0) <...>']);
  });

  it('lets a second connection begin at a socket that listens', () => {
    const { text, ends } = script([listen(5), syn(1), ack(1), syn(2), ack(2)]);
    expect(ends).toBeUndefined();
    const lines = linesOf(text);
    const second = lines.indexOf('+0 listen(4, 0) = 0');
    expect(lines[second - 1]).toBe('+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 4');
    expect(lines[second + 1]).toBe('+0 < S 1000:1000(0) win 65535 <mss 1460>');
    expect(lines[second + 2]).toBe('+0 > S. 0:0(0) ack 1001 <...>');
  });

  it('sends the SYN of a client that it cannot follow from a port of its own, and says that it does not look at the answer', () => {
    const { text, leftOut } = script([listen(5), syn(1), syn(2), ack(1)]);
    expect(linesOf(text)).toContain('+0 < 10000 > 8080 S 1000:1000(0) win 65535 <mss 1460>');
    expect(leftOut).toContain(
      'packetdrill follows one connection at a time: what is sent to the others is not looked at.',
    );
    expect(linesOf(text).filter((line) => line.includes('> S.'))).toHaveLength(1);
  });

  it.each<[string, TraceEvent[], number, RegExp]>([
    ['two handshakes at a time', [listen(5), syn(1), syn(2), ack(1), ack(2)], 4, /Peer 2 acknowledges something while/],
    [
      'an accept of an older connection',
      [listen(5), syn(1), ack(1), syn(2), ack(2), accept],
      5,
      /accept\(\) returns .* peer 1/,
    ],
    ['a broadcast', [listen(5), { segments: [{ peer: 1, flags: ['SYN'], seq: 1, broadcast: true }] }], 1, /broadcast/],
    ['a fault', [listen(5), { ...(syn(1) as { segments: [] }), faults: ['inet_reqsk_alloc'] }], 1, /inet_reqsk_alloc/],
    ['a segment before there is a listener', [syn(1)], 0, /before there is a listener/],
  ])('ends before %s, and says why', (_, events, step, reason) => {
    const { text, ends } = script(events);
    expect(ends).toEqual({ step, reason: expect.stringMatching(reason) });
    expect(text).toContain(`// Here it ends: the ${events.length - step} steps from step ${step + 1} on are left out.`);
    expect(text).toContain(`// ${ends?.reason}`);
  });

  it('shows sysctls that the kernel refuses as such', () => {
    const { text } = script([listen(5), { sysctl: { 'net.core.somaxconn': -1 } }], {
      sysctl: { 'net.core.somaxconn': -1 },
    });
    expect(linesOf(text)[1]).toBe('`! sysctl -q net.core.somaxconn=-1 2>/dev/null`');
    expect(linesOf(text).at(-1)).toBe('+0 `! sysctl -q net.core.somaxconn=-1 2>/dev/null`');
  });

  it.each(['linux-4.15', 'linux-7.2'])(
    'says of each of the named recordings of %s what it leaves out, always the same',
    (folder) => {
      const recordings = goldenTraces(folder, 'named');
      expect(recordings).toHaveLength(270);
      const scripts = recordings.map((one) => packetdrillScript(one));
      expect(recordings.map((one) => packetdrillScript(one))).toEqual(scripts);
      for (const { text, leftOut, ends } of scripts) {
        expect(leftOut.length).toBeGreaterThan(0);
        for (const sentence of leftOut) expect(text).toContain(`// ${sentence}\n`);
        if (ends !== undefined) expect(text).toContain(`// ${ends.reason}\n`);
      }
      expect(scripts.filter(({ ends }) => ends === undefined)).toHaveLength(191);
    },
  );

  it('has every segment of a single client, and numbers that packetdrill can read, for any trace', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const { text, ends } = packetdrillScript(trace);
        const kept = trace.steps.slice(0, ends?.step);
        const peers = new Set(
          kept.flatMap(({ event }) => ('segments' in event ? event.segments : []).map(({ peer }) => peer)),
        );
        const count = (sign: string): number =>
          linesOf(text).filter((line) => new RegExp(`^\\S+ ${sign} `).test(line)).length;
        expect(count('<')).toBe(kept.flatMap(({ event }) => ('segments' in event ? event.segments : [])).length);
        const sent = kept.flatMap(({ out }) => out).length;
        if (peers.size === 1) expect(count('>')).toBe(sent);
        else expect(count('>')).toBeLessThanOrEqual(sent);
        for (const line of linesOf(text)) {
          expect(line).toMatch(/^(--|`|0 |\+\d+(\.\d{1,6})?(~\+\d+(\.\d{1,6})?)? )/);
          const [, first, end, length] = /[<>] .*?(\d+):(\d+)\((\d+)\)/.exec(line) ?? [];
          if (first === undefined) continue;
          expect(Number(first)).toBeLessThan(2 ** 32);
          expect((Number(first) + Number(length)) >>> 0).toBe(Number(end));
        }
      }),
      CHANCE,
    );
  });
});
