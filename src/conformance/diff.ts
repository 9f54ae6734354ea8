/** Finds, for each difference between two kernels, a smallest scenario that shows it: one kernel's trace, which the other can't have made. */

import { kernelSpec } from '../host/kernel-spec.js';
import { type RuleId, tcpRuleSpecs } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import type { Scenario } from '../run/scenario.js';
import { type Candidate, type Contrast, contrast, type Rejection, type Side, sideOf } from './contrast.js';
import { type Reason, reasonFor } from './diff-reasons.js';
import { type Difference, differencesBetween, differingRules, isAboutLog, type RuleDifference } from './differences.js';
import { madeUp } from './made-up.js';
import { minimize, sizeOf } from './minimize.js';
import { commonness, isUnknownSysctl, sameOutcome, withoutCause } from './sightings.js';

/** How a scenario shows a difference. */
export interface Showing {
  /** The scenario's place in {@link KernelDiff.scenarios}. */
  readonly scenario: string;
  /** The step, counted from 1, at which the kernels part; 0: when the settings were written. */
  readonly step: number;
  /** The step in which the rule fired. Before {@link step}: its effect shows only there. After it: the kernels have parted already. */
  readonly fired: number;
  /** What tells: the trace, or, where nothing else can, the kernel log. */
  readonly evidence: 'trace' | 'log';
  /** What the other kernel's judge says; absent: the trace alone does not tell. */
  readonly rejected?: Rejection;
  /** Differing rules of either kernel that belong to other questions and fired in the same step: the step shows them, too. */
  readonly together: readonly RuleId[];
}

/** A difference, and how it shows. */
export interface FoundDifference {
  readonly difference: Difference;
  /** Absent: no scenario was found. */
  readonly showing?: Showing;
  /** Where none was found: that the rule makes no difference, where that was seen. */
  readonly same?: Same;
  /** In place of a search: what there is to say. */
  readonly reason?: Reason;
}

/** A scenario in which a rule fired and the other kernel did the same, before they parted. */
export interface Same {
  /** The scenario's place in {@link KernelDiff.scenarios}. */
  readonly scenario: string;
  /** The step in which the rule fired. */
  readonly fired: number;
  /** The rules by which the other kernel did the same. */
  readonly rules: readonly RuleId[];
}

/** Two kernels side by side. */
export interface KernelDiff {
  readonly kernels: readonly [KernelVariant, KernelVariant];
  readonly found: readonly FoundDifference[];
  /** The scenarios that the differences refer to, in the order in which they first do, with what each kernel makes of them. */
  readonly scenarios: readonly { readonly candidate: Candidate; readonly sides: Contrast }[];
}

/** What a search may be told. */
export interface DiffOptions {
  /** Where to look. */
  readonly candidates: Iterable<Candidate>;
  /** What is known beforehand: such a difference is not searched for. */
  readonly reasons?: readonly Reason[];
  /** Which differences; by default all. */
  readonly wanted?: (difference: Difference) => boolean;
  /** Whether scenarios are shrunk; without it those that are given are used as they are. Default true. */
  readonly shrink?: boolean;
  /** Called as the search goes on. */
  readonly progress?: (done: number, of: number, what: 'scenarios' | 'differences') => void;
}

/** What a scenario is worth as an example of a difference: less is better, the first number that differs decides. */
type Rank = readonly number[];

/** How a scenario is weighed: `faults` are what its showing lacks, `last` is what the scenario has too much of, its size at the end. */
type Weigh = (faults: Rank, last: Rank) => Rank;

/** The clearest example wins, however long. */
const byClarity: Weigh = (faults, last) => [...faults, ...last];

/** A short example may be less clear. */
const byWeight: Weigh = ([after = 0, ...faults], last) => [
  after,
  [...faults, ...last].reduce((sum, one) => sum + one, 0),
];

interface Sighting {
  /** What it lacks: 1 if the kernels had parted before; then what else makes it less clear, each weighed as so many events. */
  readonly faults: Rank;
  readonly showing: Omit<Showing, 'scenario'>;
  /** What is left to be looked at, where that takes time. Absent: nothing. */
  readonly holds?: () => boolean;
}

interface Seen extends Sighting {
  readonly rank: Rank;
  readonly candidate: Candidate;
}

interface SeenSame extends Omit<Same, 'scenario'> {
  readonly rank: Rank;
  readonly candidate: Candidate;
}

/**
 * Compares kernels, older first. The same candidates give the same result, and the scenarios of a result, given as candidates that are not
 * to be shrunk, give the result again.
 */
