/** Holds the running kernel against a model: recorded scenarios and generated ones, recorded side by side, and judged once all are there. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { type Attempt, judged } from '../conformance/attempt.js';
import { type CampaignCase, type Case, casesFor } from '../conformance/cases.js';
import { coverageOf } from '../conformance/coverage.js';
import { SubjectError } from '../conformance/subject.js';
import { unjudgedOf } from '../conformance/unjudged.js';
import type { Capabilities, CaseFailure, RuleCoverage } from '../generated/types.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import type { Scenario, Trace } from '../run/scenario.js';
import type { RunningKernel } from './kernel-of-release.js';
import type { Pool, PoolProgress } from './pool.js';
import { lengthOf, record } from './record.js';
import { type Shrunk, shrink } from './shrink.js';

/** What is played, and what it is held against. */
export interface LiveOptions {
  readonly kernel: KernelVariant;
  readonly running: RunningKernel;
  /** Of the generated scenarios. */
  readonly seed: number;
  /** How many scenarios are generated from each profile. */
  readonly runs: number;
  /** Which cases; a name is `golden/` and the id of a recording, or `campaign/` and the id of a profile. */
  readonly wanted: (name: string) => boolean;
  /** The words that start the adapter, ready for a shell, for the commands that replay failures. */
  readonly command: string;
  readonly onProgress?: (
    phase: 'recorded' | 'judged' | 'made smaller',
    progress: Omit<PoolProgress, 'left'>,
    left?: number,
  ) => void;
  /** Takes each result as soon as it is certain. */
  readonly onResult?: (result: LiveResult) => void;
}

/** What came of one scenario. */
export interface LiveResult {
  /** The case that it is of, and of a generated one its number, from 0, as in `campaign/overflow/12`. */
  readonly scenario: string;
  /** What the case is, in one sentence. */
  readonly sentence: string;
  /** `broken`: two adapters failed in it; `skipped`: the adapter lacks what it needs, and so for a whole profile. */
  readonly verdict: 'conforms' | 'violates' | 'undecided' | 'broken' | 'skipped';
  readonly steps: number;
  /** Why it is undecided, broken or skipped. */
  readonly reason?: string;
  /** What is not allowed; of the first scenario of a profile that fails, as small as it could be made. */
  readonly failure?: CaseFailure;
  /** Whether it failed again when it was played once more; absent: it was not. */
  readonly again?: boolean;
}

/** How many scenarios came to what. */
export type LiveTotals = Readonly<Record<LiveResult['verdict'], number>>;

/** What came of all. It is plain data. */
export interface LiveReport {
  readonly kernel: string;
  readonly running: RunningKernel;
  readonly subject: Capabilities;
  readonly seed: number;
  readonly totals: LiveTotals;
  readonly coverage: RuleCoverage;
  readonly unjudged: readonly string[];
  readonly milliseconds: number;
  readonly results: readonly LiveResult[];
}

/** One scenario of a case. */
interface Play {
  readonly case: Case;
  /** Of a generated one, its place in the campaign. */
  readonly index: number | undefined;
  readonly scenario: Scenario;
}

/** A scenario that was recorded and judged, or could not be. */
interface Judged {
  readonly play: Play;
  readonly attempt: Attempt | SubjectError;
}

/**
 * Plays the scenarios, the longest first, and judges them. The same seed gives the same scenarios, and the n-th of a profile is that of
 * `conform` with the same seed. Of each case the first scenario that fails is played again, and made smaller where it was generated.
 */
export async function runLive(pool: Pool, options: LiveOptions): Promise<LiveReport> {
  const started = performance.now();
  const { kernel, running, seed, runs, wanted, onResult } = options;
  const { capabilities } = pool;
  const cases = casesFor(kernel, capabilities).filter(({ name }) => wanted(name));
  const results: LiveResult[] = [];
  const tell = (result: LiveResult): void => {
    results.push(result);
    onResult?.(result);
  };
  for (const { name: scenario, sentence, lacking } of cases) {
    if (lacking.length === 0) continue;
    tell({ scenario, sentence, verdict: 'skipped', steps: 0, reason: `needs ${lacking.join('; ')}` });
  }
  const plays = cases.filter(({ lacking }) => lacking.length === 0).flatMap((one) => playsOf(one, kernel, seed, runs));
  const exercised = new Set<RuleId>();
  const all = await judgedPlays(pool, plays, options, exercised);
  const failed = all.filter(({ attempt }) => !(attempt instanceof SubjectError) && attempt.finding !== undefined);
  for (const one of all) if (!failed.includes(one)) tell(settled(one));
  const first = failed.filter((one) => failed.find(({ play }) => play.case === one.play.case) === one);
  let done = 0;
  await Promise.all(
    failed.map(async (one) => {
      const again = first.includes(one) ? await shrink(pool, one.play, options) : undefined;
      if (again !== undefined) options.onProgress?.('made smaller', { done: ++done, of: first.length });
      tell(failing(one, again, options));
    }),
  );
  const status = results.map(({ verdict }) => ({
    status: verdict === 'skipped' ? ('skipped' as const) : ('passed' as const),
  }));
  return {
    kernel: kernel.name,
    running,
    subject: capabilities,
    seed,
    totals: totalsOf(results),
    coverage: coverageOf(kernel, capabilities, exercised),
    unjudged: unjudgedOf(kernel.name, capabilities, status),
    milliseconds: Math.round(performance.now() - started),
    results,
  };
}

