/** A machine to try things on: a listener, clients that open, acknowledge and write, and what the server makes of each segment. */

import { Clock } from '../host/clock.js';
import { type CounterName, TCP_EXT_ROW, TCP_ROW } from '../host/counters.js';
import type { Host } from '../host/host.js';
import type { RuleId } from '../host/rule.js';
import { type SkBuff, skb } from '../host/segment.js';
import { u32 } from '../host/sequence.js';
import type { Errno, KernelVariant, ListenerInfo } from '../host/variant.js';
import { SeededEnvironment } from '../run/environment.js';

/** What went back for a segment. A cookie is a SYN-ACK for which the server keeps nothing. */
export type Reply = 'SYN-ACK' | 'cookie' | 'reset' | 'ACK' | 'nothing';

/** What the server did with one segment. */
export interface Outcome {
  readonly reply: Reply;
  /** The counters that moved, apart from those of segments in and out. */
  readonly counters: readonly string[];
  /** The rules that fired, in order. */
  readonly rules: readonly RuleId[];
  /** What was written to the kernel log. */
  readonly log: readonly string[];
}

/** The settings of a machine, by full name. */
export type Sysctls = Readonly<Record<string, number>>;

/** A segment that the server sent, and when, µs. */
export interface Answer {
  readonly peer: number;
  readonly at: number;
}

const CLIENT_ISN = 1000;
const TRAFFIC: ReadonlySet<string> = new Set(['InSegs', 'OutSegs', 'RetransSegs']);
const NAMES: readonly CounterName[] = [...TCP_ROW, ...TCP_EXT_ROW].filter((name) => !TRAFFIC.has(name));

/** What the kernel leaves to chance. */
export interface Chance {
  /** Settles everything that is not settled below. */
  readonly seed?: number;
  /** How far the minute of the cookie clock has got at the start, µs. */
  readonly minute?: number;
}

/** One kernel with one listener. */
export class Probe {
  readonly host: Host;
  /** What `listen` gave. */
  readonly listened: 0 | Errno;
  /** Of the settings, those that the kernel refused, with the errno. */
  readonly refused: Readonly<Record<string, Errno>>;
  private readonly variant: KernelVariant;
  private readonly env: SeededEnvironment;
  /** The server's last initial number, by peer. */
  private readonly isns = new Map<number, number>();

  constructor(variant: KernelVariant, backlog: number, sysctls: Sysctls, { seed = 0, minute = 0 }: Chance = {}) {
    this.variant = variant;
    this.env = new SeededEnvironment(seed);
    const clock = Clock.known(1000, this.env.choose(1000), this.env.choose(2 ** 20), minute);
    this.host = variant.boot(this.env, clock, {});
    const refused: Record<string, Errno> = {};
    for (const [name, value] of Object.entries(sysctls)) {
      const errno = variant.writeSysctl(this.host, name, value);
      if (errno !== 0) refused[name] = errno;
    }
    this.refused = refused;
    this.listened = variant.call(this.host, { syscall: 'listen', backlog }).result;
  }

  /** The listener's TCP_INFO. */
  get info(): ListenerInfo | undefined {
    return this.variant.listener(this.host);
  }

  /** A client opens a connection. */
  syn(peer: number): Reply {
    return this.arrives(skb({ peer, syn: true, seq: CLIENT_ISN }));
  }

  /** The client acknowledges the server's SYN-ACK, with `len` bytes of data. */
  ack(peer: number, len = 0): Reply {
    const ack_seq = u32((this.isns.get(peer) ?? 0) + 1);
    return this.arrives(skb({ peer, ack: true, psh: len > 0, seq: CLIENT_ISN + 1, ack_seq, len }));
  }

  /** A whole handshake; true when the connection came into the accept queue. */
  connect(peer: number): boolean {
    const before = this.info?.acceptQueue ?? 0;
    if (this.syn(peer) === 'nothing') return false;
    this.ack(peer);
    return (this.info?.acceptQueue ?? 0) > before;
  }

  /** The server's process accepts the oldest connection. */
  accept(): void {
    this.variant.call(this.host, { syscall: 'accept', nonblocking: true });
  }

  /** Lets time pass until `until`, µs. `onTick` is told after each tick that fired a timer. */
  elapse(
    until: number,
    onTick: (at: number, sent: readonly Answer[], rules: readonly RuleId[]) => void = () => {},
  ): void {
    const { env, host } = this;
    for (
      let tick = host.timers.next(host, until);
      tick !== undefined && tick.lo <= until;
      tick = host.timers.next(host, until)
    ) {
      env.time = Math.max(env.time, tick.lo);
      host.fired = [];
      host.timers.run(host);
      onTick(env.time, env.sent, host.fired);
      env.sent = [];
    }
    env.time = until;
    host.now = until;
  }

  /** The peers that /proc/net/tcp shows. */
  peers(): Set<number> {
    return new Set(this.variant.sockets(this.host).map(({ peer }) => peer));
  }

  /** Does what `segment` does, and tells what came of it. */
  watch(segment: (probe: Probe) => Reply): Outcome {
    const { host } = this;
    const before = NAMES.map((name) => host.counters[name]);
    host.log = [];
    const reply = segment(this);
    return {
      reply,
      counters: NAMES.filter((name, i) => host.counters[name] !== before[i]),
      rules: host.fired,
      log: host.log,
    };
  }

  private arrives(segment: SkBuff): Reply {
    const { env, host } = this;
    const cookies = host.counters.SyncookiesSent;
    host.fired = [];
    this.variant.receive(host, segment);
    const [sent] = env.sent;
    if (sent === undefined) return 'nothing';
    env.sent = [];
    if (sent.rst) return 'reset';
    if (!sent.syn) return 'ACK';
    this.isns.set(sent.peer, sent.seq);
    return host.counters.SyncookiesSent === cookies ? 'SYN-ACK' : 'cookie';
  }
}
