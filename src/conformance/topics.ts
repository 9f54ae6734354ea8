/** The rules by the question that they answer, and what two kernels answer to it. */

import type { RuleSpec } from '../generated/types.js';

/** The rules that answer one question. */
export interface Topic {
  readonly topic: string;
  /** Rules of the older kernel alone. */
  readonly before: readonly RuleSpec[];
  /** Rules of the newer kernel alone. */
  readonly after: readonly RuleSpec[];
  /** Rules of both that say something else in each. */
  readonly altered: readonly RuleSpec[];
  /** The same in both, but in functions with different names: the older kernel's rule and the newer one's. */
  readonly moved: readonly (readonly [RuleSpec, RuleSpec])[];
  /** Rules of both that say the same. */
  readonly kept: readonly RuleSpec[];
}

/** What the first word of a topic stands for, in the order in which a reader wants to know. */
export const AREAS: Readonly<Record<string, string>> = {
  listen: 'listen(2)',
  syn: 'A SYN',
  queue: 'The SYN queue over time',
  request: 'A segment for a request',
  handshake: 'The end of the handshake',
  cookie: 'SYN cookies',
  accept: 'accept(2)',
  close: 'close(2) and shutdown(2)',
  reset: 'Stray segments and resets',
  log: 'The kernel log',
  option: 'Socket options and sysctls',
  fastopen: 'Fast Open',
  connection: 'Connections after the handshake',
  timer: 'Timers',
  packet: 'The packet backlog',
};

/** The key of {@link AREAS} that a topic belongs to. */
export const areaOf = (topic: string): string => topic.split('-')[0] as string;

/** What a rule says in a kernel. */
export const sentenceIn = ({ sentence, kernels }: RuleSpec, kernel: string): string =>
  kernels[kernel]?.sentence ?? sentence;

/** True when the kernels differ in it. */
export const isChanged = ({ before, after, altered }: Topic): boolean =>
  before.length + after.length + altered.length > 0;

/** The rules by topic: area by area, in alphabetical order within one. */
export function topicsOf(rules: readonly RuleSpec[], older: string, newer: string): Topic[] {
  const areas = Object.keys(AREAS);
  return [...new Set(rules.map(({ topic }) => topic))]
    .sort((a, b) => areas.indexOf(areaOf(a)) - areas.indexOf(areaOf(b)) || (a < b ? -1 : 1))
    .map((topic) => {
      const own = rules.filter((rule) => rule.topic === topic);
      return topicOf(topic, own, older, newer);
    });
}

function topicOf(topic: string, rules: readonly RuleSpec[], older: string, newer: string): Topic {
  const before = rules.filter(({ kernels }) => older in kernels && !(newer in kernels));
  const after = rules.filter(({ kernels }) => newer in kernels && !(older in kernels));
  const both = rules.filter(({ kernels }) => older in kernels && newer in kernels);
  const moved = before.flatMap((one): [RuleSpec, RuleSpec][] => {
    const other = after.find((rule) => caseOf(rule) === caseOf(one) && rule.sentence === one.sentence);
    return other === undefined ? [] : [[one, other]];
  });
  const isMoved = new Set(moved.flat());
  const differs = (rule: RuleSpec): boolean => sentenceIn(rule, older) !== sentenceIn(rule, newer);
  return {
    topic,
    before: before.filter((rule) => !isMoved.has(rule)),
    after: after.filter((rule) => !isMoved.has(rule)),
    altered: both.filter(differs),
    moved,
    kept: both.filter((rule) => !differs(rule)),
  };
}

const caseOf = ({ id }: RuleSpec): string => id.slice(id.indexOf('/'));

const CAPITALS: Readonly<Record<string, string>> = {
  ack: 'ACK',
  syn: 'SYN',
  synack: 'SYN-ACK',
  fin: 'FIN',
  syncnt: 'TCP_SYNCNT',
};

/** A topic as a heading within its area: `syn-queue-full` is `Queue full`. */
export function titleOf(topic: string): string {
  const words = topic.split('-').slice(1);
  const text = words.map((word) => CAPITALS[word] ?? word).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
