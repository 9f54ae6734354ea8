/** The clients: each does what Linux does for a program that calls `connect`, perhaps writes, and perhaps loses patience. */

import type { Chance } from './chance.js';
import { ACK, FIN, type Line, PSH, RST, SYN } from './line.js';
import type { Plan } from './plan.js';
import type { Timers } from './timers.js';

/** What is due for a client. */
export const TIMER = { syn: 0, write: 1, resend: 2, patience: 3 } as const;

/** Where a client's socket is. `closing`: its FIN is on its way; `finished`: that was acknowledged; `closed`: the socket is gone. */
export const STATE = { synSent: 0, established: 1, closing: 2, closed: 3, finished: 4 } as const;

/** How it ended for a client, as far as it knows itself. */
export const END = {
  none: 0,
  refused: 1,
  reset: 2,
  connectTimedOut: 3,
  writeTimedOut: 4,
  gaveUp: 5,
  served: 6,
} as const;

/** The number of the first peer that is a made-up address; clients have the numbers from 1 on. */
export const FLOOD_PEERS = 0x80000000;

const SECOND = 1_000_000;
/** The first timeout of a SYN (`TCP_TIMEOUT_INIT`). */
const SYN_TIMEOUT = SECOND;
/** The first timeout of data where the handshake had to repeat its SYN, so that no round trip was measured (`TCP_TIMEOUT_FALLBACK`). */
const FALLBACK_TIMEOUT = 3 * SECOND;
/** What is added to the round trip for the first timeout of data (`TCP_RTO_MIN`). */
const LEAST_TIMEOUT = 200_000;
/** The longest timeout (`TCP_RTO_MAX`). */
const LONGEST_TIMEOUT = 120 * SECOND;
/** After so long data that nobody acknowledges fails: 15 retransmissions, as tcp_retries2 says, from a timeout of 200 ms on. */
const WRITE_TIMEOUT = 924_600_000;
/** How often a closed client's FIN is sent again (`tcp_orphan_retries`). */
const ORPHAN_RETRIES = 8;

/** No time: something that has not happened. */
export const NEVER = -1;

/** All clients, in columns by their number from 0 on; the peer's number is one more. */
export class Clients {
  /** How many have come. */
  count = 0;
  state = new Uint8Array(1024);
  end = new Uint8Array(1024);
  /** How many SYNs each has sent. */
  syns = new Uint8Array(1024);
  /** µs: its first SYN. */
  began = new Float64Array(1024);
  /** µs: `connect` succeeded; {@link NEVER}: not. */
  connected = new Float64Array(1024);
  /** µs: the server accepted it; {@link NEVER}: not. */
  accepted = new Float64Array(1024);
  private isn = new Uint32Array(1024);
  /** Bytes written, a FIN as one more, and how many of them are acknowledged. */
  private written = new Uint16Array(1024);
  private acknowledged = new Uint16Array(1024);
  /** Retransmissions of what was written. */
  private resends = new Uint8Array(1024);
  /** µs: what is not acknowledged was first sent; and when it is sent again, 0: no timer. */
  private wrote = new Float64Array(1024);
  private resendAt = new Float64Array(1024);
  /** Clients of which a SYN had to be sent again, or that the server does not go on with: what a search for losses stops at. */
  troubled = 0;

  /** The first client that may still wait for an answer to its first SYN. */
  private unanswered = 0;

  private readonly plan: Plan;
  private readonly up: Line;
  private readonly timers: Timers;
  private readonly chance: Chance;

  /** `up`: the way to the server, on which `chance` loses segments. */
  constructor(plan: Plan, up: Line, timers: Timers, chance: Chance) {
    this.plan = plan;
    this.up = up;
    this.timers = timers;
    this.chance = chance;
  }

  /** Another client calls `connect`. */
  arrive(at: number): void {
    if (this.count === this.state.length) this.grow();
    const client = this.count++;
    this.began[client] = at;
    this.connected[client] = NEVER;
    this.accepted[client] = NEVER;
    this.sendSyn(client, at);
    this.timers.add(at + this.plan.patience, TIMER.patience, client);
  }

