/** The sockets that /proc/net/tcp and ss list, with what a machine's model knows of them, whichever kernel it runs. */

import type { Host } from '../../host/host.js';
import { u32 } from '../../host/sequence.js';
import type { sock as Sock_2_6_32, sock_base } from '../../linux-2.6.32/include/net/sock.js';
import { TCP_LISTEN, TCP_SYN_RECV, type TcpState } from '../../linux-2.6.32/include/net/tcp-states.js';
import { Machine as Machine_2_6_32 } from '../../linux-2.6.32/machine.js';
import type { sock as Sock_4_15 } from '../../linux-4.15/include/net/sock.js';
import type { Machine as Machine_4_15 } from '../../linux-4.15/machine.js';
import { isRequest } from '../../linux-4.15/net/ipv4/inet-hashtables.js';
import { type Endpoint, endpointOf, LISTENER, NOBODY, SERVER } from './addresses.js';
import { jiffies, jiffiesBetween } from './clock-t.js';
import type { Moment } from './moment.js';

/** What /proc/net/tcp numbers the timers: none, the one for retransmissions (and a request's own), the one for keepalive. */
type TimerKind = 0 | 1 | 2;

/** What only sockets have, and requests do not. */
export interface SocketColumns {
  /** Retransmission timeout and delay of an ACK, jiffies. */
  readonly rto: number;
  readonly ato: number;
  /** Twice the number of ACKs that go out without delay, and 1 more if the conversation goes back and forth. */
  readonly quickAndPingpong: number;
  /** Congestion window, segments: the initial one, as the model has none. */
  readonly cwnd: number;
  /** Slow start threshold, which is -1 while it is infinite; from 4.15 on a listener's Fast Open queue limit. */
  readonly ssthresh: number;
}

/** A row. */
export interface TcpRow {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly state: TcpState;
  /** What was sent and is not acknowledged, bytes. */
  readonly txQueue: number;
  /** What is received and not read, bytes; of a listener the length of its accept queue. */
  readonly rxQueue: number;
  /** What ss is told in place of `txQueue`: of a listener the limit of its accept queue. */
  readonly diagQueue: number;
  readonly timer: TimerKind;
  /** How many jiffies the timer still has; negative: it should have run already. */
  readonly expires: number;
  readonly retransmits: number;
  /** 0: no process has it. Otherwise a placeholder: 10000 for the listener, 10001 and the peer's number for a connection. */
  readonly inode: number;
  readonly socket: SocketColumns | undefined;
}

const LISTENER_INODE = 10_000;
/** The initial congestion windows: what a socket begins with, and what its handshake gives it; in mainline the latter is 3. */
const CWND_2_6_32 = { fresh: 2, connected: 10, connectedMainline: 3 };
const CWND_4_15 = { fresh: 10, connected: 10 };

/** All rows in the order of the kernel's walk: the listener, requests, connections. From 4.15 on the latter two are mixed by a hash. */
export function tcpRows({ host, at }: Moment): TcpRow[] {
  return host instanceof Machine_2_6_32 ? rows_2_6_32(host, at) : rows_4_15(host as Machine_4_15, at);
}

function rows_2_6_32(host: Machine_2_6_32, at: number): TcpRow[] {
  const { listener, ehash, accepted } = host;
  const rows: TcpRow[] = [];
  if (listener?.sk_state === TCP_LISTEN) {
    const { sk_timer } = listener;
    // The timer of the SYN queue is the one that keepalive has on other sockets.
    const timer = sk_timer?.pending === true ? ([2, sk_timer.expires] as const) : NO_TIMER;
    rows.push(listenerRow(host, at, listener, timer, { cwnd: CWND_2_6_32.fresh, ssthresh: -1 }));
  }
  for (const { peer, expires, retrans } of listener?.icsk_accept_queue.listen_opt?.syn_table.entries() ?? []) {
    rows.push(requestRow(peer, jiffiesBetween(host.clock, at, expires), retrans));
  }
  const cwnd = host.mainline ? CWND_2_6_32.connectedMainline : CWND_2_6_32.connected;
  for (const sk of ehash.values()) {
    const isAccepted = accepted.get(sk.peer) === sk;
    rows.push(connectionRow(host, at, sk, isAccepted, NO_TIMER, 0, cwnd));
  }
  return rows;
}

