/**
 * A trace in the Informal Trace Format of Apalache and Quint (ADR 015 of Apalache): a state for the beginning and one after each step, with the
 * event that led to it.
 */

import type { RelativeNumber, SentSegment, Step, TraceEvent } from '../generated/types.js';
import type { Trace } from '../run/scenario.js';

/** An integer of any size. */
export interface ItfInteger {
  readonly '#bigint': string;
}

/** A value: sequences are arrays; records, and variants with `tag` and `value`, are objects. */
export type ItfValue =
  | boolean
  | string
  | ItfInteger
  | { readonly '#set': readonly ItfValue[] }
  | { readonly '#map': readonly (readonly [ItfValue, ItfValue])[] }
  | { readonly '#tup': readonly ItfValue[] }
  | readonly ItfValue[]
  | { readonly [field: string]: ItfValue };

/** What the trace is of. Of a state, `index` is its place. */
export interface ItfTrace {
  readonly '#meta': { readonly format: 'ITF'; readonly 'format-description': string; readonly [key: string]: unknown };
  readonly params: readonly string[];
  readonly vars: readonly (typeof VARIABLES)[number][];
  readonly states: readonly ({ readonly '#meta': { readonly index: number } } & Readonly<
    Record<(typeof VARIABLES)[number], ItfValue>
  >)[];
}

const VARIABLES = ['time', 'event', 'result', 'synQueue', 'acceptQueue', 'counters', 'sockets', 'sent'] as const;

/** The trace as a value; as JSON text it is a file. Counters are those since the beginning; what was not read is `None`. */
export function itf({ header, steps }: Trace): ItfTrace {
  const { id, kernel, sysctl, sockopt, origin } = header;
  const counters = new Map<string, number>();
  const first = {
    '#meta': { index: 0 },
    time: int(0),
    event: variant('Init', { sysctl: numbers(sysctl), sockopt: numbers({ ...sockopt }) }),
    result: NONE,
    synQueue: NONE,
    acceptQueue: NONE,
    counters: { '#map': [] },
    sockets: NONE,
    sent: [],
  };
  return {
    '#meta': {
      format: 'ITF',
      'format-description': 'https://apalache-mc.org/docs/adr/015adr-trace.html',
      description: `${id}: ${kernel.name} ${kernel.release}, HZ=${kernel.hz}, as of ${kernel.variant}, ${origin}`,
      source: 'tcp-backlog export',
    },
    params: [],
    vars: VARIABLES,
    states: [
      first,
      ...steps.map((step, i) => {
        for (const [name, by] of Object.entries(step.observed.counters))
          counters.set(name, (counters.get(name) ?? 0) + by);
        return { '#meta': { index: i + 1 }, ...state(step, counters) };
      }),
    ],
  };
}

function state({ at, event, result, accepted, out, observed }: Step, counters: ReadonlyMap<string, number>) {
  const { listener, sockets } = observed;
  const given =
    result === undefined
      ? NONE
      : some(
          result === 0
            ? accepted === undefined
              ? variant('Ok', UNIT)
              : variant('Accepted', int(accepted))
            : variant('Errno', result),
        );
  return {
    time: int(at),
    event: eventValue(event),
    result: given,
    synQueue: sockets === undefined ? NONE : some(int(sockets.filter((row) => row.state === 'SYN_RECV').length)),
    acceptQueue:
      listener === undefined
        ? NONE
        : some({ state: listener.state, length: int(listener.acceptQueue), limit: int(listener.maxAcceptQueue) }),
    counters: { '#map': [...counters].map(([name, value]) => [name, int(value)] as const) },
    sockets:
      sockets === undefined
        ? NONE
        : some(
            // In order: 2.6.32 shows its buckets by it.
            sockets.map((row) => ({
              peer: int(row.peer),
              state: row.state,
              retransmits: int(row.retransmits),
              accepted: row.accepted,
            })),
          ),
    sent: out.map(sentValue),
  } satisfies Record<(typeof VARIABLES)[number], ItfValue>;
}

function eventValue(event: TraceEvent): ItfValue {
  const faults = set('faults' in event ? (event.faults ?? []) : []);
  if ('wait' in event) return variant('Wait', int(event.wait));
  if ('sysctl' in event) return variant('Sysctl', numbers(event.sysctl));
  if ('segments' in event) {
    const segments = event.segments.map(({ peer, flags, seq, ack, len = 0, options = [], broadcast = false }) => ({
      peer: int(peer),
      flags: set(flags),
      seq: int(seq),
      ack: ack === undefined ? NONE : some(relative(ack)),
      len: int(len),
      options: set(options),
      broadcast,
    }));
    return variant('Segments', { segments, faults });
  }
  switch (event.syscall) {
    case 'listen':
      return variant('Listen', { backlog: int(event.backlog), on: event.on ?? 'listener', faults });
    case 'accept':
      return variant('Accept', UNIT);
    case 'shutdown':
      return variant('Shutdown', event.how);
    case 'close':
      return 'peer' in event ? variant('CloseConnection', int(event.peer)) : variant('CloseListener', UNIT);
  }
}

const sentValue = ({ at, peer, flags, newIsn = false, seq, ack, len = 0 }: SentSegment): ItfValue => ({
  time: int(at),
  peer: int(peer),
  flags: set(flags),
  newIsn,
  seq: relative(seq),
  ack: ack === undefined ? NONE : some(int(ack)),
  len: int(len),
});

const int = (value: number): ItfInteger => ({ '#bigint': String(value) });
const set = (values: readonly string[]): ItfValue => ({ '#set': values });
const variant = (tag: string, value: ItfValue): ItfValue => ({ tag, value });
/** The value of a variant that has none, as Quint writes it. */
const UNIT: ItfValue = { '#tup': [] };
const NONE = variant('None', UNIT);
const some = (value: ItfValue): ItfValue => variant('Some', value);
const relative = ({ of, plus }: RelativeNumber): ItfValue =>
  variant(of === 'synack' ? 'SynAck' : 'Absolute', int(plus));
const numbers = (values: Readonly<Record<string, number>>): ItfValue => ({
  '#map': Object.entries(values).map(([name, value]) => [name, int(value)] as const),
});
