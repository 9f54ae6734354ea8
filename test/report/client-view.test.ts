import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/generated/types.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { clientsInWords } from '../../src/report/client-view.js';
import { machineState, stateInWords } from '../../src/report/machine-state.js';
import { Simulation } from '../../src/run/simulation.js';

const syn = (...peers: number[]): TraceEvent => ({
  segments: peers.map((peer) => ({ peer, flags: ['SYN'], seq: 100 })),
});
const ack = (peer: number): TraceEvent => ({
  segments: [{ peer, flags: ['ACK'], seq: 101, ack: { of: 'synack', plus: 1 } }],
});
const accept: TraceEvent = { syscall: 'accept', nonblocking: true };

/** What the clients see of the last of these events on 4.15 with a backlog of 0, and the state after it. */
function last(events: readonly TraceEvent[], sysctl: Record<string, number> = {}, backlog = 0): [string[], string[]] {
  const simulation = new Simulation(linux_4_15, { sysctl: { 'net.ipv4.tcp_syncookies': 0, ...sysctl } });
  const state = () => machineState(linux_4_15, simulation.host);
  simulation.step({ syscall: 'listen', backlog });
  let before = state();
  let words: string[] = [];
  for (const event of events) {
    const step = simulation.step(event);
    words = clientsInWords(step, before, state());
    before = state();
  }
  return [words, stateInWords(before)];
}

describe('what the clients see', () => {
  const abort = { 'net.ipv4.tcp_abort_on_overflow': 1 };
  const full = [syn(1, 2), ack(1), ack(2), syn(3, 4), ack(3)];
  it.each<[string, string[], readonly TraceEvent[], Record<string, number>?, number?]>([
    ['a SYN that is dropped', ['peer 1: no answer; it sends its SYN again'], [syn(1)]],
    ['a SYN that is answered', ['peers 1, 2: connect() succeeds'], [syn(1, 2)], {}, 5],
    [
      'a cookie',
      ['peer 1: connect() succeeds, though the server keeps nothing: the SYN-ACK is a cookie'],
      [syn(1)],
      { 'net.ipv4.tcp_syncookies': 1 },
    ],
    ['a handshake', ['peer 1: is connected, and waits to be accepted'], [syn(1), ack(1)], {}, 5],
    ['accept()', ['peer 1: is served from now on'], [syn(1), ack(1), accept], {}, 5],
    [
      'a full accept queue',
      ['peer 4: is connected as far as it knows; the server still has a request'],
      [...full, ack(4)],
      {},
      2,
    ],
    [
      'a full accept queue with abort',
      ['peer 4: is reset: its next call fails with ECONNRESET'],
      [...full, ack(4)],
      abort,
      2,
    ],
    ['a retransmission', ['peer 1: gets the SYN-ACK again'], [syn(1), { wait: 1_200_000 }], {}, 5],
    [
      'the end of a request',
      ['peer 1: its request is forgotten, and nobody tells it'],
      [syn(1), { wait: 40_000_000 }, { wait: 30_000_000 }],
      {},
      5,
    ],
    ['a SYN to a closed port', ['peer 1: connect() fails with ECONNREFUSED'], [{ syscall: 'close' }, syn(1)]],
    ['nothing', [], [{ wait: 1 }]],
  ])('of %s', (_, words, events, sysctl = {}, backlog = 0) => {
    expect(last(events, sysctl, backlog)[0]).toEqual(words);
  });
});

describe('the state in words', () => {
  it('tells the accept queue in its order, the requests by age, and what was accepted', () => {
    const events = [syn(1, 2, 3, 4), ack(3), ack(1), ack(2), accept, { wait: 1_200_000 }, syn(5)];
    expect(last(events, {}, 5)[1]).toEqual([
      'LISTEN; accept queue: 2 of at most 5 + 1 (peers 1, 2)',
      'SYN queue, young: 1 (peer 5, due from 2.200 s on)',
      expect.stringMatching(/^SYN queue, old: 1 \(peer 4, 1 timeout, due from 3\.0\d\d s on\)$/),
      'accepted: peer 3',
    ]);
  });

  it('is short where there is nothing', () => {
    expect(last([], {}, 5)[1]).toEqual(['LISTEN; accept queue: 0 of at most 5 + 1', 'SYN queue: empty']);
    expect(last([{ syscall: 'close' }], {}, 5)[1]).toEqual(['no listener']);
  });
});