  /** A segment from the server has arrived. */
  receive(peer: number, flags: number, seq: number, ack: number, at: number): void {
    const client = peer - 1;
    switch (this.state[client]) {
      case STATE.synSent:
        if ((flags & RST) !== 0) this.close(client, END.refused);
        else if ((flags & SYN) !== 0) this.establish(client, seq, at);
        return;
      case STATE.established:
      case STATE.closing:
        if ((flags & RST) !== 0) this.reset(client);
        else if ((flags & SYN) !== 0) this.acknowledge(client, at);
        else this.acknowledgedUpTo(client, ack);
        return;
      case STATE.finished:
        return;
      default:
        // Its socket is gone: whatever comes is answered with a reset.
        if ((flags & RST) === 0) this.send(client, RST, ack, 0, 0, at);
    }
  }

  /**
   * When a client is next to send its first SYN again; Infinity: none is. All wait equally long for an answer, so their time runs out in the
   * order in which they came, and few of a million need a timer for it.
   */
  get firstSynDue(): number {
    while (this.unanswered < this.count && this.state[this.unanswered] !== STATE.synSent) this.unanswered += 1;
    return this.unanswered < this.count
      ? (this.began[this.unanswered] as number) + SYN_TIMEOUT
      : Number.POSITIVE_INFINITY;
  }

  /** It is that time. */
  expireFirstSyn(at: number): void {
    this.synTimeout(this.unanswered++, at);
  }

  /** A timer of a client has run out. */
  expire(kind: number, client: number, at: number): void {
    if (kind === TIMER.syn) this.synTimeout(client, at);
    else if (kind === TIMER.write) this.write(client, this.plan.bytes, at);
    else if (kind === TIMER.resend) this.resendTimeout(client, at);
    else this.loseHope(client, at);
  }

  /** The server has accepted a client's connection. */
  accept(client: number, at: number): void {
    this.accepted[client] = at;
  }

  private sendSyn(client: number, at: number): void {
    const sent = (this.syns[client] as number) + 1;
    this.syns[client] = sent;
    if (sent === 2) this.troubled += 1;
    this.send(client, SYN, issOf(client), 0, 0, at);
    if (sent > 1) this.timers.add(at + this.synTimeoutAfter(sent), TIMER.syn, client);
  }

  /** µs from the first SYN to the one that makes it `sent` of them. */
  lastSyn(sent: number): number {
    let after = 0;
    for (let one = 1; one < sent; one++) after += this.synTimeoutAfter(one);
    return after;
  }

  /** How long is waited for an answer to the last of `sent` SYNs. */
  private synTimeoutAfter(sent: number): number {
    const doublings = Math.max(0, sent - 1 - this.plan.linearTimeouts);
    return Math.min(SYN_TIMEOUT * 2 ** doublings, LONGEST_TIMEOUT);
  }

  private synTimeout(client: number, at: number): void {
    if (this.state[client] !== STATE.synSent) return;
    const { linearTimeouts, synRetries } = this.plan;
    if ((this.syns[client] as number) > synRetries + linearTimeouts) this.close(client, END.connectTimedOut);
    else this.sendSyn(client, at);
  }

  /** The SYN-ACK has come: the client is connected, as far as it knows. */
  private establish(client: number, seq: number, at: number): void {
    const { bytes, writesAfter } = this.plan;
    this.state[client] = STATE.established;
    this.isn[client] = seq;
    this.connected[client] = at;
    this.acknowledge(client, at);
    if (bytes === 0) return;
    if (writesAfter === 0) this.write(client, bytes, at);
    else this.timers.add(at + writesAfter, TIMER.write, client);
  }

  /** An ACK of all that can have come. */
  private acknowledge(client: number, at: number): void {
    this.send(client, ACK, issOf(client) + 1 + (this.written[client] as number), this.next(client), 0, at);
  }

  private acknowledgedUpTo(client: number, ack: number): void {
    const bytes = (ack - issOf(client) - 1) >>> 0;
    if (bytes > (this.acknowledged[client] as number) && bytes <= (this.written[client] as number)) {
      this.acknowledged[client] = bytes;
      this.resends[client] = 0;
      if (this.state[client] === STATE.closing && bytes === this.written[client]) this.state[client] = STATE.finished;
    }
  }

  private write(client: number, bytes: number, at: number): void {
    if (this.state[client] !== STATE.established) return;
    this.written[client] = bytes;
    this.transmit(client, at);
    this.await(client, at);
  }

