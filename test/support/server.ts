/** A machine whose process listens, and peers that talk to it by numbers relative to both initial ones. For tests of the listen path. */

import type { Fault } from '../../src/generated/types.js';
import { Clock } from '../../src/host/clock.js';
import type { CounterName } from '../../src/host/counters.js';
import type { Host } from '../../src/host/host.js';
import { skb } from '../../src/host/segment.js';
import { u32 } from '../../src/host/sequence.js';
import type { CallResult, KernelVariant, SocketOptions, SystemCall } from '../../src/host/variant.js';
import { SeededEnvironment } from '../../src/run/environment.js';

/** What a test says of a segment. */
export interface Told {
  /** Relative to the peer's initial number, which its SYN has; default 0 for a SYN, otherwise 1. */
  readonly seq?: number;
  /** Relative to the last SYN-ACK's number; default 1. */
  readonly ack?: number;
  readonly len?: number;
  /** Value of a timestamp option. */
  readonly tsval?: number;
  readonly broadcast?: boolean;
  readonly twIsn?: number;
  readonly faults?: readonly Fault[];
}

/** How a server is set up. */
export interface Setup {
  /** Default 5; undefined: nobody listens. */
  readonly backlog?: number | undefined;
  readonly sysctl?: Record<string, number>;
  readonly sockopt?: SocketOptions;
  /** For how many ms the machine has been up at the time 0. */
  readonly uptime?: number;
}

/** Sysctls by their last part: `{ tcp_syncookies: 0 }`. */
function sysctls(short: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(short).map(([name, value]) => [
      name === 'somaxconn' ? `net.core.${name}` : `net.ipv4.${name}`,
      value,
    ]),
  );
}

/** The machine. Its jiffies begin with whole milliseconds, and are 0 at the time 0, unless it has an uptime. */
export class Server {
  readonly host: Host;
  private readonly env = new SeededEnvironment(1);
  private readonly kernel: KernelVariant;
  private readonly isns = new Map<number, number>();
  private before: Partial<Record<CounterName, number>> = {};
  /** µs. */
  private time = 0;

  constructor(kernel: KernelVariant, { backlog = 5, sysctl = {}, sockopt = {}, uptime }: Setup = {}) {
    this.kernel = kernel;
    const phase = uptime === undefined ? 0 : { uptime: uptime * 1000 };
    this.host = kernel.boot(this.env, Clock.known(1000, 0, phase, 0), sockopt);
    for (const [name, value] of Object.entries(sysctls(sysctl))) kernel.writeSysctl(this.host, name, value);
    this.call({ syscall: 'listen', backlog });
    this.rules();
  }

  /** A system call. */
  call(call: SystemCall, faults: readonly Fault[] = []): CallResult {
    return this.during(faults, () => this.kernel.call(this.host, call));
  }

  /** `listen`: its result. */
  listen(backlog: number): CallResult['result'] {
    return this.call({ syscall: 'listen', backlog }).result;
  }

  /** `accept`: the peer of the connection, or the errno. */
  accept(): number | string {
    const { result, accepted } = this.call({ syscall: 'accept', nonblocking: true });
    return accepted ?? result;
  }

  /** Writes a sysctl by its last part. */
  set(name: string, value: number): number | string {
    const [full] = Object.keys(sysctls({ [name]: 0 }));
    return this.kernel.writeSysctl(this.host, full as string, value);
  }

  /** A segment from `peer` with the flags of the letters in S A R F P, and what the kernel answers at once. */
  send(peer: number, flags: string, told: Told = {}): string[] {
    const has = (letter: string): boolean => flags.includes(letter);
    const { seq = has('S') ? 0 : 1, ack = 1, len = 0, tsval, broadcast = false, twIsn = 0, faults = [] } = told;
    const segment = skb({
      peer,
      syn: has('S'),
      ack: has('A'),
      rst: has('R'),
      fin: has('F'),
      psh: has('P'),
      seq: u32(this.isnOf(peer) + seq),
      ack_seq: has('A') ? u32((this.isns.get(peer) ?? 0) + ack) : 0,
      len,
      saw_tstamp: tsval !== undefined,
      rcv_tsval: tsval ?? 0,
      broadcast,
      tw_isn: twIsn,
    });
    this.during(faults, () => this.kernel.receive(this.host, segment));
    return this.sent(false);
  }

