/** What spec/rules.json and spec/kernels say that two kernels differ in, as a list: what a search for scenarios has to show. */

import type { KernelSpec, KernelSysctl } from '../generated/types.js';
import { TCP_EXT_ROW, TCP_ROW } from '../host/counters.js';
import { kernelSpec } from '../host/kernel-spec.js';
import { type RuleId, tcpRuleSpecs } from '../host/rule.js';
import { areaOf, isChanged, sentenceIn, type Topic, topicsOf } from './topics.js';

/** Something that one of two kernels has or does and the other has not, or does otherwise. */
export type Difference = RuleDifference | CounterDifference | SysctlDifference;

/** A rule that the other kernel lacks, or that says something else there. */
export interface RuleDifference {
  readonly kind: 'rule';
  /** The kernel whose rule it is. */
  readonly kernel: string;
  readonly topic: string;
  readonly rule: RuleId;
  readonly sentence: string;
  /** The rules of the other kernel that answer the same question in another way. */
  readonly counterparts: readonly RuleId[];
}

/** A counter that only one kernel has and moves. */
export interface CounterDifference {
  readonly kind: 'counter';
  readonly kernel: string;
  readonly counter: string;
}

/** A sysctl that only one kernel's model reads (`only`), or whose default or range differ. */
export interface SysctlDifference {
  readonly kind: 'sysctl';
  readonly what: 'only' | 'default' | 'range';
  /** The kernel that has it; where both do, the older. */
  readonly kernel: string;
  readonly sysctl: string;
}

/** A difference in a word or two: the rule, the counter, or the sysctl and what differs in it. */
export function labelOf(difference: Difference): string {
  switch (difference.kind) {
    case 'rule':
      return difference.rule;
    case 'counter':
      return difference.counter;
    case 'sysctl':
      return `${difference.sysctl} ${difference.what}`;
  }
}

/**
 * The differences between two kernels, rules first, in the order of topics.
 * @param a name of the older kernel
 * @param b name of the newer kernel
 */
export function differencesBetween(a: string, b: string): Difference[] {
  const rules = topicsOf(tcpRuleSpecs, a, b)
    .filter(isChanged)
    .flatMap((topic) => [...rulesOf(topic, a, 'before', 'after'), ...rulesOf(topic, b, 'after', 'before')]);
  const [older, newer] = [kernelSpec(a), kernelSpec(b)];
  if (older === undefined || newer === undefined) return rules;
  return [...rules, ...countersOf(older, newer), ...countersOf(newer, older), ...sysctlsOf(older, newer)];
}

/** The rules of every topic in which two kernels differ: those that say so. */
export function differingRules(differences: readonly Difference[]): ReadonlyMap<RuleId, string> {
  return new Map(differences.flatMap((one) => (one.kind === 'rule' ? [[one.rule, one.topic]] : [])));
}

/** True for what only the kernel log tells. */
export const isAboutLog = ({ topic }: RuleDifference): boolean => areaOf(topic) === 'log';

function rulesOf(
  topic: Topic,
  kernel: string,
  own: 'before' | 'after',
  other: 'before' | 'after',
): readonly RuleDifference[] {
  const counterparts = [...topic[other], ...topic.altered].map(({ id }) => id as RuleId);
  return [...topic[own], ...topic.altered].map((rule) => ({
    kind: 'rule',
    kernel,
    topic: topic.topic,
    rule: rule.id as RuleId,
    sentence: sentenceIn(rule, kernel),
    counterparts,
  }));
}

function countersOf(own: KernelSpec, other: KernelSpec): CounterDifference[] {
  const has = ({ counters: { Tcp, TcpExt } }: KernelSpec, name: string): boolean =>
    Tcp.includes(name) || TcpExt.includes(name);
  return [...TCP_ROW, ...TCP_EXT_ROW]
    .filter((name) => has(own, name) && !has(other, name))
    .map((counter) => ({ kind: 'counter', kernel: own.name, counter }));
}

function sysctlsOf(older: KernelSpec, newer: KernelSpec): SysctlDifference[] {
  const names = [...new Set([...Object.keys(older.sysctls), ...Object.keys(newer.sysctls)])].sort();
  return names.flatMap((sysctl): SysctlDifference[] => {
    const [before, after] = [older.sysctls[sysctl], newer.sysctls[sysctl]];
    if (before === undefined) return [{ kind: 'sysctl', what: 'only', kernel: newer.name, sysctl }];
    if (after === undefined) return [{ kind: 'sysctl', what: 'only', kernel: older.name, sysctl }];
    const differs: SysctlDifference[] = [];
    if (before.default !== after.default) differs.push({ kind: 'sysctl', what: 'default', kernel: older.name, sysctl });
    if (!sameRange(before, after)) differs.push({ kind: 'sysctl', what: 'range', kernel: older.name, sysctl });
    return differs;
  });
}

const sameRange = (a: KernelSysctl, b: KernelSysctl): boolean => a.min === b.min && a.max === b.max;
