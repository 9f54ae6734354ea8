/** Blocks of events: what clients do, what the server does, and what happens to the machine. */

import * as fc from 'fast-check';
import type { ArrivingSegment, Fault } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { listenAgain, listenElsewhere, stopListening } from './listener.js';
import { comeback, type PeerConstraints, peer } from './peers.js';
import type { Block, Script } from './script.js';
import { type SegmentConstraints, segment } from './segments.js';
import { refusedWrite, sysctlWrite } from './sysctls.js';
import { type WaitConstraints, wait } from './waits.js';

/** How a handshake goes. */
export interface HandshakeConstraints extends PeerConstraints {
  /** Bytes that come with the ACK. Default: none, now and then a few. */
  readonly data?: readonly number[];
  /** Bytes that come with the SYN. Default: none. */
  readonly early?: readonly number[];
}

/** A SYN; the peer may have sent one before. */
export function syn({ early = [0], ...peers }: HandshakeConstraints = {}): fc.Arbitrary<Block> {
  return fc.record({ who: peer(peers), again: comeback(), len: fc.constantFrom(...early), ts: rarely() }).map(
    ({ who, again, len, ts }): Block =>
      (script) =>
        script.arrive([script.syn(who, { ...bytes(len), ...timestamp(ts) }, again)]),
  );
}

/** The ACK of a handshake, whether or not the SYN-ACK has come. */
export function ack({ data = [0, 0, 0, 10], ...peers }: HandshakeConstraints = {}): fc.Arbitrary<Block> {
  return fc.record({ who: peer(peers), len: fc.constantFrom(...data) }).map(
    ({ who, len }): Block =>
      (script) =>
        script.arrive([script.ack(who, { len })]),
  );
}

/** A SYN and its ACK. */
export function connect(constraints: HandshakeConstraints = {}): fc.Arbitrary<Block> {
  const { data = [0, 0, 0, 10], early = [0], ...peers } = constraints;
  return fc
    .record({ who: peer(peers), early: fc.constantFrom(...early), len: fc.constantFrom(...data), ts: rarely() })
    .map(
      ({ who, early: first, len, ts }): Block =>
        (script) => {
          script.arrive([script.syn(who, { ...bytes(first), ...timestamp(ts) })]);
          script.arrive([{ ...script.ack(who, { len }), ...timestamp(ts) }]);
        },
    );
}

/** How many peers come at once. */
export interface FloodConstraints {
  /** What the number is near to. Default: all. */
  readonly near?: readonly FloodSize[];
  /** The most that come. Default 70. */
  readonly most?: number;
}

/** The SYN queue's size, half of it, what `tcp_max_syn_backlog` leaves to strangers, what the accept queue takes, or a few. */
export type FloodSize = 'syn-queue' | 'half' | 'three-quarters' | 'accept-queue' | 'few';

function floodSize(script: Script, near: FloodSize): number {
  const most = script.setting('net.ipv4.tcp_max_syn_backlog');
  switch (near) {
    case 'syn-queue':
      return script.synLimit;
    case 'half':
      return script.synLimit / 2;
    case 'three-quarters':
      return most - (most >> 2) + 1;
    case 'accept-queue':
      return script.acceptLimit + 1;
    case 'few':
      return 3;
  }
}

/** SYNs of peers that nobody knows: as many as fit, one fewer, or one more. */
export function flood(constraints: FloodConstraints = {}): fc.Arbitrary<Block> {
  const { near = ['few', 'syn-queue', 'half', 'three-quarters', 'accept-queue'], most = 70 } = constraints;
  return fc.record({ size: fc.constantFrom(...near), more: fc.constantFrom(0, 1, -1, 2), together: fc.boolean() }).map(
    ({ size, more, together }): Block =>
      (script) => {
        const count = Math.min(most, Math.max(1, Math.floor(floodSize(script, size)) + more));
        const peers = script.fresh(count);
        const segments = peers.map((one) => script.syn(one));
        if (together) script.arrive(segments);
        else for (const one of segments) script.arrive([one]);
        script.flooded.push(...peers);
      },
  );
}

/** What {@link complete} may do. */
export interface CompleteConstraints {
  /** Bytes that may come with the ACKs. */
  readonly data?: readonly number[];
}

/** ACKs of peers that came in a flood. */
export function complete({ data = [0, 0, 0, 10] }: CompleteConstraints = {}): fc.Arbitrary<Block> {
  return fc
    .record({
      skip: fc.nat({ max: 3 }),
      count: fc.constantFrom(1, 2, 3, 5, 9, 17, 70),
      lastFirst: fc.boolean(),
      len: fc.constantFrom(...data),
    })
    .map(
      ({ skip, count, lastFirst, len }): Block =>
        (script) => {
          const taken = script.flooded.splice(skip, count);
          if (lastFirst) taken.reverse();
          script.arrive(taken.map((one) => script.ack(one, { len })));
        },
    );
}

