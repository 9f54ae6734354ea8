/** Runs the cases of a kernel on a subject and gives what came of it as data. */

import { DEFAULT_SEED } from '../../properties/seed.js';
import type { CaseResult, Deviation, Shard, SuiteSummary, SuiteTotals } from '../generated/types.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import { type Case, casesFor } from './cases.js';
import { coverageOf } from './coverage.js';
import { DeviationLedger, isStale } from './deviations.js';
import { matches } from './pattern.js';
import { type CaseContext, type CaseProgress, runCase } from './run-case.js';
import { type Subject, SubjectError } from './subject.js';
import { checkCapabilities } from './subject-answer.js';
import { unjudgedOf } from './unjudged.js';

/** What is run, and how. */
export interface SuiteOptions {
  /** The kernel that the subject is held against. */
  readonly kernel: KernelVariant;
  /** Of the campaigns: a 32-bit integer. By default a fixed one. The same seed tries the same scenarios. */
  readonly seed?: number;
  /** Tries only the scenario that a failure gave this path; exactly one campaign must be chosen. */
  readonly path?: string;
  /** How many scenarios each campaign tries. By default as many as its profile says. */
  readonly runs?: number;
  /** Stops after the first case that fails. */
  readonly bail?: boolean;
  /** Only cases whose names fit one of these patterns, in which `*` stands for anything. By default all. */
  readonly run?: readonly string[];
  /** Not those whose names fit one of these. */
  readonly skip?: readonly string[];
  /** Only this part of the chosen cases: every `count`th from the `index`th on. */
  readonly shard?: Shard;
  /** Failures that are known. */
  readonly deviations?: readonly Deviation[];
  /** The words that start the subject, ready for a shell, for the commands that replay failures. Default `COMMAND`. */
  readonly command?: string;
  /** Takes each result as soon as there is one. */
  readonly onCase?: (result: CaseResult) => void;
  readonly onProgress?: (progress: CaseProgress) => void;
}

/** What came of a run. It is plain data: it can be written as JSON and read again. */
export interface SuiteReport extends SuiteSummary {
  readonly cases: readonly CaseResult[];
}

/**
 * Runs the chosen cases, one after the other. The same subject, seed and options give the same report, but for the milliseconds.
 * A subject that breaks ends the run: the report has what was judged so far, and says why in `broken`. The subject is not stopped.
 * @throws RangeError when no case is chosen, when there is a path and not exactly one campaign, or when the path leads nowhere
 */
export async function runSuite(subject: Subject, options: SuiteOptions): Promise<SuiteReport> {
  const started = performance.now();
  const { kernel, seed = DEFAULT_SEED, shard, deviations = [], bail = false } = options;
  const { capabilities } = subject;
  const problem = checkCapabilities(capabilities);
  if (problem !== undefined) throw new SubjectError(`capabilities: ${problem.path}: ${problem.message}`);
  const all = casesFor(kernel, capabilities);
  const chosen = choose(all, options);
  const ledger = new DeviationLedger(deviations, kernel, all);
  const exercised = new Set<RuleId>();
  const context = contextOf(subject, options, seed, ledger, exercised);
  const cases: CaseResult[] = [];
  let broken: string | undefined;
  for (const one of chosen) {
    const outcome = await runCase(one, context);
    const { result } = outcome;
    if (outcome.finished) ledger.finish(result);
    cases.push(result);
    options.onCase?.(result);
    broken = outcome.broken?.message;
    if (broken !== undefined || (bail && result.status === 'failed')) break;
  }
  return {
    kernel: kernel.name,
    subject: capabilities,
    seed,
    ...(shard === undefined ? {} : { shard }),
    totals: totalsOf(cases),
    notRun: chosen.length - cases.length,
    coverage: coverageOf(kernel, capabilities, exercised),
    unjudged: unjudgedOf(kernel.name, capabilities, cases),
    deviations: ledger.uses,
    ...(broken === undefined ? {} : { broken }),
    milliseconds: Math.round(performance.now() - started),
    cases,
  };
}

/** Whether all is as expected: something was judged, nothing failed, the subject held out, and no known deviation is stale. */
export function succeeded({ totals, broken, deviations, notRun }: SuiteSummary): boolean {
  const judged = totals.passed + totals.deviates > 0;
  return judged && totals.failed === 0 && notRun === 0 && broken === undefined && !deviations.some(isStale);
}

/** How many cases have each status. */
export function totalsOf(cases: readonly CaseResult[]): SuiteTotals {
  const totals = { passed: 0, failed: 0, deviates: 0, undecided: 0, skipped: 0 };
  for (const { status } of cases) totals[status] += 1;
  return totals;
}

function contextOf(
  subject: Subject,
  { kernel, runs, path, command = 'COMMAND', onProgress }: SuiteOptions,
  seed: number,
  deviations: DeviationLedger,
  exercised: Set<RuleId>,
): CaseContext {
  return {
    subject,
    kernel,
    seed,
    ...(runs === undefined ? {} : { runs }),
    ...(path === undefined ? {} : { path }),
    deviations,
    command,
    exercised,
    ...(onProgress === undefined ? {} : { onProgress }),
  };
}

/** The cases that are asked for. */
function choose(all: readonly Case[], { run = ['*'], skip = [], shard, path }: SuiteOptions): Case[] {
  const named = all.filter(({ name }) => matches(name, run) && !matches(name, skip));
  if (named.length === 0) throw new RangeError('no case has such a name');
  if (path !== undefined && (named.length !== 1 || named[0]?.kind !== 'campaign')) {
    throw new RangeError(`a path needs exactly one campaign, not ${namesOf(named)}`);
  }
  if (shard === undefined) return named;
  return named.filter((_, i) => i % shard.count === shard.index - 1);
}

function namesOf(cases: readonly Case[]): string {
  return cases.length > 3 ? `${cases.length} cases` : cases.map(({ name }) => name).join(', ');
}
