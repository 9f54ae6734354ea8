/** Traces in words: events, segments and results as short sentences. */

import type { ArrivingSegment, RelativeNumber, SentSegment, Step, TraceEvent } from '../generated/types.js';
import { grouped, peersInWords } from './peers.js';

/** A time as people read it: `3.000333 s`. */
export const seconds = (us: number): string => `${(us / 1_000_000).toFixed(6)} s`;

/** What happened. */
export function eventInWords(event: TraceEvent): string {
  const faults = 'faults' in event && event.faults !== undefined ? `; what fails: ${event.faults.join(', ')}` : '';
  if ('wait' in event) return `nothing arrives for ${seconds(event.wait)}`;
  if ('segments' in event) return `${segmentsInWords(event.segments, arrivingInWords)}${faults}`;
  if ('sysctl' in event) {
    return Object.entries(event.sysctl)
      .map(([name, value]) => `sysctl ${name} = ${value}`)
      .join(', ');
  }
  switch (event.syscall) {
    case 'listen':
      return `listen(${event.on ?? 'fd'}, ${event.backlog})${faults}`;
    case 'accept':
      return 'accept()';
    case 'shutdown':
      return `shutdown(fd, ${event.how})`;
    case 'close':
      return 'peer' in event
        ? `close() of the connection from peer ${event.peer}, with a reset`
        : 'close() of the listener';
  }
}

/** Segments that the kernel sent, those that went out together and differ only in their peers in one line. */
export function sentInWords(out: readonly SentSegment[]): string[] {
  return [...grouped(out, (segment) => `${seconds(segment.at)}  ${sentTo(segment)}`)].map(([words, group]) =>
    words.replace(PEER, peersInWords(group.map(({ peer }) => peer))),
  );
}

/** What a system call gave. */
export function resultInWords({ result, accepted, setupErrors }: Step): string | undefined {
  if (result === undefined) return undefined;
  const failed = Object.entries(setupErrors ?? {}).map(([name, errno]) => `${name} fails with ${errno}; `);
  const gave = accepted === undefined ? '0' : `the connection from peer ${accepted}`;
  return `${failed.join('')}${result === 0 ? `returns ${gave}` : `fails with ${result}`}`;
}

/** Stands for the peers in a text that several share. */
const PEER = '{peer}';

function segmentsInWords<S extends { readonly peer: number }>(
  segments: readonly S[],
  words: (segment: S) => string,
): string {
  return [...grouped(segments, words)]
    .map(([text, group]) => text.replace(PEER, peersInWords(group.map(({ peer }) => peer))))
    .join('; ');
}

function arrivingInWords(segment: ArrivingSegment): string {
  const ack = segment.ack === undefined ? '' : `, ack ${relative(segment.ack)}`;
  const options = segment.options?.includes('TS') === true ? ', with a timestamp' : '';
  const to = segment.broadcast === true ? ', to a broadcast address' : '';
  return `${segment.flags.join('+')} from ${PEER}, seq ${segment.seq}${ack}${bytes(segment.len)}${options}${to}`;
}

function sentTo(segment: SentSegment): string {
  const ack = segment.ack === undefined ? '' : `, ack ${segment.ack}`;
  const fresh = segment.newIsn === true ? ' (new)' : '';
  return `${segment.flags.join('+')} to ${PEER}, seq ${relative(segment.seq)}${fresh}${ack}${bytes(segment.len)}`;
}

const bytes = (len = 0): string => (len === 0 ? '' : `, ${len} bytes`);

/** `isn` is the number of the last SYN-ACK. */
function relative({ of, plus }: RelativeNumber): string {
  if (of === 'nothing') return String(plus >>> 0);
  if (plus === 0) return 'isn';
  return plus < 0 ? `isn - ${-plus}` : `isn + ${plus}`;
}
