import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { pcapng } from '../../src/export/pcapng.js';
import type { Flag, Step } from '../../src/generated/types.js';
import { kernelNamed } from '../../src/kernels.js';
import { playScenario } from '../../src/run/scenario.js';
import { receivedSum } from '../support/checksum.js';
import { goldenTraces } from '../support/recordings.js';
import { CHANCE, traces } from './generated.js';
import { type Captured, readCapture } from './pcapng-file.js';

const BITS: Readonly<Record<Flag, number>> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 };
const bits = (flags: readonly Flag[]): number => flags.reduce((all, flag) => all + BITS[flag], 0);

/** What a packet of a capture says, byte by byte. */
const said = ({ bytes, time, options }: Captured) => {
  const isIn = options.get(2)?.[0]?.readUInt32LE(0) === 1;
  const client = bytes.readUInt32BE(isIn ? 12 : 16);
  const tcp = bytes.subarray(20);
  const header = ((tcp[12] as number) >> 4) * 4;
  return {
    time: Number(time),
    isIn,
    client,
    clientPort: tcp.readUInt16BE(isIn ? 0 : 2),
    server: bytes.readUInt32BE(isIn ? 16 : 12),
    serverPort: tcp.readUInt16BE(isIn ? 2 : 0),
    seq: tcp.readUInt32BE(4),
    ack: tcp.readUInt32BE(8),
    flags: (tcp[13] as number) & 0x3f,
    mss: header >= 24 && tcp[20] === 2 && tcp[21] === 4 ? tcp.readUInt16BE(22) : undefined,
    len: bytes.length - 20 - header,
  };
};

/** The segments of a trace in order, as far as they have absolute numbers. */
const segmentsOf = (steps: readonly Step[]) =>
  steps.flatMap(({ at, event, out }) => [
    ...('segments' in event ? event.segments : []).map(({ peer, flags, seq, len = 0, broadcast = false }) => ({
      isIn: true,
      time: at,
      peer,
      flags: bits(flags),
      number: seq,
      len,
      broadcast,
    })),
    ...out.map(({ at: time, peer, flags, ack = 0, len = 0 }) => ({
      isIn: false,
      time,
      peer,
      flags: bits(flags),
      number: ack,
      len,
      broadcast: false,
    })),
  ]);

describe('a capture', () => {
  it('has every segment of any trace once, in order, from one address a peer, with checksums that are right', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const { packets, interfaces, sections } = readCapture(pcapng(trace));
        expect(sections).toHaveLength(1);
        expect(interfaces.map(({ linkType, options }) => [linkType, options.get(9)?.[0]?.[0]])).toEqual([[101, 6]]);
        const expected = segmentsOf(trace.steps);
        expect(packets).toHaveLength(expected.length);
        const clients = new Map<number, string>();
        packets.forEach((packet, i) => {
          const { client, clientPort, server, serverPort, seq, ack, mss, ...rest } = said(packet);
          const { peer, number, broadcast, ...others } = expected[i] as (typeof expected)[number];
          expect(rest).toEqual(others);
          expect(rest.isIn ? seq : ack).toBe(number);
          expect(mss).toBe((rest.flags & BITS.SYN) > 0 ? 1460 : undefined);
          expect([server, serverPort]).toEqual([broadcast ? 0xffffffff : 0xc0000201, 80]);
          expect(clients.get(peer) ?? `${client}:${clientPort}`).toBe(`${client}:${clientPort}`);
          clients.set(peer, `${client}:${clientPort}`);
          expect(packet.originalLength).toBe(packet.bytes.length);
          expect(packet.bytes.readUInt16BE(2)).toBe(packet.bytes.length);
          const tcp = packet.bytes.subarray(20);
          expect(receivedSum(packet.bytes.subarray(0, 20))).toBe(0xffff);
          expect(receivedSum([...packet.bytes.subarray(12, 20), 0, 6, tcp.length >> 8, tcp.length & 255, ...tcp])).toBe(
            0xffff,
          );
        });
        expect(new Set(clients.values()).size).toBe(clients.size);
      }),
      CHANCE,
    );
  });

  it("keeps to the server's first number: what is relative to a SYN-ACK is as far from it as the trace says", () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const { packets } = readCapture(pcapng(trace));
        const first = new Map<number, number>();
        const fresh = new Set<number>();
        let i = 0;
        for (const { event, out } of trace.steps) {
          const segments = 'segments' in event ? event.segments : [];
          for (const { peer, ack } of segments) {
            const base = ack?.of === 'synack' ? (first.get(peer) ?? 0) : 0;
            if (ack !== undefined) expect(said(packets[i] as Captured).ack).toBe((base + ack.plus) >>> 0);
            i += 1;
          }
          for (const { peer, seq, newIsn } of out) {
            const shown = said(packets[i] as Captured).seq;
            if (newIsn === true) {
              expect(fresh).not.toContain(shown);
              fresh.add(shown);
              first.set(peer, shown);
            }
            expect(shown).toBe(((seq.of === 'synack' ? (first.get(peer) ?? 0) : 0) + seq.plus) >>> 0);
            i += 1;
          }
        }
      }),
      CHANCE,
    );
  });

  const kernel = kernelNamed('4.15');
  if (kernel === undefined) throw new Error('no 4.15');
  const trace = playScenario(kernel, {
    sysctl: { 'net.ipv4.tcp_syncookies': 0 },
    sockopt: {},
    events: [{ syscall: 'listen', backlog: 0 }, { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] }],
  });

  it('tells at the first packet of a step the rules that decided it, and names the trace', () => {
    const { packets, sections } = readCapture(
      pcapng(
        trace,
        trace.steps.map(({ rules }) => rules),
      ),
    );
    expect(String(sections[0]?.get(1)?.[0])).toBe('scenario: linux 4.15.11, HZ=1000');
    expect(packets).toHaveLength(1);
    expect(String(packets[0]?.options.get(1)?.[0])).toContain('tcp_conn_request/syn-queue-full: ');
    expect(readCapture(pcapng(trace)).packets[0]?.options.has(1)).toBe(false);
  });

  it('is the same for the same trace, and goes on after another one', () => {
    const capture = pcapng(trace);
    expect(pcapng(trace)).toEqual(capture);
    expect(readCapture(Buffer.concat([capture, capture])).packets.map(({ section }) => section)).toEqual([0, 1]);
  });
});