  /** A SYN. */
  syn(peer: number, told: Told = {}): string[] {
    return this.send(peer, 'S', told);
  }

  /** The ACK that completes a handshake. */
  ack(peer: number, told: Told = {}): string[] {
    return this.send(peer, 'A', told);
  }

  /** SYN and ACK of each of the peers. */
  connect(...peers: number[]): this {
    for (const peer of peers) {
      this.syn(peer);
      this.ack(peer);
    }
    return this;
  }

  /** SYNs of all of the peers. */
  syns(...peers: number[]): this {
    for (const peer of peers) this.syn(peer);
    return this;
  }

  /** Lets so many milliseconds pass; what was sent, with the time in ms. */
  wait(ms: number, faults: readonly Fault[] = []): string[] {
    const until = this.time + ms * 1000;
    const { timers } = this.host;
    const sent: string[] = [];
    this.during(faults, () => {
      for (let tick = timers.next(this.host, until); tick !== undefined; tick = timers.next(this.host, until)) {
        timers.run(this.host);
        sent.push(...this.sent(true));
      }
    });
    this.time = until;
    this.host.now = until;
    return sent;
  }

  /** Lets time pass until so many milliseconds after the start. */
  waitUntil(ms: number): string[] {
    return this.wait(ms - this.time / 1000);
  }

  /** The counters that have moved since the last time, but for those of every segment. */
  counted(): Record<string, number> {
    const moved: Record<string, number> = {};
    for (const [name, value] of Object.entries(this.host.counters)) {
      const delta = value - (this.before[name as CounterName] ?? 0);
      if (delta !== 0 && name !== 'InSegs' && name !== 'OutSegs') moved[name] = delta;
    }
    this.before = { ...this.host.counters };
    return moved;
  }

  /** The rules that have fired since the last time. */
  rules(): string[] {
    return this.host.fired.splice(0);
  }

  /** The number of the last SYN-ACK to a peer. */
  isn(peer: number): number {
    return this.isns.get(peer) ?? 0;
  }

  /** What was sent during system calls since the last time. */
  out(): string[] {
    return this.sent(false);
  }

  /** The accept queue's length and limit. */
  queue(): [length: number, limit: number] | undefined {
    const info = this.kernel.listener(this.host);
    return info === undefined ? undefined : [info.acceptQueue, info.maxAcceptQueue];
  }

  /** The rows of /proc/net/tcp by peer: `7 SYN_RECV 1`; an A for one that a process has. */
  rows(): string[] {
    const rows = [...this.kernel.sockets(this.host)].sort((a, b) => a.peer - b.peer);
    return rows.map((row) => `${row.peer} ${row.state} ${row.retransmits}${row.accepted ? ' A' : ''}`);
  }

  private during<T>(faults: readonly Fault[], act: () => T): T {
    this.host.faults = new Set(faults);
    try {
      return act();
    } finally {
      this.host.faults = new Set();
    }
  }

  private isnOf(peer: number): number {
    return u32(0xffff_fff0 + peer * 65_537);
  }

  private sent(timed: boolean): string[] {
    return this.env.sent.splice(0).map((segment) => {
      const { peer, syn, ack, rst, fin, seq, ack_seq } = segment;
      if (syn) this.isns.set(peer, seq);
      const flags = [syn && 'SYN', rst && 'RST', fin && 'FIN', ack && 'ACK'].filter(Boolean).join('+');
      const isn = this.isns.get(peer);
      const from = syn || isn === undefined || (rst && ack && seq === 0) ? '' : ` ${(seq - isn) | 0}`;
      const to = ack ? ` ack ${(ack_seq - this.isnOf(peer)) | 0}` : '';
      return `${timed ? `${this.host.now / 1000} ms: ` : ''}${flags}${from}${to} to ${peer}`;
    });
  }
}
