/** The controls: which part of a workload each one changes, in which unit, and what it may be. */

import type { Draft } from './address.js';
import { changed, valueAt } from './address.js';
import { listOf, type Span, spansOf } from './spans.js';

/** The kernels that there are, by name. Their models are with the worker. */
export const KERNELS: readonly string[] = ['2.6.32', '4.15', '5.10', '6.1', '6.12', '7.2'];

/** A control. */
export interface Field {
  readonly label: string;
  /** Behind the value. */
  readonly unit?: string;
  /** The place in the workload. */
  readonly keys: readonly string[];
  /** Values to choose from, with their names; undefined: a number, or spans. */
  readonly choices?: readonly (readonly [string, string])[];
  /** How many of the workload's units one of the control's is. Default 1. */
  readonly factor?: number;
  /** Times, as in `3-5, 8-9`; and what their two numbers are called in the workload. */
  readonly spans?: Span;
  /** Where nothing is said. */
  readonly empty?: string;
  /** What it is, for those who ask. */
  readonly hint: string;
  /** Only for these kinds of arrivals. */
  readonly arrivals?: readonly string[];
}

/** Controls that belong together. */
export interface FieldGroup {
  readonly name: string;
  readonly fields: readonly Field[];
}

const SECOND = 1_000_000;
const MS = 1000;
const KIND = ['clients', 'arrivals', 'kind'];

const sysctl = (name: string, hint: string, more: Partial<Field> = {}): Field => ({
  label: name.replace(/^net\.(core|ipv4)\./, ''),
  keys: ['sysctl', name],
  empty: 'default',
  hint,
  ...more,
});

const onOff = [
  ['', 'default'],
  ['0', '0: off'],
  ['1', '1: on'],
] as const;

export const GROUPS: readonly FieldGroup[] = [
  {
    name: 'Listener',
    fields: [
      { label: 'backlog', keys: ['backlog'], hint: 'The second argument of listen().' },
      sysctl('net.core.somaxconn', 'The most that a backlog can be.'),
      sysctl(
        'net.ipv4.tcp_max_syn_backlog',
        'How many requests without a handshake there may be, depending on the kernel.',
      ),
      sysctl('net.ipv4.tcp_syncookies', 'What happens when the SYN queue is full: cookies or drops.', {
        choices: [...onOff, ['2', '2: always']],
      }),
      sysctl(
        'net.ipv4.tcp_abort_on_overflow',
        'Whether the last ACK of a handshake is reset when the accept queue is full.',
        {
          choices: onOff,
        },
      ),
      sysctl('net.ipv4.tcp_synack_retries', 'How often a SYN-ACK is sent again.'),
      {
        label: 'TCP_DEFER_ACCEPT',
        unit: 's',
        keys: ['sockopt', 'TCP_DEFER_ACCEPT'],
        empty: 'off',
        hint: 'How long the ACK without data is put off.',
      },
      {
        label: 'HZ',
        keys: ['hz'],
        choices: [
          ['100', '100'],
          ['250', '250'],
          ['300', '300'],
          ['', '1000'],
        ],
        hint: 'Jiffies a second: how fine the timers are.',
      },
    ],
  },
  {
    name: 'Clients',
    fields: [
      {
        label: 'arrive',
        keys: KIND,
        choices: [
          ['poisson', 'randomly'],
          ['constant', 'evenly'],
          ['burst', 'in bursts'],
        ],
        hint: 'When clients come: independently of each other (Poisson), at equal distances, or many at once.',
      },
      {
        label: 'rate',
        unit: '/s',
        keys: ['clients', 'arrivals', 'rate'],
        arrivals: ['poisson', 'constant'],
        hint: 'How many come a second.',
      },
      { label: 'how many', keys: ['clients', 'arrivals', 'count'], empty: 'any', hint: 'How many come in all.' },
      {
        label: 'for',
        unit: 's',
        keys: ['clients', 'arrivals', 'duration'],
        factor: SECOND,
        empty: 'any',
        hint: 'How long they come.',
      },
      {
        label: 'at once',
        keys: ['clients', 'arrivals', 'size'],
        empty: 'all',
        arrivals: ['burst'],
        hint: 'How many a burst has.',
      },
      {
        label: 'every',
        unit: 's',
        keys: ['clients', 'arrivals', 'every'],
        factor: SECOND,
        arrivals: ['burst'],
        hint: 'From one burst to the next.',
      },
      {
        label: 'round trip',
        unit: 'ms',
        keys: ['clients', 'roundTrip'],
        factor: MS,
        empty: '0.2',
        hint: 'How long a segment to the server and one back take.',
      },
      {
        label: 'loss',
        unit: '%',
        keys: ['clients', 'loss'],
        factor: 0.01,
        empty: '0',
        hint: 'The share of segments that the network loses, each way.',
      },
      {
        label: 'flood',
        unit: '%',
        keys: ['clients', 'flood'],
        factor: 0.01,
        empty: '0',
        hint: 'The share of arrivals that are SYNs from made-up addresses.',
      },
      {
        label: 'tcp_syn_retries',
        keys: ['clients', 'synRetries'],
        empty: '6',
        hint: 'How often a client sends its SYN again.',
      },
      {
        label: 'patience',
        unit: 's',
        keys: ['clients', 'patience'],
        factor: SECOND,
        empty: 'for ever',
        hint: 'How long a client waits to be accepted before it closes.',
      },
      {
        label: 'write',
        unit: 'bytes',
        keys: ['clients', 'data', 'bytes'],
        empty: 'nothing',
        hint: 'What a client writes once it is connected.',
      },
      {
        label: 'write after',
        unit: 's',
        keys: ['clients', 'data', 'after'],
        factor: SECOND,
        empty: '0',
        hint: 'How long after its connect() it writes.',
      },
    ],
  },
  {
    name: 'Server',
    fields: [
      {
        label: 'accepts every',
        unit: 'ms',
        keys: ['server', 'acceptEvery'],
        factor: MS,
        empty: '0',
        hint: 'The least time from one accept() to the next.',
      },
      {
        label: 'workers',
        keys: ['server', 'workers'],
        empty: 'any',
        hint: 'How many connections are served at a time.',
      },
      {
        label: 'serves for',
        unit: 'ms',
        keys: ['server', 'service'],
        factor: MS,
        empty: 'for ever',
        hint: 'How long a connection is served before it is closed.',
      },
      {
        label: 'pauses',
        unit: 's',
        keys: ['server', 'pauses'],
        spans: { first: 'from', second: 'to', between: '-', factor: SECOND },
        empty: 'none',
        hint: 'When the server does nothing: 3-5 is from 3 s to 5 s, 3- from 3 s for ever; several with commas.',
      },
      {
        label: 'restarts',
        unit: 's',
        keys: ['server', 'restarts'],
        spans: { first: 'at', second: 'down', between: '+', factor: SECOND },
        empty: 'none',
        hint: 'When the listener is closed and for how long: 1.5+0.1 is at 1.5 s for 0.1 s; several with commas.',
      },
      {
        label: 'ends after',
        unit: 's',
        keys: ['until'],
        factor: SECOND,
        empty: 'all is over',
        hint: 'When the run ends.',
      },
      { label: 'seed', keys: ['seed'], empty: '0', hint: 'Settles all that is left to chance.' },
    ],
  },
];

