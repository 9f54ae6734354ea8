/** A machine whose process listens, and one peer that talks to it by numbers relative to both initial ones. For tests of children. */

import { Clock } from '../../src/host/clock.js';
import type { CounterName } from '../../src/host/counters.js';
import type { Host } from '../../src/host/host.js';
import { type SkBuff, skb } from '../../src/host/segment.js';
import { u32 } from '../../src/host/sequence.js';
import type { CallResult, KernelVariant, SocketOptions } from '../../src/host/variant.js';
import { SeededEnvironment } from '../../src/run/environment.js';

const PEER = 7;
/** The peer's initial number; what it sends first after its SYN has the relative number 1. */
const ISN = 0xfffffff0;

/** What a test says of a segment: flags by their letters, in S A R F P; numbers relative to the initial ones. */
export interface Told {
  readonly flags: string;
  /** Default 1. */
  readonly seq?: number;
  /** Default 1. */
  readonly ack?: number;
  readonly len?: number;
}

/** One connection with the process, from before its handshake on. */
export class Connection {
  readonly host: Host;
  private readonly env = new SeededEnvironment(1);
  private readonly kernel: KernelVariant;
  private serverIsn = 0;
  private before: Partial<Record<CounterName, number>> = {};

  constructor(kernel: KernelVariant, options: SocketOptions = {}, sysctls: Record<string, number> = {}) {
    this.kernel = kernel;
    this.host = kernel.boot(this.env, Clock.known(1000, 0, 12345, 0), options);
    for (const [name, value] of Object.entries(sysctls)) kernel.writeSysctl(this.host, name, value);
    this.now(1_000_000);
    kernel.call(this.host, { syscall: 'listen', backlog: 5 });
  }

  /** A connection whose handshake is complete and that waits to be accepted. */
  static established(kernel: KernelVariant, sysctls: Record<string, number> = {}): Connection {
    const connection = new Connection(kernel, {}, sysctls);
    connection.send({ flags: 'S', seq: 0 });
    connection.send({ flags: 'A' });
    connection.counted();
    connection.fired();
    return connection;
  }

  /** A segment from the peer, and what the kernel answers at once. */
  send(told: Told): string[] {
    const { flags, seq = 1, ack = 1, len = 0 } = told;
    const has = (letter: string): boolean => flags.includes(letter);
    const segment: SkBuff = skb({
      peer: PEER,
      syn: has('S'),
      ack: has('A'),
      rst: has('R'),
      fin: has('F'),
      psh: has('P'),
      seq: u32(ISN + seq),
      ack_seq: has('A') ? u32(this.serverIsn + ack) : 0,
      len,
    });
    this.kernel.receive(this.host, segment);
    return this.sent();
  }

  /** Lets time pass, in ms; what the kernel sends meanwhile, each with the ms since the beginning of the wait. */
  wait(ms: number): string[] {
    const { host, env } = this;
    const begin = env.time;
    const end = begin + ms * 1000;
    const sent: string[] = [];
    for (let due = host.timers.next(host, end); due !== undefined; due = host.timers.next(host, end)) {
      env.time = due.lo;
      host.timers.run(host);
      for (const segment of this.sent()) sent.push(`${Math.round((due.lo - begin) / 1000)} ms: ${segment}`);
    }
    this.now(end);
    return sent;
  }

  /** The process accepts a connection. */
  accept(): CallResult {
    return this.kernel.call(this.host, { syscall: 'accept', nonblocking: true });
  }

  /** The process closes the accepted connection by a reset; what the kernel sends. */
  close(): string[] {
    this.kernel.call(this.host, { syscall: 'close', peer: PEER, linger: 0 });
    return this.sent();
  }

  /** The process closes the listener; what the kernel sends. */
  closeListener(): string[] {
    this.kernel.call(this.host, { syscall: 'close' });
    return this.sent();
  }

  /** The connection's state; undefined when /proc/net/tcp has no row of it. */
  state(): string | undefined {
    return this.kernel.sockets(this.host).find(({ peer }) => peer === PEER)?.state;
  }

  /** What changed in the counters since the last time, but for InSegs and OutSegs. */
  counted(): Partial<Record<CounterName, number>> {
    const now = { ...this.host.counters };
    const changes: Partial<Record<CounterName, number>> = {};
    for (const [name, value] of Object.entries(now) as [CounterName, number][]) {
      const change = value - (this.before[name] ?? 0);
      if (change !== 0 && name !== 'InSegs' && name !== 'OutSegs') changes[name] = change;
    }
    this.before = now;
    return changes;
  }

  /** The rules that fired since the last time. */
  fired(): string[] {
    const { fired } = this.host;
    this.host.fired = [];
    return fired;
  }

  private now(time: number): void {
    this.env.time = time;
    this.host.now = time;
  }

  /** What was sent since the last time, as `ACK 1 ack 21`. */
  private sent(): string[] {
    const sent = this.env.sent.map((segment) => {
      if (segment.syn) this.serverIsn = segment.seq;
      const flags = [segment.syn && 'SYN', segment.rst && 'RST', segment.ack && 'ACK'].filter(Boolean).join('+');
      const seq = segment.rst && segment.seq === 0 ? 'zero' : (segment.seq - this.serverIsn) | 0;
      return segment.ack ? `${flags} ${seq} ack ${(segment.ack_seq - ISN) | 0}` : `${flags} ${seq}`;
    });
    this.env.sent = [];
    return sent;
  }
}