  /** Sends what is not acknowledged in one segment. */
  private transmit(client: number, at: number): void {
    const done = this.acknowledged[client] as number;
    const fin = this.state[client] === STATE.closing ? 1 : 0;
    const len = (this.written[client] as number) - fin - done;
    const flags = ACK | (fin === 1 ? FIN : 0) | (len > 0 ? PSH : 0);
    this.send(client, flags, issOf(client) + 1 + done, this.next(client), len, at);
  }

  /** Waits for what was just sent to be acknowledged. */
  private await(client: number, at: number): void {
    const { toClient, toServer } = this.plan;
    const first = this.syns[client] === 1 ? LEAST_TIMEOUT + toClient + toServer : FALLBACK_TIMEOUT;
    this.wrote[client] = at;
    this.resends[client] = 0;
    const running = this.resendAt[client] !== 0;
    this.resendAt[client] = at + first;
    if (!running) this.timers.add(at + first, TIMER.resend, client);
  }

  private resendTimeout(client: number, at: number): void {
    const due = this.resendAt[client] as number;
    this.resendAt[client] = 0;
    const { closed, closing } = STATE;
    if (this.state[client] === closed || this.acknowledged[client] === this.written[client]) return;
    if (at < due) {
      this.resendAt[client] = due;
      this.timers.add(due, TIMER.resend, client);
      return;
    }
    const resends = (this.resends[client] as number) + 1;
    if (this.state[client] === closing && resends > ORPHAN_RETRIES) {
      this.state[client] = closed;
      return;
    }
    const first = this.wrote[client] as number;
    if (at - first >= WRITE_TIMEOUT) {
      this.close(client, END.writeTimedOut);
      return;
    }
    this.resends[client] = resends;
    this.transmit(client, at);
    const { toClient, toServer } = this.plan;
    const timeout = this.syns[client] === 1 ? LEAST_TIMEOUT + toClient + toServer : FALLBACK_TIMEOUT;
    const next = at + Math.min(timeout * 2 ** resends, LONGEST_TIMEOUT);
    this.resendAt[client] = next;
    this.timers.add(next, TIMER.resend, client);
  }

  /** Its patience is over. Before the SYN-ACK nobody is told; afterwards the connection is closed with a FIN. */
  private loseHope(client: number, at: number): void {
    if (this.accepted[client] !== NEVER) return;
    if (this.state[client] === STATE.synSent) {
      this.close(client, END.gaveUp);
    } else if (this.state[client] === STATE.established) {
      this.end[client] = END.gaveUp;
      this.troubled += 1;
      this.state[client] = STATE.closing;
      this.written[client] = (this.written[client] as number) + 1;
      this.transmit(client, at);
      this.await(client, at);
    }
  }

  /** The server ends what it has accepted with a reset, too; then all went well. */
  private reset(client: number): void {
    if (this.state[client] === STATE.closing) this.state[client] = STATE.closed;
    else this.close(client, this.accepted[client] === NEVER ? END.reset : END.served);
  }

  private close(client: number, end: number): void {
    this.state[client] = STATE.closed;
    this.end[client] = end;
    if (end !== END.served) this.troubled += 1;
  }

  /** The number that is expected of the server, which sends no data. */
  private next(client: number): number {
    return ((this.isn[client] as number) + 1) >>> 0;
  }

  private send(client: number, flags: number, seq: number, ack: number, len: number, at: number): void {
    if (this.chance.happens(this.plan.loss)) return;
    this.up.send(at + this.plan.toServer, client + 1, flags, seq >>> 0, ack >>> 0, len);
  }

  private grow(): void {
    const twice = <A extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    const length = 2 * this.state.length;
    this.state = twice(this.state, new Uint8Array(length));
    this.end = twice(this.end, new Uint8Array(length));
    this.syns = twice(this.syns, new Uint8Array(length));
    this.began = twice(this.began, new Float64Array(length));
    this.connected = twice(this.connected, new Float64Array(length));
    this.accepted = twice(this.accepted, new Float64Array(length));
    this.isn = twice(this.isn, new Uint32Array(length));
    this.written = twice(this.written, new Uint16Array(length));
    this.acknowledged = twice(this.acknowledged, new Uint16Array(length));
    this.resends = twice(this.resends, new Uint8Array(length));
    this.wrote = twice(this.wrote, new Float64Array(length));
    this.resendAt = twice(this.resendAt, new Float64Array(length));
  }
}

/** A client's initial sequence number: any will do, but it should not be the same for all. */
export const issOf = (client: number): number => Math.imul(client + 1, 0x9e3779b1) >>> 0;
