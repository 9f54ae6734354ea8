/** Runs one case: the scenario that was recorded, or as many generated ones as it takes to find one that fails. */

import * as fc from 'fast-check';
import type { CampaignOrigin, CaseFailure, CaseResult, Deviation } from '../generated/types.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import type { Scenario } from '../run/scenario.js';
import { type Attempt, attempt, type Finding } from './attempt.js';
import type { CampaignCase, Case, GoldenCase } from './cases.js';
import type { DeviationLedger } from './deviations.js';
import { type Subject, SubjectError } from './subject.js';

/** How far a case has come. */
export interface CaseProgress {
  readonly case: string;
  /** Scenarios that have been tried. */
  readonly runs: number;
  /** How many are going to be tried, if none fails. */
  readonly of: number;
  /** One has failed, and is being made smaller. */
  readonly shrinking: boolean;
}

/** What a case is run with. */
export interface CaseContext {
  readonly subject: Subject;
  readonly kernel: KernelVariant;
  /** Of campaigns: a 32-bit integer. */
  readonly seed: number;
  /** Of a campaign: how many scenarios are tried. Absent: as many as its profile says. */
  readonly runs?: number;
  /** Of a campaign: only the scenario that this path leads to is tried. */
  readonly path?: string;
  readonly deviations: DeviationLedger;
  /** The words after `--` that start the subject, ready for a shell; shown in commands that replay. */
  readonly command: string;
  /** Takes the rules that are exercised. */
  readonly exercised: Set<RuleId>;
  readonly onProgress?: (progress: CaseProgress) => void;
}

/** What came of a case. */
export interface CaseOutcome {
  readonly result: CaseResult;
  /** Why the subject is of no use any more; absent: it still is. */
  readonly broken?: SubjectError;
  /** Whether it was run to its end, so that what was not found is not there. */
  readonly finished: boolean;
}

/** How many smaller scenarios are tried after one failed. A real clock makes each take its time. */
const MOST_SHRINKS = { virtual: 2000, real: 50 } as const;

/** Runs a case. Nothing is thrown but what is wrong with the kit itself. */
export async function runCase(one: Case, context: CaseContext): Promise<CaseOutcome> {
  const started = performance.now();
  const tally = new Tally(one, context);
  if (one.lacking.length > 0) {
    return { result: tally.result('skipped', 0, { reason: `needs ${one.lacking.join('; ')}` }), finished: false };
  }
  const campaign = one.kind === 'golden' ? await golden(one, tally) : await generated(one, tally, context);
  const milliseconds = Math.round(performance.now() - started);
  const { broken, failing } = tally;
  const end = broken === undefined ? {} : { broken };
  if (failing !== undefined) {
    const failure = failureOf(one, failing, campaign, context);
    return { result: tally.result('failed', milliseconds, { failure }), ...end, finished: false };
  }
  if (broken !== undefined) {
    return { result: tally.result('undecided', milliseconds, { reason: broken.message }), ...end, finished: false };
  }
  const finished = context.path === undefined && (one.kind === 'golden' || tally.runs >= one.profile.runs);
  return { result: settled(tally, one, context, milliseconds), finished };
}

/** The result of a case in which nothing failed that is not known. */
function settled(tally: Tally, one: Case, context: CaseContext, milliseconds: number): CaseResult {
  const { known, undecided, runs } = tally;
  if (known !== undefined) {
    const { reason, link } = known.deviation;
    const failure = failureOf(one, known.finding, undefined, context);
    return tally.result('deviates', milliseconds, { reason, link, failure });
  }
  if (undecided.length === 0) return tally.result('passed', milliseconds);
  const status = undecided.length < runs ? 'passed' : 'undecided';
  return tally.result(status, milliseconds, { reason: undecided[0] as string });
}

async function golden({ scenario }: GoldenCase, tally: Tally): Promise<undefined> {
  await tally.try(scenario);
}

/** Searches for a scenario that fails, and makes it as small as it can. Where it was found; undefined: there is none. */
async function generated(
  { profile, limits }: CampaignCase,
  tally: Tally,
  { kernel, seed, path, runs = profile.runs, subject }: CaseContext,
): Promise<CampaignOrigin | undefined> {
  const scenarios = profile.scenario(kernel, limits);
  if (path !== undefined) {
    await tally.try(scenarioAt(scenarios, seed, path));
    return { seed, path, runs: 1, shrinks: path.split(':').length - 1 };
  }
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    if (tally.shrinks > MOST_SHRINKS[subject.capabilities.clock.kind]) return;
    if (await tally.try(scenario)) throw new Failed();
  });
  const found = await fc.check(property, { seed, numRuns: runs });
  if (!found.failed) return undefined;
  if (!(found.errorInstance instanceof Failed)) throw found.errorInstance;
  return { seed, path: found.counterexamplePath ?? '', runs: found.numRuns, shrinks: found.numShrinks };
}