const tshark = spawnSync('tshark', ['--version']).status === 0;

describe.skipIf(!tshark)(`tshark${tshark ? '' : ' (skipped: it is not installed)'}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tcp-backlog-pcapng-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const recordings = goldenTraces('linux-4.15', 'named');
  const file = join(folder, 'named.pcapng');
  const FIELDS = [
    'frame.time_relative',
    'ip.src',
    'ip.dst',
    'tcp.srcport',
    'tcp.dstport',
    'tcp.flags',
    'tcp.seq_raw',
    'tcp.ack_raw',
    'tcp.len',
    'tcp.options.mss_val',
    'ip.checksum.status',
    'tcp.checksum.status',
    '_ws.malformed',
    'frame.packet_flags_direction',
    'frame.comment',
  ];
  const read = (): string[][] => {
    const fields = FIELDS.flatMap((field) => ['-e', field]);
    const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE'];
    const text = execFileSync('tshark', ['-r', file, ...checks, '-T', 'fields', '-E', 'separator=|', ...fields], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text
      .trimEnd()
      .split('\n')
      .map((line) => line.split('|'));
  };

  it('reads all segments of the recordings: addresses, flags, numbers, times, checksums', () => {
    writeFileSync(file, Buffer.concat(recordings.map((one) => pcapng(one))));
    const rows = read();
    const expected = recordings.flatMap(({ steps }) => segmentsOf(steps));
    expect(rows).toHaveLength(expected.length);
    const start = expected[0]?.time ?? 0;
    rows.forEach(([time, from, to, fromPort, toPort, flags, seq, ack, len, mss, ip, tcp, malformed, direction], i) => {
      const { isIn, time: at, peer, flags: set, number, len: bytes } = expected[i] as (typeof expected)[number];
      const client = `198.18.${peer >> 8}.${peer & 255}`;
      expect(Math.round(Number(time) * 1e6)).toBe(at - start);
      expect(isIn ? [from, to] : [to, from]).toEqual([client, '192.0.2.1']);
      expect(isIn ? [fromPort, toPort] : [toPort, fromPort]).toEqual(['32768', '80']);
      expect(Number(flags)).toBe(set);
      expect(Number(isIn ? seq : ack)).toBe(number);
      expect(Number(len)).toBe(bytes);
      expect(mss).toBe((set & BITS.SYN) > 0 ? '1460' : '');
      expect([ip, tcp, malformed]).toEqual(['1', '1', '']);
      expect(Number(direction)).toBe(isIn ? 1 : 2);
    });
  }, 60_000);

  it('shows the rules as comments', () => {
    const kernel = kernelNamed('7.2');
    if (kernel === undefined) throw new Error('no 7.2');
    const events = [{ syscall: 'listen', backlog: 1 }, { segments: [{ peer: 1, flags: ['SYN'], seq: 1000 }] }] as const;
    const trace = playScenario(kernel, { sysctl: {}, sockopt: {}, events });
    writeFileSync(
      file,
      pcapng(
        trace,
        trace.steps.map(({ rules }) => rules),
      ),
    );
    const comments = read().map((row) => row.at(-1) ?? '');
    expect(comments).toHaveLength(2);
    for (const rule of trace.steps[1]?.rules ?? ['none']) expect(comments[0]).toContain(`${rule}: `);
    expect(comments[1]).toBe('');
  });
});
