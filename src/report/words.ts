/** Traces in words: events, segments and results as short sentences. */

import type { ArrivingSegment, RelativeNumber, SentSegment, Step, TraceEvent } from '../generated/types.js';
import { peersInWords } from './peers.js';

/** A time as people read it: `3.000333 s`. */
export const seconds = (us: number): string => `${(us / 1_000_000).toFixed(6)} s`;

/** What happened. */
export function eventInWords(event: TraceEvent): string {
  const faults = 'faults' in event && event.faults !== undefined ? `; what fails: ${event.faults.join(', ')}` : '';
  if ('wait' in event) return `nothing arrives for ${seconds(event.wait)}`;
  if ('segments' in event) return `${arrivingInWords(event.segments)}${faults}`;
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

/** Segments that the kernel sent, in order; those that follow each other and differ only in their peers share a line. */
export function sentInWords(out: readonly SentSegment[]): string[] {
  return runs(out, sentTo).map((run) => {
    const [first, last] = [(run[0] as SentSegment).at, (run.at(-1) as SentSegment).at];
    const when = first === last ? seconds(first) : `${(first / 1_000_000).toFixed(6)} to ${seconds(last)}`;
    return `${when}  ${together(run, sentTo)}`;
  });
}

/** What a system call gave. */
export function resultInWords({ result, accepted, setupErrors }: Step): string | undefined {
  if (result === undefined) return undefined;
  const failed = Object.entries(setupErrors ?? {}).map(([name, errno]) => `${name} fails with ${errno}; `);
  const gave = accepted === undefined ? '0' : `the connection from peer ${accepted}`;
  return `${failed.join('')}${result === 0 ? `returns ${gave}` : `fails with ${result}`}`;
}

const arrivingInWords = (segments: readonly ArrivingSegment[]): string =>
  runs(segments, arriving)
    .map((run) => together(run, arriving))
    .join('; ');

type Segment = ArrivingSegment | SentSegment;

/** A segment in words, with `peers` in the place of its peer, and without its numbers if `numbers` is false. */
type Words<S extends Segment> = (segment: S, peers: string, numbers: boolean) => string;

/** Segments of different peers that follow each other and are alike but for their numbers, together. */
function runs<S extends Segment>(segments: readonly S[], words: Words<S>): S[][] {
  const all: S[][] = [];
  let peers = new Set<number>();
  for (const segment of segments) {
    const run = all.at(-1);
    const before = run?.[0];
    const goesOn =
      before !== undefined && !peers.has(segment.peer) && words(segment, '', false) === words(before, '', false);
    if (goesOn) {
      run?.push(segment);
      peers.add(segment.peer);
    } else {
      all.push([segment]);
      peers = new Set([segment.peer]);
    }
  }
  return all;
}

const together = <S extends Segment>(run: readonly S[], words: Words<S>): string =>
  words(run[0] as S, peersInWords(run.map(({ peer }) => peer)), run.length === 1);

const arriving: Words<ArrivingSegment> = (segment, peers, numbers) =>
  `${segment.flags.join('+')} from ${peers}${afterArriving(segment, numbers)}`;

function afterArriving({ seq, ack, len, options, broadcast }: ArrivingSegment, numbers: boolean): string {
  const number = numbers ? `, seq ${seq}` : '';
  const acks = ack === undefined ? '' : `, ack ${relative(ack)}`;
  const stamp = options?.includes('TS') === true ? ', with a timestamp' : '';
  return `${number}${acks}${bytes(len)}${stamp}${broadcast === true ? ', to a broadcast address' : ''}`;
}

const sentTo: Words<SentSegment> = (segment, peers, numbers) =>
  `${segment.flags.join('+')} to ${peers}${afterSent(segment, numbers)}`;

function afterSent({ seq, ack, len, newIsn }: SentSegment, numbers: boolean): string {
  const acks = ack === undefined || !numbers ? '' : `, ack ${ack}`;
  return `, seq ${relative(seq)}${newIsn === true ? ' (new)' : ''}${acks}${bytes(len)}`;
}

/** One segment, without its peer. */
export const segmentInWords = (segment: ArrivingSegment | SentSegment): string =>
  segment.flags.join('+') + ('at' in segment ? afterSent(segment, true) : afterArriving(segment, true));

const bytes = (len = 0): string => (len === 0 ? '' : `, ${len} bytes`);

/** `isn` is the number of the last SYN-ACK. */
function relative({ of, plus }: RelativeNumber): string {
  if (of === 'nothing') return String(plus >>> 0);
  if (plus === 0) return 'isn';
  return plus < 0 ? `isn - ${-plus}` : `isn + ${plus}`;
}