function rows_4_15(host: Machine_4_15, at: number): TcpRow[] {
  const { listener, ehash } = host;
  const rows: TcpRow[] = [];
  if (listener?.sk_state === TCP_LISTEN) {
    const { max_qlen } = listener.icsk_accept_queue.fastopenq;
    rows.push(listenerRow(host, at, listener, NO_TIMER, { cwnd: CWND_4_15.fresh, ssthresh: max_qlen }));
  }
  const connections: TcpRow[] = [];
  for (let found of ehash.values()) {
    for (;;) {
      if (isRequest(found)) {
        const { peer, rsk_timer, num_timeout } = found;
        const left = jiffiesBetween(host.clock, at, rsk_timer?.expires ?? at);
        rows.push(requestRow(peer, left, num_timeout));
      } else {
        const timer = found.icsk_pending === 0 ? NO_TIMER : ([1, found.icsk_timeout] as const);
        const isAccepted = found.sk_socket !== undefined;
        connections.push(
          connectionRow(host, at, found, isAccepted, timer, found.icsk_retransmits, CWND_4_15.connected),
        );
      }
      if (found.hash_next === undefined) break;
      found = found.hash_next;
    }
  }
  return [...rows, ...connections];
}

type RunningTimer = readonly [kind: 1 | 2, expires: number];
const NO_TIMER = undefined;

function listenerRow(
  host: Host,
  at: number,
  sk: sock_base,
  timer: RunningTimer | undefined,
  window: Pick<SocketColumns, 'cwnd' | 'ssthresh'>,
): TcpRow {
  return {
    local: LISTENER,
    remote: NOBODY,
    state: sk.sk_state,
    txQueue: 0,
    rxQueue: sk.sk_ack_backlog,
    diagQueue: sk.sk_max_ack_backlog,
    ...running(host, at, timer),
    retransmits: 0,
    inode: LISTENER_INODE,
    socket: { ...socketColumns(host, sk), ...window },
  };
}

function requestRow(peer: number, expires: number, retransmits: number): TcpRow {
  return {
    local: SERVER,
    remote: endpointOf(peer),
    state: TCP_SYN_RECV,
    txQueue: 0,
    rxQueue: 0,
    diagQueue: 0,
    timer: 1,
    expires,
    retransmits,
    inode: 0,
    socket: undefined,
  };
}

function connectionRow(
  host: Host,
  at: number,
  sk: Sock_2_6_32 | Sock_4_15,
  isAccepted: boolean,
  timer: RunningTimer | undefined,
  retransmits: number,
  cwnd: number,
): TcpRow {
  const unacknowledged = u32(sk.snd_nxt - sk.snd_una);
  return {
    local: SERVER,
    remote: endpointOf(sk.peer),
    state: sk.sk_state,
    txQueue: unacknowledged,
    rxQueue: u32(sk.rcv_nxt - sk.copied_seq),
    diagQueue: unacknowledged,
    ...running(host, at, timer),
    retransmits,
    inode: isAccepted ? LISTENER_INODE + 1 + sk.peer : 0,
    socket: { ...socketColumns(host, sk), cwnd, ssthresh: -1 },
  };
}

function running(host: Host, at: number, timer: RunningTimer | undefined): Pick<TcpRow, 'timer' | 'expires'> {
  if (timer === undefined) return { timer: 0, expires: 0 };
  return { timer: timer[0], expires: jiffiesBetween(host.clock, at, timer[1]) };
}

function socketColumns({ clock }: Host, sk: sock_base): Omit<SocketColumns, 'cwnd' | 'ssthresh'> {
  const { quick, pingpong, ato } = sk.icsk_ack;
  return {
    rto: jiffies(clock, sk.icsk_rto),
    ato: jiffies(clock, ato),
    quickAndPingpong: (quick << 1) | (pingpong ? 1 : 0),
  };
}
