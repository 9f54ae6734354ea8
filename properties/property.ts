/** What a property is: an object that says what holds, of what, and how fast-check can try to falsify it. */

import * as fc from 'fast-check';
import type { Level } from '../src/generated/types.js';
import type { RuleId } from '../src/host/rule.js';
import type { KernelVariant } from '../src/host/variant.js';
import { type PlayedTrace, type PlayOptions, playScenario, type Scenario, type Trace } from '../src/run/scenario.js';

/** On what a property is tried: a kernel's model, whose runs are noted. */
export class Bench {
  readonly kernel: KernelVariant;
  /** How often each rule fired in all runs so far. */
  readonly fired = new Map<RuleId, number>();

  constructor(kernel: KernelVariant) {
    this.kernel = kernel;
  }

  /** Plays a scenario, on this bench's kernel or another one. It may say itself at how many jiffies per second, and for how long the machine has been up. */
  play(
    scenario: Scenario & Pick<PlayOptions, 'hz' | 'uptime'>,
    options: PlayOptions = {},
    kernel = this.kernel,
  ): PlayedTrace {
    const { hz, uptime } = scenario;
    const own = { ...(hz === undefined ? {} : { hz }), ...(uptime === undefined ? {} : { uptime }) };
    const played = playScenario(kernel, scenario, { ...own, ...options });
    if (kernel === this.kernel) for (const { rules } of played.steps) this.note(rules);
    return played;
  }

  /** Notes the rules that fired where something else than a scenario was played. */
  note(rules: readonly RuleId[]): void {
    for (const rule of rules) this.fired.set(rule, (this.fired.get(rule) ?? 0) + 1);
  }
}

/** Says that a property does not hold; the message says what was found instead. */
export class Falsified extends Error {
  override readonly name = 'Falsified';
}

/** Throws {@link Falsified} unless `holds`. */
export function expectThat(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new Falsified(message());
}

/** A statement about kernels that can be tried. */
export interface Property {
  /** In kebab-case; the name of its file. */
  readonly id: string;
  /** What holds, in one sentence. */
  readonly sentence: string;
  /** The variants that it is about. */
  readonly kernels: readonly string[];
  /** The rules that it is about: of those that a kernel has, each must have fired in a campaign, or the campaign has shown nothing. */
  readonly rules: readonly RuleId[];
  /** How many values a campaign tries. */
  readonly runs: number;
  /** The property, as fast-check runs it. */
  on(bench: Bench): fc.IRawProperty<[unknown]>;
  /** The scenarios that a value, which falsified it, stands for; none where the value is not about scenarios. */
  scenarios(value: unknown, bench: Bench): readonly Scenario[];
}

/** What has to be said of a property over values of the type `T`. */
export interface PropertySpec<T> extends Pick<Property, 'id' | 'sentence' | 'kernels' | 'rules'> {
  /** Default 200. */
  readonly runs?: number;
  /** The values. */
  arbitrary(bench: Bench): fc.Arbitrary<T>;
  /** Tries one value. @throws Falsified where it does not hold */
  check(value: T, bench: Bench): void;
  /** See {@link Property.scenarios}. */
  scenarios(value: T, bench: Bench): readonly Scenario[];
}

/** Makes a property. */
export function property<T>(spec: PropertySpec<T>): Property {
  const { id, sentence, kernels, rules, runs = 200 } = spec;
  return {
    id,
    sentence,
    kernels,
    rules,
    runs,
    on: (bench) =>
      fc.property(spec.arbitrary(bench) as fc.Arbitrary<unknown>, (value) => spec.check(value as T, bench)),
    scenarios: (value, bench) => spec.scenarios(value as T, bench),
  };
}

/** What holds of every trace by itself, wherever it comes from. */
export interface Invariant extends Pick<Property, 'id' | 'sentence' | 'kernels' | 'rules'> {
  /** How much of a trace has to be seen to tell. */
  readonly needs: Level;
  /** What is wrong with a trace of `kernel`; undefined: nothing. */
  broken(trace: Trace, kernel: string): string | undefined;
}
