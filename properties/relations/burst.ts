/** Bursts: clients that connect all at once, while the server accepts none of them. */

import * as fc from 'fast-check';
import type { ArrivingSegment, TraceEvent } from '../../src/generated/types.js';
import type { Scenario } from '../../src/run/scenario.js';
import type { PlayedStep } from '../../src/run/simulation.js';

/** A burst against a listener. */
export interface Burst {
  readonly sysctl: Readonly<Record<string, number>>;
  readonly backlog: number;
  /**
   * Who sends, in order: first a SYN, then the ACK of the handshake, and after that the ACK again. Each list arrives back to back, and the lists one after
   * the other.
   */
  readonly arrivals: readonly (readonly number[])[];
}

/** What bursts are to be like. */
export interface BurstConstraints {
  /** Settings beside those of the queues, and what they may be. */
  readonly settings?: Readonly<Record<string, readonly number[]>>;
}

const backlogs = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(15, 16, 31, 32, 64, 128));

/** Bursts of up to some 40 clients, some of which never answer. */
export function burst({ settings = {} }: BurstConstraints = {}): fc.Arbitrary<Burst> {
  const queues: Readonly<Record<string, readonly number[]>> = {
    'net.core.somaxconn': [0, 1, 2, 5, 16, 128],
    'net.ipv4.tcp_max_syn_backlog': [1, 4, 8, 16, 32, 256],
  };
  const sysctls = Object.entries({ ...queues, ...settings });
  return fc.record({
    sysctl: fc.record(Object.fromEntries(sysctls.map(([name, values]) => [name, fc.constantFrom(...values)])), {
      requiredKeys: Object.keys(settings),
    }),
    backlog: backlogs,
    arrivals: fc.oneof(
      fc.array(fc.array(fc.nat(7), { minLength: 1, maxLength: 10 }), { minLength: 1, maxLength: 12 }),
      fc.array(wave, { minLength: 1, maxLength: 8 }).map(inOrder),
      fc.nat(39).map((last) => inOrder([{ come: last + 1, goOn: last + 1 }])),
    ),
  });
}

/** How many clients come at once, and how many of those who came before go on then. */
interface Wave {
  readonly come: number;
  readonly goOn: number;
}

const wave: fc.Arbitrary<Wave> = fc.record({
  come: fc.oneof(fc.nat(3), fc.nat(12), fc.constantFrom(16, 17, 32)),
  goOn: fc.oneof(fc.nat(3), fc.nat(20)),
});

/** Waves of clients who go on in the order in which they came. */
function inOrder(waves: readonly Wave[]): number[][] {
  let [came, went] = [0, 0];
  return waves.flatMap(({ come, goOn }) => {
    const fresh = Array.from({ length: come }, () => came++);
    const going = Array.from({ length: Math.min(goOn, came - went) }, () => went++);
    return [fresh, going].filter(({ length }) => length > 0);
  });
}

/** The burst as a scenario. */
export function burstScenario({ sysctl, backlog, arrivals }: Burst): Scenario {
  const sent = new Set<number>();
  const segment = (peer: number): ArrivingSegment => {
    const seq = 1_000_000 * (peer + 1);
    if (sent.has(peer)) return { peer, flags: ['ACK'], seq: seq + 1, ack: { of: 'synack', plus: 1 } };
    sent.add(peer);
    return { peer, flags: ['SYN'], seq };
  };
  const events = arrivals.flatMap(withoutRepetition).map((peers): TraceEvent => ({ segments: peers.map(segment) }));
  return { sysctl, sockopt: {}, events: [{ syscall: 'listen', backlog }, ...events] };
}

/** The list in pieces in which nobody is twice: a peer has to have its SYN-ACK before it can send an ACK. */
function withoutRepetition(peers: readonly number[]): number[][] {
  const pieces: number[][] = [[]];
  for (const peer of peers) {
    if (pieces.at(-1)?.includes(peer)) pieces.push([]);
    pieces.at(-1)?.push(peer);
  }
  return pieces;
}

/** Who has a connection after a burst. */
export interface Connected {
  readonly peers: ReadonlySet<number>;
  /** The accept queue has no room for another one. */
  readonly full: boolean;
}

/** Who has a connection at the end of a run. */
export function connected(steps: readonly PlayedStep[]): Connected {
  const { sockets = [], listener } = steps.at(-1)?.observed ?? {};
  const peers = sockets.flatMap(({ peer, state }) => (state === 'SYN_RECV' ? [] : [peer]));
  return { peers: new Set(peers), full: listener !== undefined && listener.acceptQueue > listener.maxAcceptQueue };
}

/** Whether the clients go on in the order in which they came. */
export function isOrderly({ arrivals }: Burst): boolean {
  const order = arrivals.flat();
  const came = [...new Set(order)];
  const went = new Set(order.filter((peer, i) => order.indexOf(peer) < i));
  return [...went].every((peer, i) => peer === came[i]);
}

/**
 * What is wrong when at least as many should have a connection in `more` as in `less`, and all of those who have one in `less`. Where others may come
 * before them (`overtaken`) they need not, once the accept queue is full. Undefined: nothing.
 */
export function lost(less: Connected, more: Connected, overtaken: boolean): string | undefined {
  const figures = `${listed(less.peers)} without it, ${listed(more.peers)} with it`;
  if (more.peers.size < less.peers.size) return `fewer have a connection: ${figures}`;
  if (more.full && overtaken) return undefined;
  const missing = [...less.peers].filter((peer) => !more.peers.has(peer));
  return missing.length === 0 ? undefined : `no connection for ${listed(missing)}: ${figures}`;
}

const listed = (peers: Iterable<number>): string => [...peers].join(', ') || 'nobody';
