/**
 * A hypothesis and how it came about. Most steps leave the kernel no choice, so a hypothesis is simply played on. Only when a choice
 * comes up is the state before the step needed: it is had again by playing the last few steps from an older copy.
 */

import type { Step } from '../generated/types.js';
import { cloneGraph } from '../host/clone.js';
import type { CounterName } from '../host/counters.js';
import type { RuleId } from '../host/rule.js';
import { Contradiction, type Mismatch } from './contradiction.js';
import type { Hypothesis } from './hypothesis.js';
import { decides } from './manner.js';
import { hintPhase } from './phase-hint.js';
import { play, type Stage } from './play.js';
import { ChoiceAhead, type Trail } from './search-environment.js';
import type { View } from './view.js';

/** A step to play, and those after it in which something of it may be seen. */
export interface Scene {
  readonly step: Step;
  readonly following: readonly Step[];
  /** Of the segments that arrive only the one with this index is to be handled now. */
  readonly only?: number;
}

/** Where and why a hypothesis came to its end. */
export interface Failure {
  /** How far it had come; comparable within one step. */
  readonly progress: number;
  readonly mismatch: Mismatch;
  readonly rules: readonly RuleId[];
}

/** How many steps are played again at most. */
const REPLAYED = 12;

/** See the file's comment. */
export class Lineage {
  state: Hypothesis;
  /** The state before `since`; undefined: `state`, which has not been played on yet. */
  private snapshot: Hypothesis | undefined;
  private since: Scene[] = [];

  constructor(state: Hypothesis) {
    this.state = state;
  }

  /** Plays a step. False when it contradicts; undefined when there is a choice, and then only {@link explore} can go on. */
  playStraight(stage: Stage, scene: Scene, failed: (failure: Failure) => void): boolean | undefined {
    if (this.snapshot === undefined || this.since.length === REPLAYED) {
      this.snapshot = cloneGraph(this.state);
      this.since = [];
    }
    try {
      attempt(stage, this.state, scene, undefined);
    } catch (error) {
      if (error instanceof ChoiceAhead) return undefined;
      failed(failure(error, this.state));
      return false;
    }
    this.since.push(scene);
    return true;
  }

  /** Lets `change` widen the state. Whether it did is what `change` says; the way here is then no longer the state's own. */
  absorb(change: () => boolean): boolean {
    if (!change()) return false;
    this.snapshot = undefined;
    this.since = [];
    return true;
  }

  /** Plays a step in every way that the kernel may take, one by one: yields what has become of the hypothesis, or undefined where it contradicts. */
  *explore(stage: Stage, scene: Scene, failed: (failure: Failure) => void): Generator<Lineage | undefined> {
    const base = this.snapshot as Hypothesis;
    for (const earlier of this.since) attempt(stage, base, earlier, undefined);
    const untried: Trail[] = [[]];
    for (let trail = untried.pop(); trail !== undefined; trail = untried.pop()) {
      const state = cloneGraph(base);
      let survivor: Lineage | undefined;
      try {
        attempt(stage, state, scene, trail);
        survivor = new Lineage(state);
      } catch (error) {
        failed(failure(error, state));
      }
      untried.push(...stage.env.untried.splice(0));
      yield survivor;
    }
  }
}

function attempt(stage: Stage, state: Hypothesis, { step, following, only }: Scene, trail: Trail | undefined): void {
  stage.env.begin(state, step, following, trail);
  const { view } = stage.env;
  hintPhase(state, step, view);
  play(stage, state, step, only);
  forgetUnseen(state, view);
  state.host.now = step.observed.until;
  state.host.timers.canonicalize(state.host);
  state.host.clock.forgetPhase();
}

/** Counters that nobody reads do not make hypotheses different. */
function forgetUnseen({ host }: Hypothesis, view: View): void {
  if (view.seesAllCounters) return;
  for (const name in host.counters) if (!view.seesCounter(name)) delete host.counters[name as CounterName];
}

function failure(error: unknown, { host }: Hypothesis): Failure {
  if (!(error instanceof Contradiction)) throw error;
  return { progress: host.now, mismatch: error.mismatch, rules: endingWithDecision(host.fired) };
}

/** The rules in order; if the last of them only says how something is done, the one that decided it comes once more at the end. */
function endingWithDecision(fired: readonly RuleId[]): readonly RuleId[] {
  const decision = fired.findLast(decides);
  return decision === undefined || decision === fired.at(-1) ? fired : [...fired, decision];
}
