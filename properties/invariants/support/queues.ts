/** What a machine's listener holds, whichever kernel it runs: the counts that it keeps, and what is really there. */

import type { Host } from '../../../src/host/host.js';
import type { request_sock as Request_2_6_32 } from '../../../src/linux-2.6.32/include/net/request-sock.js';
import { TCP_CLOSE, TCP_LISTEN } from '../../../src/linux-2.6.32/include/net/tcp-states.js';
import { Machine as Machine_2_6_32 } from '../../../src/linux-2.6.32/machine.js';
import type { request_sock as Request_4_15 } from '../../../src/linux-4.15/include/net/request-sock.js';
import { Machine as Machine_4_15 } from '../../../src/linux-4.15/machine.js';
import { isRequest } from '../../../src/linux-4.15/net/ipv4/inet-hashtables.js';

/** A connection in the accept queue. */
export interface Waiting {
  readonly peer: number;
  /** The socket itself, to tell one from another. */
  readonly child: object;
  /** It was reset or given up, but keeps its place. */
  readonly closed: boolean;
}

/** A request in the SYN queue. */
export interface Requested {
  readonly peer: number;
  /** 0: it is young. */
  readonly timeouts: number;
}

/** Both queues of a listener. */
export interface Queues {
  /** The count that the accept queue keeps of itself, and its limit. */
  readonly length: number;
  readonly limit: number;
  /** What is in the accept queue, the oldest first. */
  readonly waiting: readonly Waiting[];
  /** The counts that the SYN queue keeps of itself. */
  readonly qlen: number;
  readonly young: number;
  /** What is in the SYN queue. */
  readonly requests: readonly Requested[];
  /** 2.6.32: how many buckets the SYN queue has, and the logarithm of how many requests it takes. */
  readonly table: { readonly size: number; readonly log: number } | undefined;
  /** From 4.15 on: unfinished Fast Open handshakes as counted, and how many there may be. */
  readonly fastOpen: { readonly length: number; readonly limit: number } | undefined;
}

/** The queues of the machine's listener; undefined while nothing listens. */
export function queuesOf(host: Host): Queues | undefined {
  if (host instanceof Machine_2_6_32) return queues_2_6_32(host);
  if (host instanceof Machine_4_15) return queues_4_15(host);
  throw new Error('the queues of this kernel are not known');
}

function queues_2_6_32({ listener }: Machine_2_6_32): Queues | undefined {
  if (listener?.sk_state !== TCP_LISTEN) return undefined;
  const queue = listener.icsk_accept_queue;
  const lopt = queue.listen_opt;
  if (lopt === undefined) return undefined;
  const waiting: Waiting[] = [];
  for (let req: Request_2_6_32 | undefined = queue.rskq_accept_head; req !== undefined; req = req.dl_next) {
    if (req.sk !== undefined) waiting.push({ peer: req.peer, child: req.sk, closed: req.sk.sk_state === TCP_CLOSE });
  }
  return {
    length: listener.sk_ack_backlog,
    limit: listener.sk_max_ack_backlog,
    waiting,
    qlen: lopt.qlen,
    young: lopt.qlen_young,
    requests: [...lopt.syn_table.entries()].map(({ peer, retrans }) => ({ peer, timeouts: retrans })),
    table: { size: lopt.nr_table_entries, log: lopt.max_qlen_log },
    fastOpen: undefined,
  };
}

function queues_4_15({ listener, ehash }: Machine_4_15): Queues | undefined {
  if (listener?.sk_state !== TCP_LISTEN) return undefined;
  const queue = listener.icsk_accept_queue;
  const waiting: Waiting[] = [];
  for (let req: Request_4_15 | undefined = queue.rskq_accept_head; req !== undefined; req = req.dl_next) {
    if (req.sk !== undefined) waiting.push({ peer: req.peer, child: req.sk, closed: req.sk.sk_state === TCP_CLOSE });
  }
  const requests: Requested[] = [];
  for (const head of ehash.values()) {
    for (let found: typeof head | undefined = head; found !== undefined; found = found.hash_next) {
      if (!isRequest(found) || found.rsk_listener !== listener) continue;
      requests.push({ peer: found.peer, timeouts: found.num_timeout });
    }
  }
  return {
    length: listener.sk_ack_backlog,
    limit: listener.sk_max_ack_backlog,
    waiting,
    qlen: queue.qlen,
    young: queue.young,
    requests,
    table: undefined,
    fastOpen: { length: queue.fastopenq.qlen, limit: queue.fastopenq.max_qlen },
  };
}

/** Whether a segment of `peer` would go to a connection; `unfinished`: to one that Fast Open made, whose handshake is not finished. */
export function connectionOf(host: Host, peer: number): 'none' | 'connection' | 'unfinished' {
  if (host instanceof Machine_2_6_32) return host.ehash.has(peer) ? 'connection' : 'none';
  if (!(host instanceof Machine_4_15)) throw new Error('the connections of this kernel are not known');
  const found = host.ehash.get(peer);
  if (found === undefined || isRequest(found)) return 'none';
  return found.fastopen_rsk === undefined ? 'connection' : 'unfinished';
}