/** Time passes. */
export function pass(kernel: KernelVariant, constraints?: WaitConstraints): fc.Arbitrary<Block> {
  return wait(kernel, constraints).map(
    (us): Block =>
      (script) =>
        script.wait(us),
  );
}

/** `accept`, once or until nothing is left. */
export function accept(): fc.Arbitrary<Block> {
  return fc.constantFrom(1, 2, 5, 9).map(
    (times): Block =>
      (script) =>
        script.accept(times),
  );
}

/** A connection is closed with a reset, and accepted before that or not. */
export function closeConnection(peers?: PeerConstraints): fc.Arbitrary<Block> {
  return fc.record({ who: peer(peers), first: fc.nat({ max: 2 }) }).map(
    ({ who, first }): Block =>
      (script) => {
        script.accept(first);
        script.closeConnection(who);
      },
  );
}

/** A few odd segments of one peer, back to back or one by one. */
export function odd(constraints: SegmentConstraints & PeerConstraints = {}): fc.Arbitrary<Block> {
  return fc
    .record({
      who: peer(constraints),
      sends: fc.array(segment(constraints), { minLength: 1, maxLength: 3 }),
      together: rarely(),
    })
    .map(
      ({ who, sends, together }): Block =>
        (script) => {
          const segments = sends.map((send) => send(script, who));
          if (together) script.arrive(segments);
          else for (const one of segments) script.arrive([one]);
        },
    );
}

/** A connection with full segments that nobody reads, ten at a time. */
export function fillWindow(peers?: PeerConstraints): fc.Arbitrary<Block> {
  return fc.record({ who: peer(peers), tens: fc.constantFrom(1, 3, 6, 17) }).map(
    ({ who, tens }): Block =>
      (script) => {
        script.arrive([script.syn(who)]);
        script.arrive([script.ack(who)]);
        for (let i = 0; i < tens; i++) {
          script.arrive(Array.from({ length: 10 }, () => script.ack(who, { len: 1460 })));
          script.wait(1000);
        }
      },
  );
}

/** A setting changes. */
export function changeSetting(kernel: KernelVariant, names?: string[]): fc.Arbitrary<Block> {
  return sysctlWrite(kernel, names).map(
    ([name, value]): Block =>
      (script) =>
        script.write(name, value),
  );
}

/** A setting that the kernel refuses, or that it lacks. */
export function refusedSetting(kernel: KernelVariant): fc.Arbitrary<Block> {
  return refusedWrite(kernel).map(
    ([name, value]): Block =>
      (script) =>
        script.add({ sysctl: { [name]: value } }),
  );
}

/** A cookie: the SYN queue is filled, then a peer sends its SYN, waits, and acknowledges what it got. */
export function cookie(
  kernel: KernelVariant,
  constraints: WaitConstraints = { around: ['cookie', 'short'] },
): fc.Arbitrary<Block> {
  return fc
    .record({
      who: peer(),
      filled: fc.boolean(),
      age: fc.option(wait(kernel, constraints), { freq: 3, nil: 0 }),
      plus: fc.constantFrom(1, 1, 1, 0, 2, 3, 4, 5, 8, 9, -1),
      offset: fc.constantFrom(0, 0, 0, 0, 1, -1),
      len: fc.constantFrom(0, 0, 0, 10),
    })
    .map(
      ({ who, filled, age, plus, offset, len }): Block =>
        (script) => {
          if (filled) fillSynQueue(script);
          script.arrive([script.syn(who)]);
          if (age > 0) script.wait(age);
          script.arrive([script.ack(who, { plus, offset, len })]);
        },
    );
}

/** The SYN queue gets as many requests as it takes. */
function fillSynQueue(script: Script): void {
  const peers = script.fresh(Math.min(70, script.synLimit));
  script.arrive(peers.map((one) => script.syn(one)));
}

/** SYN, ACK, or ACK of a cookie while the kernel fails at something. */
export function faulty(kernel: KernelVariant, peers: PeerConstraints = { count: 3 }): fc.Arbitrary<Block> {
  // Where a kernel from 4.15 on fails at sending a SYN-ACK, the request lives on with a number that nobody has seen, and that no trace can express.
  const faults: readonly Fault[] = [
    ...(kernel.name === '2.6.32' ? (['send_synack'] as const) : []),
    'inet_reqsk_alloc',
    'security_inet_conn_request',
    'inet_csk_route_req',
    'tcp_create_openreq_child',
    '__inet_inherit_port',
  ];
  return fc
    .record({
      who: peer(peers),
      fault: fc.constantFrom(...faults),
      first: fc.boolean(),
      len: fc.constantFrom(0, 0, 10),
    })
    .map(
      ({ who, fault, first, len }): Block =>
        (script) => {
          if (first) script.arrive([script.syn(who, bytes(len))], [fault]);
          else script.arrive([script.ack(who)], [fault]);
        },
    );
}

