/** A scenario while it is being put together: what blocks of events need to know of the blocks before them. */

import type { ArrivingSegment, Fault, ListenCall, SocketOptions, TraceEvent } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { synQueueSize } from '../../src/linux-2.6.32/net/core/request-sock.js';
import { defaultOf } from './sysctls.js';

/** A few events that belong together. What a block writes hangs on the blocks before it, but it makes sense after any. */
export type Block = (script: Script) => void;

/** What a peer has sent so far. */
interface Sender {
  /** The number of its SYN. */
  readonly isn: number;
  /** Bytes after the SYN, the FIN included. */
  sent: number;
}

/** Peers of floods are numbered from here on; those below are written about one by one. */
const FLOOD = 100;

/** How many peers of floods are no flood yet. */
const A_HANDFUL = 4;
/** µs between two visits of 2.6.32 to its SYN queue. */
const VISITS = 200_000;
/** µs around a visit; and how far a wait is moved to get away from there. */
const AROUND = 3000;
const NUDGE = 7000;

/** Writes events. */
export class Script {
  readonly kernel: KernelVariant;
  readonly sockopt: SocketOptions;
  readonly events: TraceEvent[] = [];
  /** Peers that came in a flood and whose handshake nobody has completed since. */
  readonly flooded: number[] = [];
  private readonly sysctl: Record<string, number>;
  private readonly senders = new Map<number, Sender>();
  private next = FLOOD;
  private backlog = 0;
  /** Somebody has the port. */
  listening = false;
  private time = 0;
  /** When SYNs have arrived. */
  private readonly begun = new Set<number>();
  private tableFor: { readonly backlog: number; readonly most: number } | undefined = undefined;

  constructor(kernel: KernelVariant, sysctl: Readonly<Record<string, number>>, sockopt: SocketOptions) {
    this.kernel = kernel;
    this.sysctl = { ...sysctl };
    this.sockopt = sockopt;
  }

  /** The value of a sysctl as it should be now. */
  setting(name: string): number {
    return this.sysctl[name] ?? defaultOf(this.kernel, name) ?? 0;
  }

  /** The limit of the accept queue; at most a million, which no scenario reaches. */
  get acceptLimit(): number {
    const somaxconn = this.setting('net.core.somaxconn');
    const limit = this.backlog >>> 0 > somaxconn >>> 0 ? somaxconn : this.backlog;
    return Math.min((this.kernel.name === '2.6.32' ? limit & 0xffff : limit) >>> 0, 1_000_000);
  }

  /** How many requests the SYN queue takes. */
  get synLimit(): number {
    if (this.kernel.name !== '2.6.32' || this.tableFor === undefined) return this.acceptLimit;
    return synQueueSize(this.tableFor.backlog, this.tableFor.most).nr_table_entries;
  }

  /** Adds an event. */
  add(event: TraceEvent): void {
    this.events.push(event);
  }

  /** `listen`; what it means for the limits is remembered. */
  listen(backlog: number, more: Pick<ListenCall, 'on' | 'faults'> = {}): void {
    this.add({ syscall: 'listen', backlog, ...more });
    if (more.on !== undefined || more.faults !== undefined) return;
    this.listening = true;
    this.backlog = backlog;
    this.tableFor ??= { backlog: this.acceptLimit, most: this.setting('net.ipv4.tcp_max_syn_backlog') };
  }

  /** `accept`, so many times. */
  accept(times = 1): void {
    for (let i = 0; i < times; i++) this.add({ syscall: 'accept', nonblocking: true });
  }

  /** The listener goes, by `close` or `shutdown`; the next `listen` starts anew. */
  stop(event: TraceEvent): void {
    this.add(event);
    this.listening = false;
    this.tableFor = undefined;
  }

  /** The server closes a connection with a reset. */
  closeConnection(peer: number): void {
    this.add({ syscall: 'close', peer, linger: 0 });
  }

  /** About so many µs in which nothing arrives. */
  wait(us: number): void {
    let wait = Math.max(0, Math.round(us));
    while (this.many && this.isNearVisit(this.time + wait)) wait += NUDGE;
    this.time += wait;
    this.add({ wait });
  }

  /** A sysctl is written. */
  write(name: string, value: number): void {
    this.sysctl[name] = value;
    this.add({ sysctl: { [name]: value } });
  }

  /** Segments arrive; none: nothing happens. */
  arrive(segments: readonly ArrivingSegment[], faults: readonly Fault[] = []): void {
    if (segments.length === 0) return;
    if (segments.some(({ flags }) => flags.includes('SYN'))) this.begun.add(this.time);
    this.add(faults.length === 0 ? { segments } : { segments, faults });
  }

  /** A SYN. `again`: how often the peer has begun anew, each time with another number. */
  syn(peer: number, more: Partial<ArrivingSegment> = {}, again = 0): ArrivingSegment {
    const isn = initialNumber(peer, again);
    // Its data are sent again with the handshake's ACK unless Fast Open took them.
    this.senders.set(peer, { isn, sent: 0 });
    return { peer, flags: ['SYN'], seq: isn, ...more };
  }

  /** An ACK as the peer would send it now. `len` bytes follow what it has sent, `offset` bytes later; `plus`: 1 acknowledges the SYN-ACK. */
  ack(peer: number, { offset = 0, len = 0, plus = 1 } = {}): ArrivingSegment {
    const segment: ArrivingSegment = {
      ...this.bare(peer, offset, len),
      flags: len === 0 ? ['ACK'] : ['PSH', 'ACK'],
      ack: { of: 'synack', plus },
    };
    if (offset === 0) this.advance(peer, len);
    return segment;
  }

  /** A segment without any flag, `offset` bytes after what the peer has sent. */
  bare(peer: number, offset = 0, len = 0): ArrivingSegment {
    const { isn, sent } = this.sender(peer);
    return { peer, flags: [], seq: (isn + 1 + sent + offset) >>> 0, ...(len === 0 ? {} : { len }) };
  }

  /** The peer has sent so many bytes more. */
  advance(peer: number, bytes: number): void {
    this.sender(peer).sent += bytes;
  }

  /** How many bytes the peer has sent after its SYN. */
  sentBy(peer: number): number {
    return this.sender(peer).sent;
  }

  /** Peers that nobody has heard of; before many of them there may be a short wait. */
  fresh(count: number): number[] {
    if (this.kernel.name === '2.6.32' && count > A_HANDFUL && this.isNearVisit(this.time)) this.wait(NUDGE);
    const peers = Array.from({ length: count }, (_, i) => this.next + i);
    this.next += count;
    return peers;
  }

  /**
   * 2.6.32 visits a few buckets of its SYN queue every 200 ms. Where a wait ends in the very ms of a visit, each of the requests may or may not
   * have been visited. With a handful of requests that is an edge worth trying; with many the judge has more ways to try than it can.
   */
  private get many(): boolean {
    return this.kernel.name === '2.6.32' && this.next - FLOOD > A_HANDFUL;
  }

  private isNearVisit(at: number): boolean {
    return [...this.begun].some((begun) => {
      if (begun === at) return false;
      const since = (at - begun) % VISITS;
      return since < AROUND || since > VISITS - AROUND;
    });
  }

  private sender(peer: number): Sender {
    const known = this.senders.get(peer) ?? { isn: initialNumber(peer, 0), sent: 0 };
    this.senders.set(peer, known);
    return known;
  }
}

/** A peer's first number. That of peer 3 is the last one before the numbers wrap. */
function initialNumber(peer: number, again: number): number {
  const first = peer === 3 ? 0xffffffff : 1000 * (peer + 1);
  return (first + 500_000 * again) >>> 0;
}
