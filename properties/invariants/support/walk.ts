/** How an invariant goes through a trace, step by step, and the small questions that it asks of a step. */

import type { ArrivingSegment, SentSegment, SocketRow, Step } from '../../../src/generated/types.js';
import type { Trace } from '../../../src/run/scenario.js';

/** A step of a trace, with the one before it. */
export interface Moment {
  readonly step: Step;
  /** The step before; undefined at the first. */
  readonly before: Step | undefined;
  /** Place of the step in the trace, from 0. */
  readonly index: number;
}

/** Says what is wrong at a step; undefined: nothing. */
export type Look = (moment: Moment) => string | undefined;

/** Makes an invariant's `broken` of what looks at one step after the other; `start` is called anew for each trace. */
export function walk(
  start: (trace: Trace, kernel: string) => Look,
): (trace: Trace, kernel: string) => string | undefined {
  return (trace, kernel) => {
    const look = start(trace, kernel);
    for (const [index, step] of trace.steps.entries()) {
      const wrong = look({ step, before: trace.steps[index - 1], index });
      if (wrong !== undefined) return `step ${index + 1}: ${wrong}`;
    }
    return undefined;
  };
}

/** The segments that arrived in a step. */
export function arrivals({ event }: Step): readonly ArrivingSegment[] {
  return 'segments' in event ? event.segments : [];
}

/** Those of them that `peer` sent. */
export function arrivalsFrom(step: Step, peer: number): readonly ArrivingSegment[] {
  return byPeer(SENDERS, step, arrivals).get(peer) ?? [];
}

const SENDERS: ByPeer<ArrivingSegment> = new WeakMap();

/** What a step has of each peer, so that a look at a flood does not take as many looks as there are pairs of peers. */
type ByPeer<T> = WeakMap<Step, ReadonlyMap<number, readonly T[]>>;

function byPeer<T extends { readonly peer: number }>(
  known: ByPeer<T>,
  step: Step,
  list: (step: Step) => readonly T[],
): ReadonlyMap<number, readonly T[]> {
  const found = known.get(step);
  if (found !== undefined) return found;
  const sorted = new Map<number, T[]>();
  for (const one of list(step)) {
    const same = sorted.get(one.peer);
    if (same === undefined) sorted.set(one.peer, [one]);
    else same.push(one);
  }
  known.set(step, sorted);
  return sorted;
}

/** A SYN that asks for a connection: with neither ACK nor RST. */
export function isSyn({ flags }: ArrivingSegment): boolean {
  return flags.includes('SYN') && !flags.includes('ACK') && !flags.includes('RST');
}

/** A SYN with nothing else, sent to the machine itself. */
export function isPlainSyn({ flags, len = 0, broadcast }: ArrivingSegment): boolean {
  return flags.length === 1 && flags[0] === 'SYN' && len === 0 && broadcast !== true;
}

/** A SYN-ACK. */
export function isSynAck({ flags }: SentSegment): boolean {
  return flags.includes('SYN') && flags.includes('ACK');
}

/** A reset. */
export function isReset({ flags }: SentSegment): boolean {
  return flags.includes('RST');
}

/** By how much a counter moved in a step. */
export function moved({ observed }: Step, counter: string): number {
  return observed.counters[counter] ?? 0;
}

/** Whether the trace shows a counter. */
export function shows({ header }: Trace, counter: string): boolean {
  return header.observes?.counters?.includes(counter) ?? true;
}

/** Whether the process has a socket that listens, as far as a reading tells. */
export function listens(step: Step | undefined): boolean {
  return step?.observed.listener?.state === 'LISTEN';
}

/** Whether the event ends the listening: `close`, or `shutdown` of the reading side. */
export function endsListening({ event }: Step): boolean {
  if (!('syscall' in event)) return false;
  return (event.syscall === 'close' && !('peer' in event)) || (event.syscall === 'shutdown' && event.how !== 'SHUT_WR');
}

/** Whether the event is a `listen` on the listener itself that succeeded. */
export function listened({ event, result }: Step): boolean {
  return 'syscall' in event && event.syscall === 'listen' && event.on === undefined && result === 0;
}

/** The rows of a step; none where they were not read. */
export function rows(step: Step | undefined): readonly SocketRow[] {
  return step?.observed.sockets ?? [];
}

/** The rows of one peer. */
export function rowsOf(step: Step | undefined, peer: number): readonly SocketRow[] {
  return step === undefined ? [] : (byPeer(ROWS, step, rows).get(peer) ?? []);
}

const ROWS: ByPeer<SocketRow> = new WeakMap();

/** Whether something was made to fail in a step. */
export function hasFaults({ event }: Step): boolean {
  return 'faults' in event && event.faults !== undefined && event.faults.length > 0;
}

/** Whether something was made to fail anywhere in a trace. */
export function anyFaults({ steps }: Trace): boolean {
  return steps.some(hasFaults);
}
