/**
 * The judge: is this trace one that the specification allows? It plays the trace on the kernel's model step by step, in every way
 * that the kernel leaves open, and drops each way as soon as an observation contradicts it.
 */

import type { Step, TraceHeader } from '../generated/types.js';
import { Clock } from '../host/clock.js';
import { cloneGraph } from '../host/clone.js';
import type { Host } from '../host/host.js';
import type { RuleId } from '../host/rule.js';
import type { TimerBase } from '../host/timers.js';
import type { KernelVariant } from '../host/variant.js';
import { Contradiction, type Mismatch } from './contradiction.js';
import { distinct } from './distinct.js';
import { sameErrno } from './errno.js';
import { Hypothesis } from './hypothesis.js';
import { type Failure, Lineage, type Scene } from './lineage.js';
import { SearchEnvironment } from './search-environment.js';
import { type Sight, Sights } from './sights.js';
import { UnseenTimers } from './unseen-timers.js';
import { type View, viewOf } from './view.js';

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
  /** Steps that are judged once it is known what follows, oldest first. */
  private readonly held: { step: Step; line: number }[] = [];
  /** The rules that fired when last any did. */
  private lastFired: readonly RuleId[] = [];
  /** Called after each step with the rules that fired in a surviving hypothesis. */
  onStep: ((line: number, rules: readonly RuleId[], alive: readonly Hypothesis[]) => void) | undefined;

  /** See {@link watch}. */
  private onSights: ((sights: readonly Sight[]) => void) | undefined;

  /** `header` is on `line` of its file. */
  constructor(variant: KernelVariant, header: TraceHeader, line: number, options: JudgeOptions = {}) {
    this.variant = variant;
    this.limits = options.limits ?? LIMITS;
    const view = viewOf(header);
    this.env = new SearchEnvironment(view);
    const first = new Hypothesis();
    this.env.adopt(first);
    first.host = bootUnder(view, variant, this.env, header);
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

  /**
   * Asks to be told, before the first step, what is to be seen within each step in a surviving hypothesis: after every segment, call and tick.
   * A step may come in several parts.
   */
  watch(onSights: (sights: readonly Sight[]) => void): void {
    this.onSights = onSights;
    for (const { state } of this.alive) state.sights = new Sights();
  }

  /** The next step. Returns the verdict as soon as it is certain. */
  step(step: Step, line: number): Verdict | undefined {
    this.steps += 1;
    if (this.verdict !== undefined) return this.verdict;
    const { held } = this;
    held.push({ step, line });
    const { lookahead, tolerance } = this.env.view;
    for (let first = held[0]; first !== undefined && held.length > 1; first = held[0]) {
      const until = first.step.observed.at + tolerance.timer + lookahead * tolerance.next;
      if (until >= step.observed.at && held.length <= lookahead) break;
      this.judgeOldest();
    }
    return this.verdict;
  }

  /** There are no more steps. */
  end(): Verdict {
    while (this.held.length > 0) this.judgeOldest();
    return this.verdict ?? { verdict: 'conforms', steps: this.steps };
  }

  private judgeOldest(): void {
    const oldest = this.held.shift();
    if (oldest === undefined) return;
    const { step, line } = oldest;
    const following = this.held.map((one) => one.step);
    for (const part of this.env.view.segments ? [{ step }] : partsOf(step)) {
      if (this.verdict !== undefined) break;
      this.judge({ ...part, following }, line);
      if (this.onSights !== undefined && this.verdict === undefined)
        this.onSights(this.alive[0]?.state.sights?.seen ?? []);
    }
    if (this.verdict !== undefined) return;
    const rules = this.alive[0]?.state.host.fired ?? [];
    if (rules.length > 0) this.lastFired = rules;
    this.onStep?.(
      line,
      rules,
      this.alive.map(({ state }) => state),
    );
  }

  private judge(scene: Scene, line: number): void {
    const { env, variant } = this;
    const steps = this.steps - this.held.length;
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
      // Where nothing should have happened, what happened last says why.
      this.verdict = {
        verdict: 'violates',
        steps,
        line,
        rules: rules.length > 0 ? rules : this.lastFired,
        ...mismatch,
      };
      return;
    }
    this.alive = forked ? distinct(survivors, variant) : survivors;
    if (this.alive.length > this.limits.alive) {
      this.verdict = { verdict: 'undecided', steps, line, reason: `more than ${this.limits.alive} hypotheses` };
    }
  }
}

/**
 * A fresh machine of which nothing is known but HZ and perhaps, to within a jiffy, for how long it has been up; where timers may run late, so may the count of
 * jiffies. Where no segments are seen, the timers of a wheel are known by their windows, and as
 * the order in which the timers of one jiffy fire can't be seen either, any phase of jiffies will do.
 */
function bootUnder(view: View, variant: KernelVariant, env: SearchEnvironment, { kernel, sockopt }: TraceHeader): Host {
  const { hz, uptime } = kernel;
  const inexact = 1_000_000 / hz + view.late;
  const unknown = Clock.unknown(hz, uptime === undefined ? undefined : { lo: uptime - inexact, hi: uptime + inexact });
  if (view.segments) return variant.boot(env, unknown, sockopt, kernel.release);
  const clock = Clock.known(hz, 0, 0, 0);
  clock.wrap = unknown.wrap;
  Object.assign(clock.fraction, unknown.fraction);
  Object.assign(clock.minute, unknown.minute);
  const host = variant.boot(env, clock, sockopt, kernel.release);
  if (host.timers.rounds) (host as { timers: TimerBase }).timers = new UnseenTimers(view.late);
  return host;
}

/** How long a part of a wait is, µs, and how many parts there are at most. */
const PART = 200_000;
const PARTS = 1000;

/** The parts in which a step is judged that shows no segments: so ways that have become alike are made one in between. */
function partsOf(step: Step): Omit<Scene, 'following'>[] {
  const { event, observed } = step;
  if ('segments' in event) return event.segments.map((_, only) => ({ step, only }));
  if (!('wait' in event)) return [{ step }];
  const length = Math.max(PART, (observed.at - step.at) / PARTS);
  const parts: { step: Step }[] = [];
  let { at } = step;
  for (; at + length < observed.at; at += length) {
    const end = at + length;
    parts.push({ step: { at, event, out: [], observed: { at: end, until: end, counters: {} } } });
  }
  return [...parts, { step: { ...step, at } }];
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
