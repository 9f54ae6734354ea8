/** The lengths of the queues over time as comma-separated values (RFC 4180), for other people's plots. */

import type { MarkKind, Timeline } from '../timeline/timeline.js';

/** What is counted since the beginning, by the name of its column. */
const COUNTED: Readonly<Record<string, MarkKind>> = {
  syns_dropped: 'syn-dropped',
  acks_dropped: 'ack-dropped',
  cookies: 'cookie',
  resets: 'reset',
  retransmissions: 'retransmission',
  accepted: 'accepted',
  expired: 'expired',
};

/**
 * A row for each sample: queues and limits from that moment on, and what was counted up to it, that moment included. One more at the end, where
 * something was counted after the last sample. Limits that there are not are empty.
 */
export function csv({ samples, marks, until }: Timeline): string {
  const head = ['time_s', 'syn_queue', 'young', 'accept_queue', 'syn_limit', 'accept_limit', ...Object.keys(COUNTED)];
  const counts = new Map<MarkKind, number>();
  let next = 0;
  const last = samples.at(-1);
  const isMore = last !== undefined && (marks.at(-1)?.at ?? 0) > last.at;
  const rows = [...samples, ...(isMore ? [{ ...last, at: until }] : [])].map((sample) => {
    for (let mark = marks[next]; mark !== undefined && mark.at <= sample.at; mark = marks[++next]) {
      counts.set(mark.kind, (counts.get(mark.kind) ?? 0) + mark.count);
    }
    const { at, synQueue, young, acceptQueue, synLimit = '', acceptLimit = '' } = sample;
    const counted = Object.values(COUNTED).map((kind) => counts.get(kind) ?? 0);
    return [(at / 1e6).toFixed(6), synQueue, young, acceptQueue, synLimit, acceptLimit, ...counted];
  });
  return [head, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}
