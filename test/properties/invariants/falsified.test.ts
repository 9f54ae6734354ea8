/** For each invariant a trace that a model played, and the same with one fact changed that the invariant has to notice. */

import { describe, expect, it } from 'vitest';
import { INVARIANTS } from '../../../properties/invariants/index.js';
import type { ArrivingSegment, SentSegment, Step, TraceEvent } from '../../../src/generated/types.js';
import { kernelNamed } from '../../../src/kernels.js';
import type { Scenario } from '../../../src/run/scenario.js';
import { played } from '../../support/played.js';

/** A trace whose steps can be written to. */
type Writable<T> = T extends (infer Item)[] | readonly (infer Item)[]
  ? Writable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Writable<T[Key]> }
    : T;

interface Lie {
  /** What the changed trace says. */
  readonly says: string;
  readonly kernel?: string;
  readonly sysctl?: Scenario['sysctl'];
  readonly sockopt?: Scenario['sockopt'];
  readonly events: readonly TraceEvent[];
  change(steps: Writable<Step>[]): void;
  /** What the invariant says to it. */
  readonly found: string;
}

const isn = (peer: number): number => 1000 * (peer + 1);
const syn = (peer: number, more: Partial<ArrivingSegment> = {}): ArrivingSegment => ({
  peer,
  flags: ['SYN'],
  seq: isn(peer),
  ...more,
});
const ack = (peer: number): ArrivingSegment => ({
  peer,
  flags: ['ACK'],
  seq: isn(peer) + 1,
  ack: { of: 'synack', plus: 1 },
});
const rst = (peer: number): ArrivingSegment => ({ peer, flags: ['RST'], seq: isn(peer) + 1 });
const arrive = (...segments: ArrivingSegment[]): TraceEvent => ({ segments });
const listen = (backlog: number): TraceEvent => ({ syscall: 'listen', backlog });
const accept: TraceEvent = { syscall: 'accept', nonblocking: true };
const close: TraceEvent = { syscall: 'close' };
const connect = (...peers: number[]): TraceEvent[] => [arrive(...peers.map((p) => syn(p))), arrive(...peers.map(ack))];
const COOKIES_OFF = { 'net.ipv4.tcp_syncookies': 0 };
const ALWAYS_COOKIES = { 'net.ipv4.tcp_syncookies': 2 };

function at<T>(items: readonly T[], index: number): T {
  const item = items.at(index);
  if (item === undefined) throw new Error(`there is no item ${index}`);
  return item;
}

function listenerOf(step: Writable<Step>): { state: string; acceptQueue: number; maxAcceptQueue: number } {
  const { listener } = step.observed;
  if (listener === undefined) throw new Error('there is no listener');
  return listener;
}

function drop(step: Writable<Step>, unwanted: (segment: SentSegment) => boolean): void {
  step.out = step.out.filter((segment) => !unwanted(segment as SentSegment));
}

