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
import { type Failure, Lineage, type Scene } from './lineage.js';
import { SearchEnvironment } from './search-environment.js';
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

/** What may be told to a judge beside the trace. */
export interface JudgeOptions {
  readonly limits?: SearchLimits;
  /** Sysctls that earlier traces of the same machine wrote: where the kernel refuses a value, one of these may have stayed in force. */
  readonly leftSettings?: Readonly<Record<string, number>>;
}

const LIMITS: SearchLimits = { alive: 4096, plays: 100_000 };

/** Judges one trace. Call {@link step} for each of its steps in order, then {@link end}. */
export class TraceJudge {
  private readonly variant: KernelVariant;
  private readonly env: SearchEnvironment;
  private readonly limits: SearchLimits;
  private alive: Lineage[];
  private steps = 0;
  private verdict: Verdict | undefined;
  /** The step whose successor is awaited. */
  private held: { step: Step; line: number } | undefined;
  /** Called after each step with the rules that fired in a surviving hypothesis. */
  onStep: ((line: number, rules: readonly RuleId[], alive: readonly Hypothesis[]) => void) | undefined;

  /** `header` is on `line` of its file. */
  constructor(variant: KernelVariant, header: TraceHeader, line: number, options: JudgeOptions = {}) {
    this.variant = variant;
    this.limits = options.limits ?? LIMITS;
    this.env = new SearchEnvironment(TOLERANCES[header.origin]);
    const first = new Hypothesis();
    this.env.adopt(first);
    first.host = variant.boot(this.env, Clock.unknown(header.kernel.hz), header.sockopt, header.kernel.release);
    this.alive = [new Lineage(first)];
    try {
      writeSysctls(variant, first, header);
      const other = withLeftSettings(variant, first, header, options.leftSettings ?? {});
      if (other !== undefined) this.alive.push(new Lineage(other));
    } catch (error) {
      if (!(error instanceof Contradiction)) throw error;
      this.verdict = { verdict: 'violates', steps: 0, line, rules: first.host.fired, ...error.mismatch };
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
    const { env, variant, steps } = this;
    const scene: Scene = { step, following };
    const survivors: Lineage[] = [];
    let forked = false;
    let furthest: Failure | undefined;
    const failed = (failure: Failure): void => {
      if (furthest === undefined || failure.progress >= furthest.progress) furthest = failure;
    };
    let left = this.limits.plays;
    for (const lineage of this.alive) {
      const straight = lineage.playStraight({ env, variant }, scene, failed);
      if (straight !== undefined) {
        if (straight) survivors.push(lineage);
        continue;
      }
      forked = true;
      for (const outcome of lineage.explore({ env, variant }, scene, failed)) {
        if (outcome !== undefined) survivors.push(outcome);
        left -= 1;
        if (left < 0 || survivors.length > 4 * this.limits.alive) {
          this.verdict = {
            verdict: 'undecided',
            steps,
            line,
            reason: `more than ${this.limits.plays} ways to play one step`,
          };
          return;
        }
      }
    }
    if (survivors.length === 0) {
      const { mismatch, rules } = furthest as Failure;
      this.verdict = { verdict: 'violates', steps, line, rules, ...mismatch };
      return;
    }
    this.alive = forked ? distinct(survivors, variant) : survivors;
    if (this.alive.length > this.limits.alive) {
      this.verdict = { verdict: 'undecided', steps, line, reason: `more than ${this.limits.alive} hypotheses` };
      return;
    }
    const rules = this.alive[0]?.state.host.fired ?? [];
    this.onStep?.(
      line,
      rules,
      this.alive.map(({ state }) => state),
    );
  }
}

function writeSysctls(variant: KernelVariant, { host }: Hypothesis, { sysctl, sysctlErrors = {} }: TraceHeader): void {
  for (const [name, value] of Object.entries(sysctl)) {
    const result = variant.writeSysctl(host, name, value);
    const seen = sysctlErrors[name] ?? 0;
    if (!sameErrno(result, seen)) throw new Contradiction(`sysctlErrors["${name}"]`, result, seen);
  }
}

/** The hypothesis that refused sysctls kept what was left of earlier traces in place of the default; undefined if that is the same. */
function withLeftSettings(
  variant: KernelVariant,
  first: Hypothesis,
  { sysctlErrors = {} }: TraceHeader,
  left: Readonly<Record<string, number>>,
): Hypothesis | undefined {
  const names = Object.keys(sysctlErrors).filter((name) => {
    const value = left[name];
    return value !== undefined && first.host.sysctl[name] !== undefined && first.host.sysctl[name] !== value;
  });
  if (names.length === 0) return undefined;
  const other = cloneGraph(first);
  for (const name of names) variant.writeSysctl(other.host, name, left[name] as number);
  return other;
}
