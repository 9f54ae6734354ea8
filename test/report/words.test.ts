import { describe, expect, it } from 'vitest';
import type { ArrivingSegment, SentSegment, TraceEvent } from '../../src/generated/types.js';
import { peersInWords } from '../../src/report/peers.js';
import { eventInWords, resultInWords, sentInWords } from '../../src/report/words.js';

const syn = (peer: number, seq = 100 + peer): ArrivingSegment => ({ peer, flags: ['SYN'], seq });
const synAck = (peer: number, at: number): SentSegment => ({
  at,
  peer,
  flags: ['SYN', 'ACK'],
  seq: { of: 'synack', plus: 0 },
  ack: 101 + peer,
});

describe('peersInWords', () => {
  it.each<[number[], string]>([
    [[4], 'peer 4'],
    [[4, 5], 'peers 4, 5'],
    [[1, 2, 3, 9], 'peers 1-3, 9'],
    [[3, 2, 1], 'peers 3, 2, 1'],
    [Array.from({ length: 20 }, (_, i) => 2 * i), 'peers 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, … (20 in all)'],
  ])('%j', (peers, words) => {
    expect(peersInWords(peers)).toBe(words);
  });
});

describe('eventInWords', () => {
  it.each<[TraceEvent, string]>([
    [{ syscall: 'listen', backlog: -1 }, 'listen(fd, -1)'],
    [{ syscall: 'listen', backlog: 5, on: 'pipe' }, 'listen(pipe, 5)'],
    [{ syscall: 'accept', nonblocking: true }, 'accept()'],
    [{ syscall: 'close' }, 'close() of the listener'],
    [{ syscall: 'close', peer: 3, linger: 0 }, 'close() of the connection from peer 3, with a reset'],
    [{ syscall: 'shutdown', how: 'SHUT_RD' }, 'shutdown(fd, SHUT_RD)'],
    [{ wait: 1_500_000 }, 'nothing arrives for 1.500000 s'],
    [{ sysctl: { 'net.core.somaxconn': 5 } }, 'sysctl net.core.somaxconn = 5'],
    [{ segments: [syn(1)] }, 'SYN from peer 1, seq 101'],
    [{ segments: [syn(1), syn(2), syn(3)] }, 'SYN from peers 1-3'],
    [{ segments: [syn(1), syn(1, 7)] }, 'SYN from peer 1, seq 101; SYN from peer 1, seq 7'],
    [{ segments: [syn(1)], faults: ['inet_reqsk_alloc'] }, 'SYN from peer 1, seq 101; what fails: inet_reqsk_alloc'],
    [
      {
        segments: [
          { peer: 1, flags: ['PSH', 'ACK'], seq: 1, ack: { of: 'synack', plus: -2 }, len: 10, options: ['TS'] },
        ],
      },
      'PSH+ACK from peer 1, seq 1, ack isn - 2, 10 bytes, with a timestamp',
    ],
    [
      { segments: [{ peer: 1, flags: ['ACK'], seq: 1, ack: { of: 'nothing', plus: -1 }, broadcast: true }] },
      'ACK from peer 1, seq 1, ack 4294967295, to a broadcast address',
    ],
  ])('%j', (event, words) => {
    expect(eventInWords(event)).toBe(words);
  });
});

describe('sentInWords', () => {
  it('keeps the order, and tells what is alike together', () => {
    const reset: SentSegment = { at: 30, peer: 9, flags: ['RST'], seq: { of: 'synack', plus: 1 } };
    expect(sentInWords([synAck(1, 10), synAck(2, 20), reset, synAck(3, 40)])).toEqual([
      '0.000010 to 0.000020 s  SYN+ACK to peers 1, 2, seq isn',
      '0.000030 s  RST to peer 9, seq isn + 1',
      '0.000040 s  SYN+ACK to peer 3, seq isn, ack 104',
    ]);
  });
});

describe('resultInWords', () => {
  const step = {
    at: 0,
    event: { syscall: 'accept', nonblocking: true },
    out: [],
    observed: { at: 0, until: 0, counters: {} },
  } as const;
  it.each([
    [{}, undefined],
    [{ result: 0 as const }, 'returns 0'],
    [{ result: 0 as const, accepted: 4 }, 'returns the connection from peer 4'],
    [{ result: 'EAGAIN' }, 'fails with EAGAIN'],
    [{ result: 0 as const, setupErrors: { bind: 'EADDRINUSE' } }, 'bind fails with EADDRINUSE; returns 0'],
  ])('%j', (outcome, words) => {
    expect(resultInWords({ ...step, ...outcome })).toBe(words);
  });
});