const LIES: Readonly<Record<string, readonly Lie[]>> = {
  'accept-queue-bounded': [
    {
      says: 'a third connection fits behind a backlog of 1',
      events: [listen(1), ...connect(0, 1)],
      change: (steps) => {
        listenerOf(at(steps, -1)).acceptQueue = 3;
      },
      found: 'step 3: 3 connections wait, of at most 1 + 1; there were 0 before',
    },
    {
      says: 'the queue grows although a lower limit left too many behind',
      events: [listen(5), ...connect(0, 1, 2), listen(0), accept],
      change: (steps) => {
        listenerOf(at(steps, -1)).acceptQueue = 4;
      },
      found: 'step 5: 4 connections wait, of at most 0 + 1; there were 3 before',
    },
  ],
  'syn-queue-bounded': [
    {
      says: 'a seventeenth request is in a table for 16',
      kernel: '2.6.32',
      sysctl: COOKIES_OFF,
      events: [listen(3), arrive(...Array.from({ length: 17 }, (_, i) => syn(i)))],
      change: (steps) => {
        at(steps, -1).observed.sockets?.push({ peer: 16, state: 'SYN_RECV', retransmits: 0, accepted: false });
      },
      found: 'step 2: 17 requests are in a table for 16',
    },
    {
      says: 'a third request waits behind a backlog of 2',
      sysctl: COOKIES_OFF,
      events: [listen(2), arrive(syn(0), syn(1), syn(2))],
      change: (steps) => {
        at(steps, -1).observed.sockets?.push({ peer: 2, state: 'SYN_RECV', retransmits: 0, accepted: false });
      },
      found: 'step 2: 3 requests wait, of at most 2',
    },
  ],
  'limit-follows-listen': [
    {
      says: 'the limit is not cut to 16 bits',
      kernel: '2.6.32',
      sysctl: { 'net.core.somaxconn': 100_000 },
      events: [listen(65_536)],
      change: (steps) => {
        listenerOf(at(steps, 0)).maxAcceptQueue = 65_536;
      },
      found: 'step 1: the limit is 65536 and not 0, after listen(65536) with somaxconn 100000',
    },
    {
      says: 'the limit is not cut to somaxconn as it was written before',
      events: [{ sysctl: { 'net.core.somaxconn': 10 } }, listen(128)],
      change: (steps) => {
        listenerOf(at(steps, 1)).maxAcceptQueue = 128;
      },
      found: 'step 2: the limit is 128 and not 10, after listen(128) with somaxconn 10',
    },
    {
      says: 'a sysctl moves the limit of a listener',
      events: [listen(128), { sysctl: { 'net.core.somaxconn': 10 } }],
      change: (steps) => {
        listenerOf(at(steps, 1)).maxAcceptQueue = 10;
      },
      found: 'step 2: the limit went from 128 to 10 by itself',
    },
  ],
  'accept-queue-counts-handshakes': [
    {
      says: 'a connection that is reset leaves the queue',
      events: [listen(5), ...connect(0, 1), arrive(rst(0))],
      change: (steps) => {
        listenerOf(at(steps, -1)).acceptQueue = 1;
      },
      found: 'step 4: 2 waited, 0 came, 0 left, but now 1 wait',
    },
  ],
  'waiting-connections-counted': [
    {
      says: 'a connection waits without being counted',
      events: [listen(5), ...connect(0)],
      change: (steps) => {
        listenerOf(at(steps, -1)).acceptQueue = 0;
      },
      found: 'step 3: 1 connections wait, and the accept queue has 0',
    },
    {
      says: 'a connection has a process that never accepted it',
      events: [listen(5), ...connect(0)],
      change: (steps) => {
        for (const row of at(steps, -1).observed.sockets ?? []) row.accepted = true;
      },
      found: "step 3: peer 0's connection was never accepted, but has a process",
    },
  ],
  'accept-follows-queue': [
    {
      says: 'accept finds nothing although a connection waits',
      events: [listen(5), ...connect(0), accept],
      change: (steps) => {
        at(steps, -1).result = 'EAGAIN';
        delete at(steps, -1).accepted;
      },
      found: 'step 4: accept gave EAGAIN, and not 0',
    },
    {
      says: 'accept on a listener that was shut down would block',
      events: [listen(5), { syscall: 'shutdown', how: 'SHUT_RD' }, accept],
      change: (steps) => {
        at(steps, -1).result = 'EAGAIN';
      },
      found: 'step 3: accept gave EAGAIN, and not EINVAL',
    },
  ],
  'arrivals-counted': [
    {
      says: 'a segment that nobody wants is not counted',
      events: [arrive(syn(0), rst(1))],
      change: (steps) => {
        at(steps, 0).observed.counters['InSegs'] = 1;
      },
      found: 'step 1: 2 segments arrived, and InSegs moved by 1',
    },
  ],
  'resets-counted': [
    {
      says: 'a reset is sent that is not counted',
      events: [arrive(syn(0))],
      change: (steps) => {
        delete at(steps, 0).observed.counters['OutRsts'];
      },
      found: 'step 1: 1 resets were sent, and OutRsts moved by 0',
    },
  ],
  'counters-only-grow': [
    {
      says: 'a counter falls',
      events: [listen(5)],
      change: (steps) => {
        at(steps, 0).observed.counters['ListenDrops'] = -1;
      },
      found: 'step 1: ListenDrops moved by -1',
    },
  ],
  'drops-and-overflows': [
    {
      says: 'an overflow is no drop',
      events: [listen(0), { sysctl: ALWAYS_COOKIES }, ...connect(0, 1)],
      change: (steps) => {
        at(steps, -1).observed.counters['ListenDrops'] = 0;
      },
      found: 'step 4: ListenDrops moved by 0, ListenOverflows by 1, TCPReqQFullDrop by 0',
    },
    {
      says: 'the old kernel counts the SYNs that it drops',
      kernel: '2.6.32',
      sysctl: COOKIES_OFF,
      events: [listen(3), arrive(...Array.from({ length: 17 }, (_, i) => syn(i)))],
      change: (steps) => {
        at(steps, -1).observed.counters['ListenDrops'] = 1;
      },
      found: 'step 2: ListenDrops moved by 1, and ListenOverflows by 0',
    },
  ],
  'every-syn-accounted': [
    {
      says: 'a SYN that is dropped is not counted',
      sysctl: COOKIES_OFF,
      events: [listen(1), arrive(syn(0), syn(1))],
      change: (steps) => {
        delete at(steps, -1).observed.counters['ListenDrops'];
      },
      found: 'step 2: 2 SYNs came, 1 were answered, 1 are requests, 0 got cookies, and ListenDrops moved by 0',
    },
    {
      says: 'a SYN that is answered leaves nothing',
      kernel: '2.6.32',
      events: [listen(1), arrive(syn(0), syn(1))],
      change: (steps) => {
        at(steps, -1).observed.sockets?.pop();
      },
      found: 'step 2: 2 SYNs came, 2 were answered, 1 are requests, 0 got cookies, and ListenDrops moved by 0',
    },
  ],
  'overflows-mean-full': [
    {
      says: 'a queue overflows at its limit',
      kernel: '2.6.32',
      events: [listen(1), ...connect(0, 1, 2)],
      change: (steps) => {
        listenerOf(at(steps, -1)).acceptQueue = 1;
      },
      found: 'step 3: ListenOverflows moved by 1, but 1 connections wait, of at most 1 + 1',
    },
    {
      says: 'the SYN queue is full before its limit',
      sysctl: COOKIES_OFF,
      events: [listen(2), arrive(syn(0), syn(1), syn(2))],
      change: (steps) => {
        at(steps, -1).observed.sockets?.pop();
      },
      found: 'step 2: TCPReqQFullDrop moved by 1, but 1 requests wait, of at most 2',
    },
  ],
  'accept-oldest-first': [
    {
      says: 'connections are accepted in the order of their SYNs',
      events: [listen(5), arrive(syn(0), syn(1)), arrive(ack(1), ack(0)), accept],
      change: (steps) => {
        at(steps, -1).accepted = 0;
      },
      found: 'step 4: peer 0 leaves the queue before peer 1, which waits longer',
    },
    {
      says: 'the youngest is reset first',
      events: [listen(5), ...connect(0, 1), close],
      change: (steps) => {
        at(steps, -1).out.reverse();
      },
      found: 'step 4: peer 1 leaves the queue before peer 0, which waits longer',
    },
  ],
  'accepted-after-handshake': [
    {
      says: 'a request is accepted',
      events: [listen(5), arrive(syn(0)), accept],
      change: (steps) => {
        at(steps, -1).result = 0;
        at(steps, -1).accepted = 0;
      },
      found: 'step 3: peer 0 is accepted without a handshake',
    },
  ],
  'closing-resets-waiting': [
    {
      says: 'a connection that waits is spared',
      events: [listen(5), ...connect(0, 1), close],
      change: (steps) => {
        drop(at(steps, -1), ({ peer }) => peer === 1);
      },
      found: 'step 4: peer 1 waited, and is not reset',
    },
    {
      says: 'a connection is reset that was accepted',
      events: [listen(5), ...connect(0, 1), accept, arrive(rst(1)), close],
      change: (steps) => {
        at(steps, -1).out.push({
          at: 0,
          peer: 0,
          flags: ['RST', 'ACK'],
          seq: { of: 'synack', plus: 1 },
          ack: isn(0) + 1,
        });
      },
      found: 'step 6: peer 0 did not wait, and is reset',
    },
    {
      says: 'a connection is reset twice',
      events: [listen(5), ...connect(0, 1), close],
      change: (steps) => {
        const { out } = at(steps, -1);
        out[1] = at(out, 0);
      },
      found: 'step 4: a peer is reset twice: 0, 0',
    },
  ],
  'cookie-leaves-no-state': [
    {
      says: 'a cookie leaves a request',
      sysctl: ALWAYS_COOKIES,
      events: [listen(5), arrive(syn(0))],
      change: (steps) => {
        at(steps, -1).observed.sockets?.push({ peer: 0, state: 'SYN_RECV', retransmits: 0, accepted: false });
      },
      found: 'step 2: the cookie for peer 0 left a socket in SYN_RECV',
    },
    {
      says: 'a cookie takes a place in the accept queue',
      sysctl: ALWAYS_COOKIES,
      events: [listen(5), arrive(syn(0))],
      change: (steps) => {
        listenerOf(at(steps, -1)).acceptQueue = 1;
      },
      found: 'step 2: cookies took the accept queue from 0 to 1',
    },
  ],
  'cookies-only-when-on': [
    {
      says: 'an ACK is taken for that of a cookie while cookies are off',
      sysctl: COOKIES_OFF,
      events: [listen(5), arrive(ack(0))],
      change: (steps) => {
        at(steps, -1).observed.counters['SyncookiesFailed'] = 1;
      },
      found: 'step 2: 0 cookies were sent and 1 checked, although they are off',
    },
    {
      says: 'a SYN gets two cookies',
      sysctl: ALWAYS_COOKIES,
      events: [listen(5), arrive(syn(0))],
      change: (steps) => {
        at(steps, -1).observed.counters['SyncookiesSent'] = 2;
      },
      found: 'step 2: 2 cookies were sent for 1 SYNs',
    },
    {
      says: 'an ACK is the ACK of two cookies',
      sysctl: ALWAYS_COOKIES,
      events: [listen(5), ...connect(0)],
      change: (steps) => {
        at(steps, -1).observed.counters['SyncookiesRecv'] = 2;
      },
      found: 'step 3: 2 cookies were checked for 1 ACKs',
    },
  ],
  'duplicate-syn-changes-no-queue': [
    {
      says: 'a duplicate SYN gets a new initial number',
      events: [listen(5), arrive(syn(0)), arrive(syn(0))],
      change: (steps) => {
        at(at(steps, -1).out, 0).newIsn = true;
      },
      found: 'step 3: peer 0 got a new initial number for a duplicate SYN',
    },
    {
      says: 'a duplicate SYN makes a connection',
      events: [listen(5), arrive(syn(0)), arrive(syn(0))],
      change: (steps) => {
        at(at(steps, -1).observed.sockets ?? [], 0).state = 'ESTABLISHED';
      },
      found: 'step 3: a duplicate SYN left a socket of peer 0 in ESTABLISHED',
    },
    {
      says: 'a duplicate SYN takes a place in the accept queue',
      events: [listen(5), arrive(syn(0)), arrive(syn(0))],
      change: (steps) => {
        listenerOf(at(steps, -1)).acceptQueue = 1;
      },
      found: 'step 3: duplicate SYNs took the accept queue from 0 to 1',
    },
  ],
  'synack-acknowledges-syn': [
    {
      says: 'data of a SYN is acknowledged by a kernel without Fast Open',
      kernel: '2.6.32',
      events: [listen(5), arrive(syn(0, { len: 10 }))],
      change: (steps) => {
        at(at(steps, -1).out, 0).ack = isn(0) + 11;
      },
      found: `step 2: a SYN-ACK to peer 0 acknowledges ${isn(0) + 11}`,
    },
  ],
  'synack-keeps-number': [
    {
      says: 'a SYN-ACK that is sent again has a new number',
      events: [listen(5), arrive(syn(0)), { wait: 2_000_000 }],
      change: (steps) => {
        at(at(steps, -1).out, 0).newIsn = true;
      },
      found: 'step 3: peer 0 got 1 new initial numbers for 0 SYNs',
    },
  ],
  'reset-never-answered-by-reset': [
    {
      says: 'a reset is answered with a reset',
      events: [arrive(syn(0), rst(0))],
      change: (steps) => {
        at(steps, 0).out.push(structuredClone(at(at(steps, 0).out, 0)));
      },
      found: 'step 1: peer 0 is reset 2 times for 1 segments without RST',
    },
  ],
  'nobody-listens-resets': [
    {
      says: 'a port where nobody listens is silent',
      events: [listen(5), close, arrive(syn(0))],
      change: (steps) => {
        at(steps, -1).out = [];
      },
      found: 'step 3: peer 0 is due 1 resets, and is sent nothing',
    },
    {
      says: 'a port where nobody listens answers with a SYN-ACK',
      events: [arrive(syn(0))],
      change: (steps) => {
        at(at(steps, 0).out, 0).flags = ['SYN', 'ACK'];
      },
      found: 'step 1: peer 0 is due 1 resets, and is sent SYN|ACK',
    },
  ],
  'synack-schedule': [
    {
      says: 'the delay is not doubled',
      events: [listen(5), arrive(syn(0)), { wait: 4_000_000 }],
      change: (steps) => {
        const [first, second] = at(steps, -1).out;
        if (first !== undefined && second !== undefined) second.at = first.at + 1_000_000;
      },
      found: 'step 3: SYN-ACK 2 after the first to peer 0 comes after 1000000 µs, and not 2000000 to 2064000',
    },
    {
      says: 'a SYN-ACK is sent once too often',
      sockopt: { TCP_SYNCNT: 2 },
      events: [listen(5), arrive(syn(0)), { wait: 8_000_000 }],
      change: (steps) => {
        const { out } = at(steps, -1);
        const last = at(out, -1);
        out.push({ ...last, at: last.at + 4_010_000 });
      },
      found: 'step 3: SYN-ACK to peer 0 is sent 3 times again, of at most 2',
    },
    {
      says: 'the old kernel is early',
      kernel: '2.6.32',
      events: [listen(5), arrive(syn(0)), { wait: 5_000_000 }],
      change: (steps) => {
        at(at(steps, -1).out, 0).at = 1_000_000;
      },
      found: 'step 3: SYN-ACK 1 after the first to peer 0 comes after 1000000 µs, and not 3000000 to 4600000',
    },
  ],
  'requests-time-out-twice': [
    {
      says: 'a SYN-ACK is never sent again',
      sysctl: COOKIES_OFF,
      events: [listen(5), arrive(syn(0)), { wait: 2_000_000 }],
      change: (steps) => {
        at(steps, -1).out = [];
      },
      found: 'step 3: the SYN-ACK to peer 0 should have been sent again by 1065001 µs',
    },
  ],
  'timeouts-only-grow': [
    {
      says: 'the timeouts of a request are forgotten',
      events: [listen(5), arrive(syn(0)), { wait: 2_000_000 }, { wait: 1000 }],
      change: (steps) => {
        at(at(steps, -1).observed.sockets ?? [], 0).retransmits = 0;
      },
      found: 'step 4: peer 0 was silent, and now has a socket in SYN_RECV with 0 timeouts',
    },
    {
      says: 'a request becomes a connection by itself',
      events: [listen(5), arrive(syn(0)), { wait: 1000 }],
      change: (steps) => {
        at(at(steps, -1).observed.sockets ?? [], 0).state = 'ESTABLISHED';
      },
      found: 'step 3: peer 0 was silent, and now has a socket in ESTABLISHED with 0 timeouts',
    },
  ],
  'one-row-per-peer': [
    {
      says: 'the ACK of a cookie makes a connection beside a request',
      kernel: '5.10',
      events: [listen(5), ...connect(0), arrive(syn(1))],
      change: (steps) => {
        at(at(steps, -1).observed.sockets ?? [], 0).peer = 1;
        at(at(steps, -1).observed.sockets ?? [], 1).peer = 1;
      },
      found: 'step 4: peer 1 has two rows',
    },
  ],
  'sysctl-range': [
    {
      says: 'a sysctl of one byte takes 256',
      kernel: '5.10',
      events: [listen(5), { sysctl: { 'net.ipv4.tcp_syncookies': 256 } }],
      change: (steps) => {
        at(steps, -1).result = 0;
      },
      found: 'step 2: net.ipv4.tcp_syncookies = 256: 0, and not EINVAL',
    },
    {
      says: 'a sysctl of one byte refuses 255',
      kernel: '5.10',
      events: [listen(5), { sysctl: { 'net.ipv4.tcp_syncookies': 255 } }],
      change: (steps) => {
        at(steps, -1).result = 'EINVAL';
      },
      found: 'step 2: net.ipv4.tcp_syncookies = 255: EINVAL, and not 0',
    },
  ],
};

describe.each(INVARIANTS)('$id', (invariant) => {
  it.each(LIES[invariant.id] ?? [])(
    'is broken where $says',
    ({ kernel = '4.15', sysctl = {}, sockopt = {}, events, change, found }) => {
      const variant = kernelNamed(kernel);
      if (variant === undefined) throw new Error(`no kernel ${kernel}`);
      const trace = played(variant, events, { sysctl, sockopt });
      expect(invariant.broken(trace, kernel)).toBeUndefined();
      const changed = structuredClone(trace) as Writable<typeof trace>;
      change(changed.steps);
      expect(invariant.broken(changed as typeof trace, kernel)).toBe(found);
    },
  );

  it('is among those that can be broken', () => {
    expect(Object.keys(LIES)).toContain(invariant.id);
  });
});
