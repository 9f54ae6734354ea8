/**
 * The judge: is this trace one that the specification allows? It plays the trace on the kernel's model step by step, in every way
 * that the kernel leaves open, and drops each way as soon as an observation contradicts it.
 */

import type { Step, TraceHeader } from '../generated/types.js';
import { Clock } from '../host/clock.js';
import { cloneGraph } from '../host/clone.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import { Contradiction, type Mismatch } from './contradiction.js';
import { distinct } from './distinct.js';
import { sameErrno } from './errno.js';
import { Hypothesis } from './hypothesis.js';
import { hintPhase } from './phase-hint.js';
import { play } from './play.js';
import { SearchEnvironment, type Trail } from './search-environment.js';
import { TOLERANCES } from './tolerance.js';

/** How a trace was judged. */
export type Verdict =
  | { readonly verdict: 'conforms'; readonly steps: number }
  | ({
      readonly verdict: 'violates';
      readonly steps: number;
      readonly line: number;
      readonly rules: readonly RuleId[];
    } & Mismatch)
  | { readonly verdict: 'undecided'; readonly steps: number; readonly line: number; readonly reason: string };

/** Limits of the search; beyond them a trace is undecided. */
export interface SearchLimits {
  /** How many hypotheses may be alive after a step. */
  readonly alive: number;
  /** How often a single step may be played. */
  readonly plays: number;
}

const LIMITS: SearchLimits = { alive: 512, plays: 20_000 };

/** Judges one trace. Call {@link step} for each of its steps in order, then {@link end}. */
export class TraceJudge {
  private readonly variant: KernelVariant;
  private readonly env: SearchEnvironment;
  private readonly limits: SearchLimits;
  private alive: Hypothesis[];
  private steps = 0;
  private verdict: Verdict | undefined;
  /** The step whose successor is awaited. */
  private held: { step: Step; line: number } | undefined;
  /** Called after each step with the rules that fired in a surviving hypothesis. */
  onStep: ((line: number, rules: readonly RuleId[], alive: readonly Hypothesis[]) => void) | undefined;

  constructor(variant: KernelVariant, header: TraceHeader, line: number, limits: SearchLimits = LIMITS) {
    this.variant = variant;
    this.limits = limits;
    this.env = new SearchEnvironment(TOLERANCES[header.origin]);
    const first = new Hypothesis();
    this.env.adopt(first);
    first.host = variant.boot(this.env, Clock.unknown(header.kernel.hz), header.sockopt, header.kernel.release);
    this.alive = [first];
    try {
      writeSysctls(variant, first, header);
    } catch (error) {
      this.verdict = this.violation(error, line, first);
    }
  }

  /** The next step. Returns the verdict as soon as it is certain. */
  step(step: Step, line: number): Verdict | undefined {
    this.steps += 1;
    const { held } = this;
    this.held = { step, line };
    if (held !== undefined) this.judge(held.step, held.line, step);
    return this.verdict;
  }

  /** There are no more steps. */
  end(): Verdict {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) this.judge(held.step, held.line, undefined);
    return this.verdict ?? { verdict: 'conforms', steps: this.steps };
  }

  private judge(step: Step, line: number, following: Step | undefined): void {
    if (this.verdict !== undefined) return;
    const survivors: Hypothesis[] = [];
    let furthest: { progress: number; mismatch: Mismatch; rules: readonly RuleId[] } | undefined;
    let plays = 0;
    for (const hypothesis of this.alive) {
      const untried: Trail[] = [[]];
      for (let trail = untried.pop(); trail !== undefined; trail = untried.pop()) {
        if (++plays > this.limits.plays) {
          this.verdict = {
            verdict: 'undecided',
            steps: this.steps,
            line,
            reason: `more than ${this.limits.plays} ways to play one step`,
          };
          return;
        }
        const attempt = cloneGraph(hypothesis);
        this.env.begin(attempt, step, following, trail);
        hintPhase(attempt, step, this.env.tolerance);
        try {
          play({ variant: this.variant, env: this.env }, attempt, step);
          attempt.host.timers.canonicalize(attempt.host);
          attempt.host.clock.forgetPhase();
          survivors.push(attempt);
        } catch (error) {
          if (!(error instanceof Contradiction)) throw error;
          const progress = attempt.host.now;
          if (furthest === undefined || progress >= furthest.progress) {
            furthest = { progress, mismatch: error.mismatch, rules: attempt.host.fired };
          }
        }
        untried.push(...this.env.untried.splice(0));
      }
    }
    if (survivors.length === 0 && furthest !== undefined) {
      this.verdict = { verdict: 'violates', steps: this.steps, line, rules: furthest.rules, ...furthest.mismatch };
      return;
    }
    this.alive = distinct(survivors, this.variant);
    if (this.alive.length > this.limits.alive) {
      this.verdict = {
        verdict: 'undecided',
        steps: this.steps,
        line,
        reason: `more than ${this.limits.alive} hypotheses`,
      };
      return;
    }
    this.onStep?.(line, this.alive[0]?.host.fired ?? [], this.alive);
  }

  private violation(error: unknown, line: number, { host }: Hypothesis): Verdict {
    if (!(error instanceof Contradiction)) throw error;
    return { verdict: 'violates', steps: 0, line, rules: host.fired, ...error.mismatch };
  }
}

function writeSysctls(variant: KernelVariant, { host }: Hypothesis, { sysctl, sysctlErrors = {} }: TraceHeader): void {
  for (const [name, value] of Object.entries(sysctl)) {
    const result = variant.writeSysctl(host, name, value);
    const seen = sysctlErrors[name] ?? 0;
    if (!sameErrno(result, seen)) throw new Contradiction(`sysctlErrors["${name}"]`, result, seen);
  }
}
