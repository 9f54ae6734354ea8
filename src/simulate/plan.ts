/** What a workload says, with everything filled in that it leaves out. */

import type { SocketOptions, Sysctls, Workload, WorkloadArrivals, WorkloadPause } from '../generated/types.js';

/** How many clients a run may have. */
export const MOST_CLIENTS = 10_000_000;

/** What a workload says, complete. Times are µs; Infinity: never, or without a limit. */
export interface Plan {
  readonly backlog: number;
  readonly sysctl: Sysctls;
  readonly sockopt: SocketOptions;
  readonly hz: number;
  readonly seed: number;
  readonly arrivals: WorkloadArrivals;
  /** How long a segment to the server takes. */
  readonly toServer: number;
  /** How long a segment to a client takes. */
  readonly toClient: number;
  readonly loss: number;
  readonly flood: number;
  readonly synRetries: number;
  readonly linearTimeouts: number;
  readonly patience: number;
  /** Bytes that a client writes; 0: none. */
  readonly bytes: number;
  readonly writesAfter: number;
  readonly acceptEvery: number;
  readonly workers: number;
  readonly service: number;
  readonly pauses: readonly Required<WorkloadPause>[];
  readonly restarts: readonly { readonly at: number; readonly down: number }[];
  readonly until: number;
}

/** The plan of a workload without problems. */
export function planOf(workload: Workload): Plan {
  const { clients, server = {} } = workload;
  const { roundTrip = 200 } = clients;
  const toServer = Math.floor(roundTrip / 2);
  return {
    backlog: workload.backlog,
    sysctl: workload.sysctl ?? {},
    sockopt: workload.sockopt ?? {},
    hz: workload.hz ?? 1000,
    seed: workload.seed ?? 0,
    arrivals: clients.arrivals,
    toServer,
    toClient: roundTrip - toServer,
    loss: clients.loss ?? 0,
    flood: clients.flood ?? 0,
    synRetries: clients.synRetries ?? 6,
    linearTimeouts: clients.linearTimeouts ?? 0,
    patience: clients.patience ?? Number.POSITIVE_INFINITY,
    bytes: clients.data?.bytes ?? 0,
    writesAfter: clients.data?.after ?? 0,
    acceptEvery: server.acceptEvery ?? 0,
    workers: server.workers ?? Number.POSITIVE_INFINITY,
    service: server.service ?? Number.POSITIVE_INFINITY,
    pauses: (server.pauses ?? []).map(({ from, to = Number.POSITIVE_INFINITY }) => ({ from, to })),
    restarts: server.restarts ?? [],
    until: workload.until ?? Number.POSITIVE_INFINITY,
  };
}

/** About how many come, floods included; Infinity where nothing ends it but the time. */
export function expectedArrivals({ count = Number.POSITIVE_INFINITY, ...rest }: WorkloadArrivals): number {
  const { kind, duration = Number.POSITIVE_INFINITY, rate = 0, size = count, every = duration } = rest;
  const inTime = kind === 'burst' ? Math.ceil(duration / every) * size : (rate * duration) / 1_000_000;
  return Math.min(count, inTime);
}