/** The scenarios of a case. */
function playsOf(one: Case, kernel: KernelVariant, seed: number, runs: number): Play[] {
  if (one.kind === 'golden') return [{ case: one, index: undefined, scenario: one.scenario }];
  return generated(one, kernel, seed, runs).map((scenario, index) => ({ case: one, index, scenario }));
}

/** The first scenarios of a campaign. `fc.sample` would give others: it counts on another bias than a run. */
export function generated(
  { profile, limits }: CampaignCase,
  kernel: KernelVariant,
  seed: number,
  runs: number,
): Scenario[] {
  const found: Scenario[] = [];
  const property = fc.property(profile.scenario(kernel, limits), (scenario) => {
    found.push(scenario);
  });
  fc.check(property, { seed, numRuns: runs });
  return found;
}

/** Records all, and then judges: a judge at work would keep the adapters waiting. */
async function judgedPlays(
  pool: Pool,
  plays: readonly Play[],
  { kernel, running, onProgress }: LiveOptions,
  exercised: Set<RuleId>,
): Promise<Judged[]> {
  const jobs = plays.map((play) => ({
    length: lengthOf(play.scenario),
    run: (subject: Parameters<typeof record>[0]) => record(subject, kernel, running, play.scenario, nameOf(play)),
  }));
  const traces = await pool.all<Trace>(jobs, ({ left, ...progress }) => onProgress?.('recorded', progress, left));
  const all: Judged[] = [];
  for (const [i, play] of plays.entries()) {
    const trace = traces[i] as Trace | SubjectError;
    const attempt = trace instanceof SubjectError ? trace : judged(pool, kernel, trace, exercised, {});
    all.push({ play, attempt });
    onProgress?.('judged', { done: i + 1, of: plays.length });
    await nextTurn();
  }
  return all;
}

/** The name of a scenario, also of its trace. */
export const nameOf = ({ case: { name }, index }: Pick<Play, 'case' | 'index'>): string =>
  index === undefined ? name : `${name}/${index}`;

function settled({ play, attempt }: Judged): LiveResult {
  const result = { scenario: nameOf(play), sentence: play.case.sentence };
  if (attempt instanceof SubjectError) return { ...result, verdict: 'broken', steps: 0, reason: attempt.message };
  const { steps, undecided } = attempt;
  if (undecided === undefined) return { ...result, verdict: 'conforms', steps };
  return { ...result, verdict: 'undecided', steps, reason: undecided };
}

function failing(
  { play, attempt }: Judged,
  again: Shrunk | undefined,
  { kernel, seed, command }: LiveOptions,
): LiveResult {
  if (attempt instanceof SubjectError || attempt.finding === undefined) throw new Error(`${nameOf(play)} did not fail`);
  const { index } = play;
  const smallest = again?.smallest;
  const origin =
    index === undefined
      ? undefined
      : { seed, path: smallest?.path ?? String(index), runs: index + 1, shrinks: smallest?.shrinks ?? 0 };
  const path = origin === undefined ? '' : ` --seed ${origin.seed} --path ${origin.path}`;
  const failure: CaseFailure = {
    ...(smallest?.finding ?? attempt.finding),
    ...(origin === undefined ? {} : { campaign: origin }),
    replay: `tcp-backlog conform --kernel ${kernel.name} --run ${play.case.name}${path} -- ${command}`,
  };
  const repeated = again === undefined ? {} : { again: smallest !== undefined };
  return {
    scenario: nameOf(play),
    sentence: play.case.sentence,
    verdict: 'violates',
    steps: attempt.steps,
    failure,
    ...repeated,
  };
}

function totalsOf(results: readonly LiveResult[]): LiveTotals {
  const totals = { conforms: 0, violates: 0, undecided: 0, broken: 0, skipped: 0 };
  for (const { verdict } of results) totals[verdict] += 1;
  return totals;
}