export function diffKernels(a: KernelVariant, b: KernelVariant, options: DiffOptions): KernelDiff {
  const { wanted = () => true, reasons = [], progress = () => undefined } = options;
  const all = differencesBetween(a.name, b.name);
  const search = new Search(a, b, all, all.filter(wanted), reasons);
  const candidates = [...options.candidates, ...(options.shrink === false ? [] : madeUp(all.filter(wanted)))];
  for (const [i, candidate] of candidates.entries()) {
    search.look(candidate);
    progress(i + 1, candidates.length, 'scenarios');
  }
  if (options.shrink === false) return search.result();
  const smaller = new Search(a, b, all, search.differences, reasons);
  for (const [i, difference] of search.differences.entries()) {
    for (const shrunk of search.shrunk(difference)) smaller.look(shrunk);
    progress(i + 1, search.differences.length, 'differences');
  }
  return smaller.result();
}

class Search {
  readonly differences: readonly Difference[];
  readonly #reasons: ReadonlyMap<Difference, Reason>;
  /** Those that have no reason. */
  readonly #searched: readonly Difference[];
  readonly #kernels: readonly [KernelVariant, KernelVariant];
  /** The rules in which the kernels differ, with their topics. */
  readonly #differing: ReadonlyMap<RuleId, string>;
  readonly #best = new Map<Weigh, Map<Difference, Seen>>([byWeight, byClarity].map((weigh) => [weigh, new Map()]));
  /** Of rules: the smallest example of their making no difference. */
  readonly #same = new Map<Difference, SeenSame>();

