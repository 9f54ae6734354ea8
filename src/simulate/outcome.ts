/** What came of the clients, summed up. */

import { type Clients, END, NEVER, STATE } from './clients.js';
import type { Connects, Fates, Latency, WorkloadResult } from './result.js';

/** The part of a result that is about the clients. `connections`: the peers of the connections that the server has; asked only if need be. */
export function outcomeOf(
  clients: Clients,
  connections: () => ReadonlySet<number>,
): Pick<WorkloadResult, 'clients' | 'fates' | 'connects' | 'connectLatency' | 'acceptLatency'> {
  return {
    clients: clients.count,
    fates: fatesOf(clients, connections),
    connects: connectsOf(clients),
    connectLatency: latencyOf(since(clients, clients.connected)),
    acceptLatency: latencyOf(since(clients, clients.accepted)),
  };
}

function fatesOf({ accepted, count, end, state }: Clients, connections: () => ReadonlySet<number>): Fates {
  const ends = new Array<number>(Object.keys(END).length).fill(0);
  let [hanging, connecting, waiting, served] = [0, 0, 0, 0];
  let known: ReadonlySet<number> | undefined;
  for (let client = 0; client < count; client++) {
    const one = end[client] as number;
    if (one !== END.none) {
      ends[one] = (ends[one] as number) + 1;
    } else if (state[client] === STATE.synSent) {
      connecting += 1;
    } else if (accepted[client] !== NEVER) {
      served += 1;
    } else {
      known ??= connections();
      if (known.has(client + 1)) waiting += 1;
      else hanging += 1;
    }
  }
  const of = (one: number): number => ends[one] as number;
  return {
    accepted: served + of(END.served),
    waiting,
    refused: of(END.refused),
    reset: of(END.reset),
    connectTimedOut: of(END.connectTimedOut),
    writeTimedOut: of(END.writeTimedOut),
    gaveUp: of(END.gaveUp),
    hanging,
    connecting,
  };
}

function connectsOf(clients: Clients): Connects[] {
  const bySyns: number[] = [];
  for (let client = 0; client < clients.count; client++) {
    if (clients.connected[client] === NEVER) continue;
    const sent = clients.syns[client] as number;
    bySyns[sent] = (bySyns[sent] ?? 0) + 1;
  }
  return Object.entries(bySyns).map(([sent, count]) => {
    return { syns: Number(sent), after: clients.lastSyn(Number(sent)), clients: count };
  });
}

/** From the first SYN of each client to these times, where they have come. */
function since({ began, count }: Clients, times: Float64Array): Float64Array {
  const lengths = new Float64Array(count);
  let found = 0;
  for (let client = 0; client < count; client++) {
    if (times[client] !== NEVER) lengths[found++] = (times[client] as number) - (began[client] as number);
  }
  return lengths.subarray(0, found);
}

/** Percentiles of times; the array is sorted. */
function latencyOf(times: Float64Array): Latency | undefined {
  if (times.length === 0) return undefined;
  times.sort();
  const at = (share: number): number => times[Math.max(0, Math.ceil(share * times.length) - 1)] as number;
  return { clients: times.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}
