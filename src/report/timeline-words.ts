/** Timelines in words: what marks are called, what a mark tells, and what there is to see in a timeline. */

import { sentenceOf } from '../conformance/case-result.js';
import { ruleSpecs } from '../generated/rules.js';
import type { RuleId } from '../host/rule.js';
import { MARK_KINDS } from '../timeline/mark-kinds.js';
import type { Mark, MarkKind, Timeline } from '../timeline/timeline.js';
import { seconds } from './words.js';

/** How a kind of mark is called. */
interface KindWords {
  /** In front of a row of marks. */
  readonly label: string;
  /** In a row of a terminal. */
  readonly letter: string;
  /** What happens, once and several times. */
  readonly one: string;
  readonly many: string;
}

export const KIND_WORDS: Readonly<Record<MarkKind, KindWords>> = {
  'syn-dropped': { label: 'SYN dropped', letter: 'S', one: 'a SYN is dropped', many: 'SYNs are dropped' },
  'ack-dropped': { label: 'ACK dropped', letter: 'A', one: 'an ACK is dropped', many: 'ACKs are dropped' },
  cookie: { label: 'cookie sent', letter: 'C', one: 'a cookie is sent', many: 'cookies are sent' },
  reset: { label: 'reset sent', letter: 'R', one: 'a reset is sent', many: 'resets are sent' },
  retransmission: {
    label: 'SYN-ACK again',
    letter: 'T',
    one: 'a SYN-ACK is sent again',
    many: 'SYN-ACKs are sent again',
  },
  expired: { label: 'expired', letter: 'X', one: 'a request expires', many: 'requests expire' },
  accepted: { label: 'accepted', letter: 'o', one: 'a connection is accepted', many: 'connections are accepted' },
};

/** The topic of a rule. */
export const topicOf = (rule: RuleId): string => ruleSpecs.find(({ id }) => id === rule)?.topic ?? '';

/** A number as people read it: `60,000`. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

/** Marks of one kind, of moments close together: when, what and how often, and by which rules. */
export function marksInWords(marks: readonly Mark[], kernel: string): string {
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined) return '';
  const when = first.at === last.at ? seconds(first.at) : `${(first.at / 1_000_000).toFixed(6)} to ${seconds(last.at)}`;
  const { one, many } = KIND_WORDS[first.kind];
  const count = countOf(marks);
  const whom =
    first.peer === undefined ? '' : count === 1 ? ` (peer ${first.peer})` : ` (the first: peer ${first.peer})`;
  const rules = new Map<RuleId, number>();
  for (const { rule, count } of marks) if (rule !== undefined) rules.set(rule, (rules.get(rule) ?? 0) + count);
  const why = [...rules].map(([rule, times]) => {
    const share = rules.size > 1 ? `${grouped(times)} times: ` : '';
    return `\n${share}${sentenceOf(rule, kernel)} (${rule})`;
  });
  return `${when}: ${count === 1 ? one : `${grouped(count)} ${many}`}${whom}${why.join('')}`;
}

/** How often what the marks say has happened. */
export const countOf = (marks: readonly Mark[]): number => marks.reduce((sum, { count }) => sum + count, 0);

/** The marks of each kind that there are, in the order in which kinds are shown. */
export function marksByKind(marks: readonly Mark[]): Map<MarkKind, Mark[]> {
  const kinds = new Map<MarkKind, Mark[]>();
  for (const kind of MARK_KINDS) {
    const some = marks.filter((mark) => mark.kind === kind);
    if (some.length > 0) kinds.set(kind, some);
  }
  return kinds;
}

/** The limits that a queue has in the course of time, as in `3`, `3 to 128`; undefined: it never has one. */
export function limitInWords(limits: readonly (number | undefined)[]): string | undefined {
  const known = limits.filter((limit) => limit !== undefined);
  if (known.length === 0) return undefined;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return least === most ? grouped(least) : `${grouped(least)} to ${grouped(most)}`;
}

/** What a picture of a timeline shows, for those who do not see it. */
export function timelineInWords({ kernel, title, from, until, samples, marks }: Timeline): string {
  const longest = (length: (sample: (typeof samples)[number]) => number): number =>
    samples.reduce((most, sample) => Math.max(most, length(sample)), 0);
  const fullAt = (limits: readonly (number | undefined)[]): string => {
    const words = limitInWords(limits);
    return words === undefined ? '' : ` (full at ${words})`;
  };
  const queues = [
    `the SYN queue holds at most ${grouped(longest(({ synQueue }) => synQueue))}${fullAt(samples.map(({ synLimit }) => synLimit))}`,
    `the accept queue at most ${grouped(longest(({ acceptQueue }) => acceptQueue))}${fullAt(samples.map(({ acceptLimit }) => acceptLimit))}`,
  ];
  const happened = [...marksByKind(marks)].map(([kind, some]) => {
    const { one, many } = KIND_WORDS[kind];
    const count = countOf(some);
    const what = count === 1 ? one : `${grouped(count)} ${many}`;
    return `${what}, ${count === 1 ? 'at' : 'from'} ${seconds((some[0] as Mark).at)}${count === 1 ? '' : ' on'}`;
  });
  const time = `${(from / 1_000_000).toFixed(6)} to ${seconds(until)}`;
  return `Linux ${kernel}, ${title}, ${time}: ${queues.join(', ')}.${happened.map((what) => ` ${capital(what)}.`).join('')}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
