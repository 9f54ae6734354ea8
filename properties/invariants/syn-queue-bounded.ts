/** How many requests the SYN queue takes. */

import { isSince } from '../../src/host/kernel-spec.js';
import { u32 } from '../../src/host/sequence.js';
import type { Trace } from '../../src/run/scenario.js';
import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { Settings } from './support/settings.js';
import { arrivalsFrom, isSynAck, type Look, listened, listens, rows, walk } from './support/walk.js';

/** 2.6.32: the size of the table is fixed when the listening starts. */
function withinTable({ header }: Trace): Look {
  const settings = new Settings(header, '2.6.32');
  let size: number | undefined;
  return ({ step, before }) => {
    settings.note(step);
    const { event } = step;
    if ('syscall' in event && event.syscall === 'listen' && listened(step) && !listens(before)) {
      size = tableSize(event.backlog, settings);
    }
    if (!listens(step) || size === undefined) return undefined;
    const requests = rows(step).filter(({ state }) => state === 'SYN_RECV').length;
    return requests > size ? `${requests} requests are in a table for ${size}` : undefined;
  };
}

function tableSize(backlog: number, settings: Settings): number | undefined {
  const somaxconn = settings.value('net.core.somaxconn');
  const most = settings.value('net.ipv4.tcp_max_syn_backlog');
  if (somaxconn === undefined || most === undefined) return undefined;
  const wanted = Math.max(8, Math.min(backlog >>> 0, somaxconn >>> 0, most >>> 0)) + 1;
  let size = 16;
  while (size < wanted) size *= 2;
  return size;
}

/** From 4.15 on the accept queue's limit is the SYN queue's, too, or one less than that; who was let in before the limit was lowered may stay. */
function withinLimit(kernel: string): Look {
  const more = isSince(kernel, '5.10') ? 1 : 0;
  /** Peers whose row in SYN_RECV is not a request of this listener: a Fast Open connection, or a request of a listener that is gone. */
  const foreign = new Set<number>();
  let had = 0;
  return ({ step, before }) => {
    if (before?.observed.listener === undefined) {
      for (const { peer, state } of rows(before)) if (state === 'SYN_RECV') foreign.add(peer);
      had = 0;
    }
    for (const { peer, ack, newIsn } of step.out.filter(isSynAck)) {
      if (newIsn !== true) continue;
      const tookData = arrivalsFrom(step, peer).some(({ seq, len = 0 }) => len > 0 && ack !== u32(seq + 1));
      if (tookData) foreign.add(peer);
      else foreign.delete(peer);
    }
    const { listener, sockets } = step.observed;
    if (sockets === undefined || listener?.state !== 'LISTEN') return undefined;
    const requests = sockets.filter(({ peer, state }) => state === 'SYN_RECV' && !foreign.has(peer)).length;
    const most = Math.max(had, listener.maxAcceptQueue + more);
    had = requests;
    return requests > most ? `${requests} requests wait, of at most ${most}` : undefined;
  };
}

/** Requests are told by their rows. */
export const synQueueBounded: Invariant = {
  id: 'syn-queue-bounded',
  sentence:
    'The SYN queue never holds more requests than its table has buckets (2.6.32: a power of two above the smaller of backlog and tcp_max_syn_backlog, at least 16), or than the limit of the accept queue (4.15; from 5.10 on one more), unless listening again lowered that.',
  kernels: EVERY_KERNEL,
  rules: [
    'tcp_v4_conn_request/synack',
    'tcp_conn_request/synack',
    'tcp_v4_conn_request/syn-queue-full',
    'tcp_conn_request/syn-queue-full',
  ],
  needs: 'sockets',
  broken: walk((trace, kernel) => (kernel === '2.6.32' ? withinTable(trace) : withinLimit(kernel))),
};