/** What a control shows. */
export function shown({ keys, factor = 1, spans }: Field, draft: Draft): string {
  const value = valueAt(draft, keys);
  if (value === undefined) return '';
  if (spans !== undefined) return spansOf(value, spans);
  return typeof value === 'number' ? String(Number((value / factor).toPrecision(12))) : String(value);
}

/** The draft with what was entered into a control. What is no number stays text, so that whoever runs it says what is wrong. */
export function entered(field: Field, draft: Draft, text: string): Draft {
  const { keys, choices, factor = 1, spans } = field;
  const trimmed = text.trim();
  if (keys === KIND) return withKind(draft, trimmed);
  if (trimmed === '') return changed(draft, keys, undefined);
  if (spans !== undefined) return changed(draft, keys, listOf(trimmed, spans));
  const number = Number(trimmed);
  if (Number.isNaN(number)) return changed(draft, keys, trimmed);
  // Shares are fractions; everything else that has a unit is a whole number of a smaller one.
  const value = factor < 1 ? Number((number * factor).toPrecision(12)) : number * factor;
  const isTime = factor > 1 && choices === undefined;
  return changed(draft, keys, isTime ? Math.round(value) : value);
}

/** Whether a control means anything in this draft. */
export const isFor = ({ arrivals }: Field, draft: Draft): boolean =>
  arrivals === undefined || arrivals.includes(String(valueAt(draft, KIND)));

/** Another kind of arrivals, with what that needs and without what it has no use for. */
function withKind(draft: Draft, kind: string): Draft {
  const { rate, count, duration } = (valueAt(draft, ['clients', 'arrivals']) ?? {}) as Draft;
  const length = { ...(count === undefined ? {} : { count }), ...(duration === undefined ? {} : { duration }) };
  const arrivals = kind === 'burst' ? { kind, ...length, count: count ?? 200 } : { kind, rate: rate ?? 100, ...length };
  return changed(draft, ['clients', 'arrivals'], arrivals);
}
