/** Makes one of hypotheses that differ only in what is known of the clock, of the buckets, and of when timers fire. */

import type { Clock, Interval } from '../host/clock.js';
import { SHARED } from '../host/clone.js';
import type { Timer } from '../host/timers.js';
import type { KernelVariant } from '../host/variant.js';
import type { Hypothesis } from './hypothesis.js';
import type { Lineage } from './lineage.js';
import { UnknownSynTable } from './unknown-syn-table.js';
import { UnseenTimers } from './unseen-timers.js';

/**
 * As few hypotheses as allow what `lineages` allow, which it may change. Those that differ only in the buckets that are possible, or in
 * the windows of timers that are not seen, become one with what is possible in both, which may allow more than either.
 */
export function distinct(lineages: Lineage[], variant: KernelVariant): Lineage[] {
  if (lineages.length < 2) return lineages;
  const groups = new Map<number, Lineage[]>();
  for (const one of lineages) {
    const key = fingerprint(one.state);
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
  const { timers } = a.host;
  if (timers instanceof UnseenTimers && b.host.timers instanceof UnseenTimers) timers.include(b.host.timers);
  return true;
}

/** Puts what `b` knows into `a`, if one clock can hold both and nothing else. */
function mergeClocks(a: Clock, b: Clock): boolean {
  const samePhases = a.possible?.of === b.possible?.of && String(a.possible?.phases) === String(b.possible?.phases);
  const differing = (['fraction', 'minute', 'wrap'] as const).filter((name) => !same(a[name], b[name]));
  const [only] = differing;
  if (only === undefined) {
    if (samePhases) return true;
    if (a.possible === undefined || a.possible.of !== b.possible?.of) return false;
    const phases = new Set([...a.possible.phases, ...b.possible.phases]);
    a.possible = { phases: [...phases].sort((x, y) => x - y), of: a.possible.of };
    return true;
  }
  if (!samePhases || differing.length > 1) return false;
  const [mine, theirs] = [a[only], b[only]];
  return mine !== undefined && theirs !== undefined && join(mine, theirs);
}

const same = (a: Interval | undefined, b: Interval | undefined): boolean => a?.lo === b?.lo && a?.hi === b?.hi;

/** Widens `a` by `b` where they touch. */
function join(a: Interval, b: Interval): boolean {
  if (a.hi < b.lo || b.hi < a.lo) return false;
  a.lo = Math.min(a.lo, b.lo);
  a.hi = Math.max(a.hi, b.hi);
  return true;
}

/** What does not make hypotheses different: what is only told, lower bounds, and the buckets and windows, which are merged. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'fired',
  'log',
  'sights',
  'buckets',
  'remembered',
  'earliest',
  'window',
]);

/**
 * A number of 53 bits that is the same for equal graphs, clocks apart, and by all odds another one for different graphs. Objects are
 * named by the order in which they are met.
 */
function fingerprint(root: Hypothesis): number {
  const numbers = new Map<object, number>();
  let a = 0;
  let b = 0;
  const add = (word: number): void => {
    a = Math.imul(a ^ word, 0x85ebca6b);
    a ^= a >>> 15;
    b = Math.imul(b + word, 0xc2b2ae35);
    b ^= b >>> 13;
  };
  const found: object[] = [];
  const addValue = (value: unknown): void => {
    if (typeof value === 'number') {
      FLOAT[0] = value;
      add(WORDS[0] as number);
      add(WORDS[1] as number);
    } else if (typeof value === 'string') add(textHash(value));
    else if (typeof value === 'function') add(textHash(value.name));
    else if (typeof value === 'object' && value !== null) addObject(value);
    else add(value === null ? 1 : value === true ? 2 : value === false ? 3 : 4);
  };
  const addObject = (value: object): void => {
    let number = numbers.get(value);
    if (number === undefined) {
      if ((value as { [SHARED]?: boolean })[SHARED] === true) return;
      number = numbers.size;
      numbers.set(value, number);
      found.push(value);
    }
    add(5 + number);
  };
  numbers.set(root.host.clock, 0);
  addObject(root);
  for (const value of found) {
    add(-1);
    if (Array.isArray(value) || value instanceof Set) {
      for (const item of value) addValue(item);
    } else if (value instanceof Map) {
      for (const [key, item] of value) {
        addValue(key);
        addValue(item);
      }
    } else if ((value as Partial<Timer>).pending !== false) {
      const fields = value as Record<string, unknown>;
      for (const key in fields) {
        const field = fields[key];
        if (field === undefined || LEFT_OUT.has(key)) continue;
        add(textHash(key));
        addValue(field);
      }
    }
  }
  return (a >>> 0) * 2 ** 21 + (b >>> 11);
}

const FLOAT = new Float64Array(1);
const WORDS = new Uint32Array(FLOAT.buffer);
const TEXT_HASHES = new Map<string, number>();

/** A hash of 32 bits, remembered: the texts are names of fields and the like. */
function textHash(text: string): number {
  let hash = TEXT_HASHES.get(text);
  if (hash === undefined) {
    hash = 0;
    for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
    TEXT_HASHES.set(text, hash);
  }
  return hash;
}
