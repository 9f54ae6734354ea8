/** Traces in words: events, segments and observations as short sentences. */

import type { ArrivingSegment, Observed, RelativeNumber, SentSegment, Step, TraceEvent } from '../generated/types.js';

/** A time as people read it: `3.000333 s`. */
export const seconds = (us: number): string => `${(us / 1_000_000).toFixed(6)} s`;

/** What happened. */
export function eventInWords(event: TraceEvent): string {
  if ('wait' in event) return `nothing arrives for ${seconds(event.wait)}`;
  if ('segments' in event) return event.segments.map(arrivingInWords).join('; ');
  if ('sysctl' in event) {
    return Object.entries(event.sysctl)
      .map(([name, value]) => `sysctl ${name} = ${value}`)
      .join(', ');
  }
  switch (event.syscall) {
    case 'listen':
      return `listen(${event.on ?? 'fd'}, ${event.backlog})`;
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

function arrivingInWords(segment: ArrivingSegment): string {
  const ack = segment.ack === undefined ? '' : ` ack ${relative(segment.ack)}`;
  const len = segment.len === undefined || segment.len === 0 ? '' : ` with ${segment.len} bytes`;
  const options = segment.options?.includes('TS') === true ? ' with a timestamp' : '';
  return `${segment.flags.join('+')} from peer ${segment.peer}, seq ${segment.seq}${ack}${len}${options}`;
}

/** A segment that the kernel sent. */
export function sentInWords(segment: Omit<SentSegment, 'at'>): string {
  const ack = segment.ack === undefined ? '' : ` ack ${segment.ack}`;
  const fresh = segment.newIsn === true ? ' (a new initial number)' : '';
  return `${segment.flags.join('+')} to peer ${segment.peer}, seq ${relative(segment.seq)}${ack}${fresh}`;
}

const relative = ({ of, plus }: RelativeNumber): string =>
  of === 'nothing' ? `${plus >>> 0}` : `isn${plus < 0 ? ` - ${-plus}` : plus === 0 ? '' : ` + ${plus}`}`;

/** What a system call gave. */
export function outcomeInWords(step: Step): string | undefined {
  if (step.result === undefined) return undefined;
  if (step.accepted !== undefined) return `returns the connection from peer ${step.accepted}`;
  return step.result === 0 ? 'returns 0' : `fails with ${step.result}`;
}

/** The listener and its queues, in one line. */
export function queuesInWords({ listener, sockets = [] }: Pick<Observed, 'listener' | 'sockets'>): string {
  if (listener === undefined) return 'no listener';
  const requests = sockets.filter((row) => row.state === 'SYN_RECV' && !row.accepted);
  const names = requests.length === 0 ? '' : ` (peers ${requests.map((row) => row.peer).join(', ')})`;
  const waiting = `accept queue ${listener.acceptQueue} of at most ${listener.maxAcceptQueue} + 1`;
  return `${listener.state}, ${waiting}; ${requests.length} in SYN_RECV${names}`;
}