  constructor(
    a: KernelVariant,
    b: KernelVariant,
    all: readonly Difference[],
    wanted: readonly Difference[],
    reasons: readonly Reason[],
  ) {
    this.#kernels = [a, b];
    this.differences = wanted;
    this.#reasons = new Map(
      wanted.flatMap((one) => {
        const reason = reasonFor(one, one.kernel === a.name ? b.name : a.name, reasons);
        return reason === undefined ? [] : [[one, reason]];
      }),
    );
    this.#searched = wanted.filter((one) => !this.#reasons.has(one));
    this.#differing = differingRules(all.filter((one) => one.kind !== 'rule' || !isAboutLog(one)));
  }

  /** Keeps the candidate for each difference of which it is the best example so far. */
  look(candidate: Candidate): void {
    const sides = contrast(...this.#kernels, candidate);
    const last = [...commonness(candidate), sizeOf(candidate.scenario)];
    for (const difference of this.#searched) {
      this.#lookForSame(difference, candidate, sides, last);
      const sighting = this.#sighting(difference, candidate, sides);
      if (sighting === undefined) continue;
      let holds: boolean | undefined;
      for (const [weigh, all] of this.#best) {
        const rank = weigh(sighting.faults, last);
        const best = all.get(difference);
        if (best !== undefined && compare(rank, best.rank) >= 0) continue;
        holds ??= sighting.holds?.() ?? true;
        if (holds) all.set(difference, { ...sighting, rank, candidate });
      }
    }
  }

  /** What shows the difference, or that there is none. What comes after the kernels have parted only counts where nothing came before. */
  #found(difference: Difference): { readonly best?: Seen; readonly same?: SeenSame } {
    const best = this.#best.get(byWeight)?.get(difference);
    const same = this.#same.get(difference);
    if (best !== undefined && (same === undefined || best.showing.fired <= best.showing.step)) return { best };
    return same === undefined ? {} : { same };
  }

  /** The smallest scenarios that can be made of the best examples; their names tell the difference. */
  shrunk(difference: Difference): Candidate[] {
    const { same, best } = this.#found(difference);
    if (best !== undefined) {
      const name = nameOf(difference);
      const bests = [...this.#best.values()].flatMap((all) => all.get(difference) ?? []);
      const different = bests.filter(({ candidate }, i) => i === 0 || candidate !== bests[0]?.candidate);
      return different.map(({ candidate, faults, showing }, i) => {
        const id = `diff-${name}${i === 0 ? '' : '-clearer'}`;
        return shrink(id, candidate, Math.max(showing.step, showing.fired), (changed) => {
          const sighting = this.#sighting(difference, changed, contrast(...this.#kernels, changed));
          return sighting !== undefined && compare(sighting.faults, faults) <= 0 && (sighting.holds?.() ?? true);
        });
      });
    }
    if (same === undefined || difference.kind !== 'rule') return [];
    const smallest = shrink(`same-${nameOf(difference)}`, same.candidate, same.fired, (changed) => {
      const [own, other] = this.#sidesFor(difference, contrast(...this.#kernels, changed));
      return sameAt(difference, own, other) !== undefined;
    });
    return [smallest];
  }

  result(): KernelDiff {
    const scenarios = new Map<string, KernelDiff['scenarios'][number]>();
    const named = (candidate: Candidate): string => {
      if (!scenarios.has(candidate.id)) {
        scenarios.set(candidate.id, { candidate, sides: contrast(...this.#kernels, candidate) });
      }
      return candidate.id;
    };
    const found = this.differences.map((difference): FoundDifference => {
      const reason = this.#reasons.get(difference);
      if (reason !== undefined) return { difference, reason };
      const { best, same } = this.#found(difference);
      if (best !== undefined) {
        return { difference, showing: { scenario: named(best.candidate), ...best.showing } };
      }
      if (same === undefined) return { difference };
      const { candidate, fired, rules } = same;
      return { difference, same: { scenario: named(candidate), fired, rules } };
    });
    return { kernels: this.#kernels, found, scenarios: [...scenarios.values()] };
  }

  #lookForSame(difference: Difference, candidate: Candidate, sides: Contrast, last: Rank): void {
    if (difference.kind !== 'rule') return;
    const same = sameAt(difference, ...this.#sidesFor(difference, sides));
    const before = this.#same.get(difference);
    if (same === undefined || (before !== undefined && compare(last, before.rank) >= 0)) return;
    this.#same.set(difference, { ...same, rank: last, candidate });
  }

  /** The side of the kernel that has it comes first. */
  #sidesFor({ kernel }: Difference, [a, b]: Contrast): Contrast {
    return kernel === this.#kernels[0].name ? [a, b] : [b, a];
  }

  #sighting(difference: Difference, candidate: Candidate, sides: Contrast): Sighting | undefined {
    const [own, other] = this.#sidesFor(difference, sides);
    switch (difference.kind) {
      case 'rule':
        if (isAboutLog(difference)) return logSighting(difference, own, other);
        return this.#ruleSighting(difference, own, other) ?? this.#laterSighting(difference, candidate, own, other);
      case 'counter':
        return counterSighting(difference.counter, own, other);
      case 'sysctl':
        return this.#sysctlSighting(difference, candidate, sides);
    }
  }

  /** The rule fires in the very step in which the kernels part. */
  #ruleSighting(difference: RuleDifference, own: Side, other: Side): Sighting | undefined {
    const { rejected } = own;
    if (rejected === undefined || isUnknownSysctl(rejected)) return undefined;
    const { step } = rejected;
    if (own.rules[step]?.includes(difference.rule) !== true) return undefined;
    return this.#ranked(0, difference, own, other, { step, fired: step, evidence: 'trace', rejected });
  }

  /**
   * The rule fires before the kernels part, and without the event or setting that makes it fire they don't; or it fires after that, and the
   * kernels do something else there.
   */
  #laterSighting(difference: RuleDifference, candidate: Candidate, own: Side, other: Side): Sighting | undefined {
    const { rejected } = own;
    if (rejected === undefined || isUnknownSysctl(rejected)) return undefined;
    const { step } = rejected;
    const { rule } = difference;
    const before = own.rules.findLastIndex((rules, i) => i > 0 && i < step && rules.includes(rule));
    if (before > 0) {
      const sighting = this.#ranked(1, difference, own, other, { step, fired: before, evidence: 'trace', rejected });
      const makesNone = (scenario: Scenario): boolean => {
        const without = sideOf(own.kernel, other.kernel, { ...candidate, scenario });
        return without.rejected === undefined && !without.rules.some((rules) => rules.includes(rule));
      };
      return { ...sighting, holds: () => withoutCause(candidate.scenario, before, step).some(makesNone) };
    }
    const after = own.rules.findIndex((rules, i) => i > step && rules.includes(rule) && !sameOutcome(own, other, i));
    if (after < 0) return undefined;
    return this.#ranked(2, difference, own, other, { step, fired: after, evidence: 'trace', rejected });
  }

  /** `order`: 0: the rule fires as the kernels part; 1: before; 2: after. */
  #ranked(
    order: 0 | 1 | 2,
    { topic, counterparts }: RuleDifference,
    own: Side,
    other: Side,
    showing: Omit<Showing, 'scenario' | 'together'>,
  ): Sighting {
    const { step, fired } = showing;
    const steps = order === 2 ? [fired] : [...new Set([step, fired])];
    const there = steps.flatMap((one) => [...(own.rules[one] ?? []), ...(other.rules[one] ?? [])]);
    const together = [...new Set(there)].filter((one) => (this.#differing.get(one) ?? topic) !== topic);
    const answered = counterparts.length === 0 || counterparts.some((one) => other.rules[fired]?.includes(one));
    const at = order === 2 ? fired : step;
    const elsewhere = partElsewhere(topic, own.rules[at], other.rules[at]);
    const unclear = 6 * together.length + (order === 1 ? 8 : 0) + (elsewhere ? 12 : 0);
    const faults = [order === 2 ? 1 : 0, unclear, answered ? 0 : 6];
    return { faults, showing: { ...showing, together } };
  }

  /** A value that one kernel refuses, or one that nobody wrote and which makes the difference. */
  #sysctlSighting(
    { sysctl, what }: Extract<Difference, { kind: 'sysctl' }>,
    candidate: Candidate,
    sides: Contrast,
  ): Sighting | undefined {
    if (what === 'only') return undefined;
    for (const { kernel, rejected } of sides) {
      if (rejected === undefined || isUnknownSysctl(rejected)) continue;
      const { step } = rejected;
      const event = candidate.scenario.events[step - 1];
      const sighting = {
        faults: [0],
        showing: { step, fired: step, evidence: 'trace', rejected, together: [] },
      } as const;
      if (what === 'range') {
        if (event !== undefined && 'sysctl' in event && sysctl in event.sysctl) return sighting;
        continue;
      }
      const { scenario } = candidate;
      const value = kernelSpec(kernel.name)?.sysctls[sysctl]?.default;
      if (sysctl in scenario.sysctl || value === undefined) continue;
      const written = { ...scenario, sysctl: { ...scenario.sysctl, [sysctl]: value } };
      const again = { ...candidate, scenario: { ...written, events: scenario.events.slice(0, step) } };
      const holds = (): boolean => contrast(...this.#kernels, again).every((side) => side.rejected === undefined);
      return { ...sighting, holds };
    }
    return undefined;
  }
}

/** The candidate under another name, without what it does not need of release, seed, and scenario, for which `good` is true as before. */
function shrink(id: string, candidate: Candidate, steps: number, good: (changed: Candidate) => boolean): Candidate {
  const { scenario } = candidate;
  const plain = { id, scenario };
  const kept = good(plain) ? plain : { ...candidate, id };
  const still = (changed: Scenario): boolean => good({ ...kept, scenario: changed });
  const cut = { ...scenario, events: scenario.events.slice(0, steps) };
  return { ...kept, scenario: minimize(still(cut) ? cut : scenario, still) };
}

/** Where a rule fires, and the other kernel does the same. */
function sameAt({ rule }: RuleDifference, own: Side, other: Side): Omit<Same, 'scenario'> | undefined {
  const fired = own.rules.findIndex((rules) => rules.includes(rule));
  if (fired < 0 || (own.rejected !== undefined && own.rejected.step <= fired)) return undefined;
  return { fired, rules: [...new Set(other.rules[fired])] };
}

function logSighting({ rule }: RuleDifference, own: Side, other: Side): Sighting | undefined {
  const step = own.rules.findIndex((fired, i) => {
    const [mine, theirs] = [own.trace.steps[i - 1]?.log ?? [], other.trace.steps[i - 1]?.log ?? []];
    return fired.includes(rule) && mine.join('\n') !== theirs.join('\n');
  });
  if (step < 0) return undefined;
  return { faults: [0], showing: { step, fired: step, evidence: 'log', together: [] } };
}

/** The counter moves as the kernels part, or, worse, after that. */
function counterSighting(counter: string, own: Side, other: Side): Sighting | undefined {
  const { rejected } = own;
  if (rejected === undefined || isUnknownSysctl(rejected)) return undefined;
  const { step, field } = rejected;
  const fired = own.trace.steps.findIndex(({ observed }) => (observed.counters[counter] ?? 0) !== 0) + 1;
  if (fired < step || sameOutcome(own, other, fired)) return undefined;
  const faults = [fired > step ? 1 : 0, field === `observed.counters.${counter}` ? 0 : 6];
  return { faults, showing: { step, fired, evidence: 'trace', rejected, together: [] } };
}

/** The topics of all rules. */
const TOPICS: ReadonlyMap<string, string> = new Map(tcpRuleSpecs.map(({ id, topic }) => [id, topic]));

/** Whether kernels that differ in this topic take different rules in a step, and none of them belongs to it: they may differ there for another reason. */
function partElsewhere(topic: string, own: readonly RuleId[] = [], other: readonly RuleId[] = []): boolean {
  const unlike = [...own.filter((one) => !other.includes(one)), ...other.filter((one) => !own.includes(one))];
  return unlike.length > 0 && unlike.every((one) => TOPICS.get(one) !== topic);
}

function compare(a: Rank, b: Rank): number {
  const at = a.findIndex((one, i) => one !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** What a scenario that shows a difference is called. */
function nameOf(difference: Difference): string {
  switch (difference.kind) {
    case 'rule': {
      const name = difference.rule.replace('/', '.');
      return difference.counterparts.includes(difference.rule) ? `${name}-${difference.kernel}` : name;
    }
    case 'counter':
      return difference.counter;
    case 'sysctl':
      return `${difference.sysctl}-${difference.what}`;
  }
}