/** A cookie whose ACK comes while the kernel fails at something, and then once more. */
export function faultyCookie(): fc.Arbitrary<Block> {
  return fc
    .record({
      who: peer(),
      fault: fc.constantFrom<Fault[]>(
        'inet_reqsk_alloc',
        'security_inet_conn_request',
        'inet_csk_route_req',
        'tcp_create_openreq_child',
      ),
    })
    .map(
      ({ who, fault }): Block =>
        (script) => {
          fillSynQueue(script);
          script.arrive([script.syn(who)]);
          script.arrive([script.ack(who)], [fault]);
          script.arrive([script.ack(who)]);
        },
    );
}

/** A request whose peer has a cookie, too: cookies were sent whatever the queue's length, and the request's own SYN-ACK is lost. Then comes the ACK of the cookie. */
export function cookieBesideRequest(): fc.Arbitrary<Block> {
  return fc.constantFrom(0, 0, 10).map(
    (len): Block =>
      (script) => {
        const [who = 0] = script.fresh(1);
        script.write('net.ipv4.tcp_syncookies', 2);
        script.arrive([script.syn(who)]);
        script.write('net.ipv4.tcp_syncookies', 1);
        script.arrive([script.syn(who)], ['send_synack']);
        script.arrive([script.ack(who, { len })]);
      },
  );
}

/** `listen` while the kernel fails at something. */
export function faultyListen(): fc.Arbitrary<Block> {
  return fc.constantFrom<Fault[]>('security_socket_listen', 'get_port', 'reqsk_queue_alloc').map(
    (fault): Block =>
      (script) =>
        script.listen(4, { faults: [fault] }),
  );
}

/** Segments to a broadcast address. */
export function broadcast(): fc.Arbitrary<Block> {
  return fc.record({ who: peer(), first: fc.boolean() }).map(
    ({ who, first }): Block =>
      (script) => {
        script.arrive([{ ...(first ? script.syn(who) : script.ack(who)), broadcast: true }]);
      },
  );
}

/**
 * Connections whose ACKs are delayed so that their timers run out around the time at which those of requests do. An ACK waits 40 ms for a FIN that
 * follows data, and until the next jiffy for one that does not.
 */
export function timerTie(kernel: KernelVariant): fc.Arbitrary<Block> {
  const old = kernel.name === '2.6.32';
  const timeout = old ? 3000 : 1000;
  return fc
    .record({
      before: fc.integer({ min: 0, max: 4096 }),
      requests: fc.integer({ min: 1, max: 2 }),
      connections: old ? fc.constantFrom(1, 2) : fc.constantFrom(1, 4, 8),
      warm: fc.boolean(),
      late: old ? fc.constantFrom(0, 0, 0, 1, -1, 2, -160) : fc.integer({ min: -1, max: 64 }),
    })
    .map(
      ({ before, requests, connections, warm, late }): Block =>
        (script) => {
          const peers = Array.from({ length: connections }, (_, i) => 10 + i);
          script.arrive(peers.map((one) => script.syn(one)));
          script.arrive(peers.map((one) => script.ack(one)));
          if (warm) script.arrive(peers.map((one) => script.ack(one, { len: 10 })));
          script.wait(before * 1000);
          script.arrive(script.fresh(requests).map((one) => script.syn(one)));
          const early = (warm ? 40 : 1) - late;
          script.wait((timeout - early) * 1000);
          for (const one of peers) {
            script.arrive([{ ...script.ack(one), flags: ['FIN', 'ACK'] }]);
            script.advance(one, 1);
            script.wait(1000);
          }
          script.wait((Math.max(0, early) + 5) * 1000);
        },
    );
}

/** How a Fast Open handshake ends. */
type FastOpenEnd = 'ack' | 'reset' | 'wrong-ack' | 'syn-again' | 'syn-in-window' | 'no-flags' | 'silence';

