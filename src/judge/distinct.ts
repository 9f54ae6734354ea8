/** Makes one of hypotheses that differ only in what is known of the clock and of the buckets. */

import type { Clock, Interval } from '../host/clock.js';
import { SHARED } from '../host/clone.js';
import type { Timer } from '../host/timers.js';
import type { KernelVariant } from '../host/variant.js';
import type { Hypothesis } from './hypothesis.js';
import type { Lineage } from './lineage.js';
import { UnknownSynTable } from './unknown-syn-table.js';

/**
 * As few hypotheses as allow what `lineages` allow, which it may change. Those that differ only in the buckets that are possible
 * become one with the buckets of both, which may allow more than either.
 */
export function distinct(lineages: Lineage[], variant: KernelVariant): Lineage[] {
  if (lineages.length < 2) return lineages;
  const groups = new Map<string, Lineage[]>();
  for (const one of lineages) {
    const key = describe(one.state);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else if (!group.some((other) => other.absorb(() => merge(other.state, one.state, variant)))) group.push(one);
  }
  return [...groups.values()].flat();
}

/** Puts what `b` knows into `a`, if that can be done. */
function merge(a: Hypothesis, b: Hypothesis, variant: KernelVariant): boolean {
  if (!mergeClocks(a.host.clock, b.host.clock)) return false;
  const table = variant.synTable?.(a.host);
  const other = variant.synTable?.(b.host);
  if (table instanceof UnknownSynTable && other instanceof UnknownSynTable) table.include(other);
  return true;
}

/** Puts what `b` knows into `a`, if one clock can hold both and nothing else. */
function mergeClocks(a: Clock, b: Clock): boolean {
  const samePhases = a.possible?.of === b.possible?.of && String(a.possible?.phases) === String(b.possible?.phases);
  const sameFraction = a.fraction.lo === b.fraction.lo && a.fraction.hi === b.fraction.hi;
  const sameMinute = a.minute.lo === b.minute.lo && a.minute.hi === b.minute.hi;
  if (sameFraction && sameMinute) {
    if (samePhases) return true;
    if (a.possible === undefined || a.possible.of !== b.possible?.of) return false;
    const phases = new Set([...a.possible.phases, ...b.possible.phases]);
    a.possible = { phases: [...phases].sort((x, y) => x - y), of: a.possible.of };
    return true;
  }
  if (samePhases && sameMinute) return join(a.fraction, b.fraction);
  return samePhases && sameFraction && join(a.minute, b.minute);
}

/** Widens `a` by `b` where they touch. */
function join(a: Interval, b: Interval): boolean {
  if (a.hi < b.lo || b.hi < a.lo) return false;
  a.lo = Math.min(a.lo, b.lo);
  a.hi = Math.max(a.hi, b.hi);
  return true;
}

/** What does not make hypotheses different: what is only told, lower bounds, and the buckets, which are merged. */
const LEFT_OUT: ReadonlySet<string> = new Set(['fired', 'log', 'buckets', 'remembered', 'earliest']);

/** A text that is the same for equal graphs, clocks apart. Objects are named by the order in which they are met. */
function describe(root: Hypothesis): string {
  const numbers = new Map<object, number>();
  const parts: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'function') {
      parts.push(value.name);
    } else if (typeof value !== 'object' || value === null) {
      parts.push(String(value));
    } else if (numbers.has(value)) {
      parts.push(`#${numbers.get(value)}`);
    } else if ((value as { [SHARED]?: boolean })[SHARED] !== true) {
      numbers.set(value, numbers.size);
      if (Array.isArray(value) || value instanceof Set) {
        parts.push('[');
        for (const item of value) visit(item);
        parts.push(']');
      } else if (value instanceof Map) {
        parts.push('<');
        for (const [key, item] of value) {
          visit(key);
          visit(item);
        }
        parts.push('>');
      } else if ((value as Partial<Timer>).pending === false) {
        parts.push('idle');
      } else {
        parts.push('{');
        for (const [key, item] of Object.entries(value)) {
          if (LEFT_OUT.has(key) || item === undefined) continue;
          parts.push(key);
          visit(item);
        }
        parts.push('}');
      }
    }
    parts.push(',');
  };
  numbers.set(root.host.clock, -1);
  visit(root);
  return parts.join('');
}
