/** One scenario, tried on a subject and judged. */

import { INVARIANTS } from '../../properties/invariants/index.js';
import type { BrokenInvariant, CaseFailure } from '../generated/types.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import { type JudgeOptions, type SearchLimits, TraceJudge, type Verdict } from '../judge/judge.js';
import type { Scenario, Trace } from '../run/scenario.js';
import { sees } from '../trace/level.js';
import { runScenario } from './run-scenario.js';
import type { Subject } from './subject.js';

/** What is wrong with a trace, but for where the scenario came from. */
export type Finding = Omit<CaseFailure, 'replay' | 'campaign'>;

/** A judge of thousands of scenarios gives up on one sooner than a judge of one trace: after seconds rather than minutes. */
const LIMITS: SearchLimits = { alive: 1024, plays: 10_000 };

/** What came of it. */
export interface Attempt {
  readonly steps: number;
  /** What is not allowed; undefined: nothing that can be told. */
  readonly finding: Finding | undefined;
  /** Why the judge cannot tell; undefined: it can. */
  readonly undecided: string | undefined;
}

/**
 * Puts the subject through the scenario and judges what it did.
 * @param exercised takes the rules that the model went through on the way
 * @throws SubjectError as {@link runScenario} does
 */
export async function attempt(
  subject: Subject,
  kernel: KernelVariant,
  scenario: Scenario,
  id: string,
  exercised: Set<RuleId>,
): Promise<Attempt> {
  return judged(subject, kernel, await runScenario(subject, kernel, scenario, id), exercised);
}

/**
 * What a kernel makes of a trace that a subject with these capabilities has made.
 * @param exercised takes the rules that the model went through on the way
 * @param options when the judge gives up; by default soon
 */
export function judged(
  subject: Pick<Subject, 'capabilities'>,
  kernel: KernelVariant,
  trace: Trace,
  exercised: Set<RuleId>,
  options: JudgeOptions = { limits: LIMITS },
): Attempt {
  const verdict = judge(kernel, trace, exercised, options);
  const steps = trace.steps.length;
  if (verdict.verdict === 'conforms') return { steps, finding: undefined, undecided: undefined };
  const broken = brokenInvariants(subject, kernel, trace);
  if (verdict.verdict === 'undecided') {
    const { reason, line } = verdict;
    if (broken.length === 0) return { steps, finding: undefined, undecided: `step ${line - 1}: ${reason}` };
    const rules = INVARIANTS.filter(({ id }) => id === broken[0]?.invariant).flatMap((one) => one.rules);
    return { steps, finding: { step: steps, field: '', rules, broken, trace }, undecided: undefined };
  }
  const { line, field, expected, observed, rules } = verdict;
  const step = line - 1;
  // What came after the step that is not allowed shows nothing more.
  const shown = { header: trace.header, steps: trace.steps.slice(0, step) };
  return { steps, finding: { step, field, expected, observed, rules, broken, trace: shown }, undecided: undefined };
}

/** Judges a trace whose header is on line 1. */
function judge(
  kernel: KernelVariant,
  { header, steps }: Trace,
  exercised: Set<RuleId>,
  options: JudgeOptions,
): Verdict {
  const judging = new TraceJudge(kernel, header, 1, options);
  judging.onStep = (_, rules) => {
    for (const rule of rules) exercised.add(rule);
  };
  for (const [i, step] of steps.entries()) if (judging.step(step, i + 2) !== undefined) break;
  return judging.end();
}

/** The invariants that a trace breaks, out of those that can be told from what the subject shows. */
function brokenInvariants(
  { capabilities }: Pick<Subject, 'capabilities'>,
  { name }: KernelVariant,
  trace: Trace,
): BrokenInvariant[] {
  const allCounters = capabilities.observes.counters === undefined;
  return INVARIANTS.flatMap(({ id, sentence, kernels, needs, broken }) => {
    const seen = sees(capabilities, needs) && (allCounters || needs === 'results' || needs === 'segments');
    if (!seen || !kernels.includes(name)) return [];
    const message = broken(trace, name);
    return message === undefined ? [] : [{ invariant: id, sentence, message }];
  });
}