/** A SYN with data, what the server does, how it ends, and the next SYN with data; what holds the slot of the first is found out by that. */
export function fastOpen(kernel: KernelVariant): fc.Arbitrary<Block> {
  return fc
    .record({
      who: peer({ count: 3 }),
      len: fc.constantFrom(10, 1, 1460),
      accepted: fc.boolean(),
      gone: rarely(),
      end: fc.constantFrom<FastOpenEnd[]>(
        'reset',
        'reset',
        'reset',
        'ack',
        'wrong-ack',
        'syn-again',
        'syn-in-window',
        'no-flags',
        'silence',
      ),
      age: fc.option(wait(kernel, { around: ['hold', 'hold', 'short', 'synack'] }), { nil: 0 }),
      next: peer(),
    })
    .map(
      ({ who, len, accepted, gone, end, age, next }): Block =>
        (script) => {
          script.arrive([script.syn(who, { len })]);
          if (accepted) script.accept();
          if (gone) script.stop({ syscall: 'shutdown', how: 'SHUT_RD' });
          script.arrive(fastOpenEnd(script, who, len, end));
          if (age > 0) script.wait(age);
          script.arrive([script.syn(next, { len })]);
        },
    );
}

function fastOpenEnd(script: Script, who: number, len: number, end: FastOpenEnd): ArrivingSegment[] {
  const sent = script.sentBy(who);
  if (end === 'syn-again') return [script.syn(who, { len })];
  script.advance(who, len - sent);
  switch (end) {
    case 'ack':
      return [script.ack(who)];
    case 'wrong-ack':
      return [script.ack(who, { plus: 2 })];
    case 'reset':
      return [{ ...script.ack(who), flags: ['RST', 'ACK'] }];
    case 'syn-in-window':
      return [{ ...script.bare(who, 10), flags: ['SYN'] }];
    case 'no-flags':
      return [script.bare(who, 0, 10)];
    case 'silence':
      return [];
  }
}

/** A connection that its peer ends, by a FIN, a reset or both, and that the server closes, read or unread. */
export function ending(): fc.Arbitrary<Block> {
  return fc
    .record({
      who: peer({ count: 3 }),
      len: fc.constantFrom(0, 10),
      accepted: fc.nat({ max: 2 }),
      fin: fc.boolean(),
      reset: fc.constantFrom(0, -1, 1, null),
      close: fc.boolean(),
    })
    .map(
      ({ who, len, accepted, fin, reset, close }): Block =>
        (script) => {
          script.arrive([script.syn(who)]);
          script.arrive([script.ack(who, { len })]);
          script.accept(accepted);
          if (fin) {
            script.arrive([{ ...script.ack(who), flags: ['FIN', 'ACK'] }]);
            script.advance(who, 1);
          }
          if (reset !== null) script.arrive([{ ...script.bare(who, reset), flags: ['RST'] }]);
          if (close) script.closeConnection(who);
        },
    );
}

/**
 * A request whose timer of 8 s runs out in the same tick as the first timer of one of the requests that come in the second before. A bucket of that
 * timer is wider, and ends where one of the others ends.
 */
export function requestTie(): fc.Arbitrary<Block> {
  const [latest, apart] = [14_000, 60];
  return fc.record({ before: fc.integer({ min: 0, max: 4096 }), count: fc.integer({ min: 30, max: 40 }) }).map(
    ({ before, count }): Block =>
      (script) => {
        script.wait(before * 1000);
        script.arrive(script.fresh(1).map((one) => script.syn(one)));
        script.wait(latest * 1000);
        for (const one of script.fresh(count)) {
          script.arrive([script.syn(one)]);
          script.wait(apart * 1000);
        }
        script.wait(1_000_000);
      },
  );
}

/** Anything, as weighted for scenarios that are about nothing in particular. */
export function anything(kernel: KernelVariant): fc.Arbitrary<Block> {
  const early = kernel.name === '2.6.32' ? [0, 0, 10] : [0, 10];
  return fc.oneof(
    { weight: 6, arbitrary: syn({ early }) },
    { weight: 6, arbitrary: ack() },
    { weight: 6, arbitrary: connect({ early }) },
    { weight: 6, arbitrary: pass(kernel) },
    { weight: 5, arbitrary: accept() },
    { weight: 3, arbitrary: flood({ most: 34 }) },
    { weight: 2, arbitrary: complete() },
    { weight: 4, arbitrary: odd() },
    { weight: 1, arbitrary: cookie(kernel) },
    { weight: 1, arbitrary: closeConnection() },
    { weight: 1, arbitrary: listenAgain({ max: 16 }) },
    { weight: 1, arbitrary: stopListening() },
    { weight: 1, arbitrary: changeSetting(kernel) },
    { weight: 1, arbitrary: faulty(kernel) },
    { weight: 1, arbitrary: listenElsewhere() },
  );
}

function rarely(): fc.Arbitrary<boolean> {
  return fc.constantFrom(false, false, false, true);
}

function timestamp(set: boolean): Pick<ArrivingSegment, 'options'> {
  return set ? { options: ['TS'] } : {};
}

function bytes(len: number): Pick<ArrivingSegment, 'len'> {
  return len === 0 ? {} : { len };
}
