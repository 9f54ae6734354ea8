/** What a machine's listener and its queues hold, whichever kernel it runs, and that in words. */

import type { Host } from '../host/host.js';
import type { KernelVariant, ListenerInfo, SocketRow } from '../host/variant.js';
import type { request_sock as Request_2_6_32 } from '../linux-2.6.32/include/net/request-sock.js';
import { stateName as stateName_2_6_32 } from '../linux-2.6.32/include/net/tcp-states.js';
import { Machine as Machine_2_6_32 } from '../linux-2.6.32/machine.js';
import type { request_sock as Request_4_15 } from '../linux-4.15/include/net/request-sock.js';
import { stateName as stateName_4_15 } from '../linux-4.15/include/net/tcp-states.js';
import type { Machine as Machine_4_15 } from '../linux-4.15/machine.js';
import { isRequest } from '../linux-4.15/net/ipv4/inet-hashtables.js';
import { grouped, peersInWords } from './peers.js';

/** A connection whose handshake is not complete. */
interface QueuedRequest {
  readonly peer: number;
  /** Timeouts so far; 0: it is young. */
  readonly timeouts: number;
  /** When its timer runs out, µs; undefined: it has none. */
  readonly due: number | undefined;
}

/** A connection that waits to be accepted. */
interface WaitingConnection {
  readonly peer: number;
  readonly state: SocketRow['state'];
}

/** The listener, its queues, and the connections of the process. */
export interface MachineState {
  readonly listener: ListenerInfo | undefined;
  /** The accept queue, the oldest first. */
  readonly waiting: readonly WaitingConnection[];
  /** The SYN queue, by peer. */
  readonly requests: readonly QueuedRequest[];
  readonly sockets: readonly SocketRow[];
}

/** The state of a machine that runs `variant`. */
export function machineState(variant: KernelVariant, host: Host): MachineState {
  const [waiting, requests] = host instanceof Machine_2_6_32 ? queues_2_6_32(host) : queues_4_15(host as Machine_4_15);
  return {
    listener: variant.listener(host),
    waiting,
    requests: requests.sort((a, b) => a.peer - b.peer),
    sockets: variant.sockets(host),
  };
}

type Queues = [waiting: WaitingConnection[], requests: QueuedRequest[]];

function queues_2_6_32({ listener }: Machine_2_6_32): Queues {
  const queue = listener?.icsk_accept_queue;
  const waiting: WaitingConnection[] = [];
  for (let req: Request_2_6_32 | undefined = queue?.rskq_accept_head; req !== undefined; req = req.dl_next) {
    if (req.sk !== undefined) waiting.push({ peer: req.peer, state: stateName_2_6_32(req.sk.sk_state) });
  }
  const requests = [...(queue?.listen_opt?.syn_table.entries() ?? [])];
  return [waiting, requests.map(({ peer, retrans, expires }) => ({ peer, timeouts: retrans, due: expires }))];
}

function queues_4_15({ listener, ehash }: Machine_4_15): Queues {
  const waiting: WaitingConnection[] = [];
  let req: Request_4_15 | undefined = listener?.icsk_accept_queue.rskq_accept_head;
  for (; req !== undefined; req = req.dl_next) {
    if (req.sk !== undefined) waiting.push({ peer: req.peer, state: stateName_4_15(req.sk.sk_state) });
  }
  const requests: QueuedRequest[] = [];
  for (let found of ehash.values()) {
    for (;;) {
      if (isRequest(found)) {
        const { peer, num_timeout, rsk_timer } = found;
        requests.push({
          peer,
          timeouts: num_timeout,
          due: rsk_timer?.pending === true ? rsk_timer.expires : undefined,
        });
      }
      if (found.hash_next === undefined) break;
      found = found.hash_next;
    }
  }
  return [waiting, requests];
}

/** The state in a few lines. */
export function stateInWords({ listener, waiting, requests, sockets }: MachineState): string[] {
  const lines: string[] = [];
  if (listener === undefined) {
    lines.push('no listener');
  } else {
    const length = `${listener.acceptQueue} of at most ${listener.maxAcceptQueue} + 1`;
    lines.push(`${listener.state}; accept queue: ${length}${waitingInWords(waiting)}`);
  }
  const [young, old] = [
    requests.filter(({ timeouts }) => timeouts === 0),
    requests.filter(({ timeouts }) => timeouts > 0),
  ];
  if (young.length > 0) lines.push(`SYN queue, young: ${young.length} (${requestsInWords(young)})`);
  if (old.length > 0) lines.push(`SYN queue, old: ${old.length} (${requestsInWords(old)})`);
  if (listener !== undefined && requests.length === 0) lines.push('SYN queue: empty');
  const accepted = sockets.filter((row) => row.accepted).map(({ peer }) => peer);
  if (accepted.length > 0) lines.push(`accepted: ${peersInWords(accepted)}`);
  return lines;
}

function waitingInWords(waiting: readonly WaitingConnection[]): string {
  if (waiting.length === 0) return '';
  const groups = [...grouped(waiting, ({ state }) => (state === 'ESTABLISHED' ? '' : ` in ${state}`))];
  const words = groups.map(([state, group]) => `${peersInWords(group.map(({ peer }) => peer))}${state}`);
  return ` (${words.join('; ')})`;
}

function requestsInWords(requests: readonly QueuedRequest[]): string {
  const groups = grouped(requests, ({ timeouts, due }) => {
    const times = timeouts === 0 ? '' : `, ${timeouts} ${timeouts === 1 ? 'timeout' : 'timeouts'}`;
    return `${times}${due === undefined ? '' : `, due from ${(due / 1_000_000).toFixed(3)} s on`}`;
  });
  return [...groups].map(([about, group]) => `${peersInWords(group.map(({ peer }) => peer))}${about}`).join('; ');
}