/** The scenario that a path leads to. `fc.sample` does not find it: it counts on another bias than a run. */
function scenarioAt(scenarios: fc.Arbitrary<Scenario>, seed: number, path: string): Scenario {
  let found: Scenario | undefined;
  const first = fc.property(scenarios, (scenario) => {
    found ??= scenario;
  });
  try {
    fc.check(first, { seed, path, numRuns: 1 });
  } catch (error) {
    throw new RangeError(`the seed ${seed} has no scenario at the path ${path}: ${(error as Error).message}`);
  }
  if (found === undefined) throw new RangeError(`the seed ${seed} has no scenario at the path ${path}`);
  return found;
}

/** Tells fast-check that a scenario failed. */
class Failed extends Error {}

/** What has come of a case so far. */
class Tally {
  runs = 0;
  steps = 0;
  /** Smaller scenarios that were tried after one failed. */
  shrinks = 0;
  /** Why the judge could not tell, for each scenario of which it could not. */
  readonly undecided: string[] = [];
  knownRuns = 0;
  /** The first known deviation that was met. */
  known: { readonly deviation: Deviation; readonly finding: Finding } | undefined;
  /** What was found last that is not known: the smallest so far. */
  failing: Finding | undefined;
  broken: SubjectError | undefined;
  readonly #case: Case;
  readonly #context: CaseContext;
  readonly #of: number;

  constructor(one: Case, context: CaseContext) {
    this.#case = one;
    this.#context = context;
    this.#of = one.kind === 'golden' || context.path !== undefined ? 1 : (context.runs ?? one.profile.runs);
  }

  /** Whether the scenario fails in a way that is not known. Once the subject is broken nothing does. */
  async try(scenario: Scenario): Promise<boolean> {
    if (this.broken !== undefined) return false;
    const shrinking = this.failing !== undefined;
    const tried = await this.#attempt(scenario);
    if (tried === undefined) return false;
    if (shrinking) this.shrinks += 1;
    else this.#count(tried);
    const { runs } = this;
    this.#context.onProgress?.({ case: this.#case.name, runs, of: this.#of, shrinking });
    const { finding } = tried;
    if (finding === undefined || this.#isKnown(finding, shrinking)) return false;
    this.failing = finding;
    return true;
  }

  result(
    status: CaseResult['status'],
    milliseconds: number,
    more: Pick<CaseResult, 'reason' | 'link' | 'failure'> = {},
  ): CaseResult {
    const { runs, steps, undecided, knownRuns } = this;
    const { name, sentence } = this.#case;
    return {
      case: name,
      sentence,
      status,
      runs,
      undecided: undecided.length,
      known: knownRuns,
      steps,
      ...more,
      milliseconds,
    };
  }

  async #attempt(scenario: Scenario): Promise<Attempt | undefined> {
    const { subject, kernel, exercised } = this.#context;
    try {
      return await attempt(subject, kernel, scenario, this.#case.name, exercised);
    } catch (error) {
      if (!(error instanceof SubjectError)) throw error;
      this.broken = error;
      return undefined;
    }
  }

  #count({ steps, undecided }: Attempt): void {
    this.runs += 1;
    this.steps += steps;
    if (undecided !== undefined) this.undecided.push(undecided);
  }

  #isKnown(finding: Finding, shrinking: boolean): boolean {
    const deviation = this.#context.deviations.known(this.#case.name, finding.rules);
    if (deviation === undefined) return false;
    if (!shrinking) this.knownRuns += 1;
    this.known ??= { deviation, finding };
    return true;
  }
}

function failureOf(
  { name }: Case,
  finding: Finding,
  campaign: CampaignOrigin | undefined,
  { kernel, command }: CaseContext,
): CaseFailure {
  const origin = campaign === undefined ? '' : ` --seed ${campaign.seed} --path ${campaign.path}`;
  const replay = `tcp-backlog conform --kernel ${kernel.name} --run ${name}${origin} -- ${command}`;
  return { ...finding, ...(campaign === undefined ? {} : { campaign }), replay };
}
