/** Which kernel's model explains what the running kernel does? The scenarios in which the kernels part are recorded once, and every model judges. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { limitsOf, unmet } from '../../properties/arbitraries/limits.js';
import { withoutDefaults } from '../conformance/cases.js';
import { asSeenBy, type Candidate } from '../conformance/contrast.js';
import { diffKernels, type KernelDiff } from '../conformance/diff.js';
import { shippedScenarios } from '../conformance/diff-file.js';
import { readReasons } from '../conformance/diff-reasons.js';
import { goldenScenarios } from '../conformance/golden.js';
import { SubjectError } from '../conformance/subject.js';
import type { TraceReport } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import { RecordJudge } from '../judge/judge-trace.js';
import { KERNELS } from '../kernels.js';
import type { Trace } from '../run/scenario.js';
import type { RunningKernel } from './kernel-of-release.js';
import type { Pool, PoolProgress } from './pool.js';
import { lengthOf, record } from './record.js';

/** What is compared. */
export interface ComparisonOptions {
  /** At least two, oldest first. */
  readonly kernels: readonly KernelVariant[];
  /** The variant that fits the running kernel best; the traces name it. */
  readonly held: KernelVariant;
  readonly running: RunningKernel;
  readonly onProgress?: (phase: 'recorded' | 'judged', progress: Omit<PoolProgress, 'left'>, left?: number) => void;
  /** Takes each scenario as it was judged, and its trace if it has one. */
  readonly onScenario?: (scenario: ComparedScenario, trace: Trace | undefined) => void;
}

/** A scenario, and which kernels explain what the running one did in it. */
export interface ComparedScenario {
  readonly id: string;
  /** `difference`: one of the smallest in which two kernels part; `golden`: one that was recorded on several kernels. */
  readonly kind: 'difference' | 'golden';
  /** Why it was not recorded: what it needs and the adapter lacks, or how adapters failed. Absent: it was. */
  readonly unable?: string;
  /** What each kernel says, oldest first; lines count from the header's, which is line 1. Empty if it was not recorded. */
  readonly reports: readonly TraceReport[];
  /** The kernels that explain it. */
  readonly like: readonly string[];
}

/** Two kernels that follow each other among those compared, and what the running one does where they differ. */
export interface ComparedPair {
  /** What they differ in, without what no trace tells. */
  readonly diff: KernelDiff;
  /** One for each difference in {@link diff}, in the same order. */
  readonly rows: readonly ComparedRow[];
  /** Differences that no trace tells. */
  readonly untold: number;
}

/** What the running kernel does in the scenario of a difference. */
export interface ComparedRow {
  readonly scenario: ComparedScenario;
  readonly likeness: Likeness;
}

/** Which of two kernels explain a scenario. */
export type Likeness = 'older' | 'newer' | 'both' | 'neither' | 'cannot tell';

/** What came of a comparison. */
export interface Comparison {
  /** Their names, oldest first. */
  readonly kernels: readonly string[];
  readonly running: RunningKernel;
  readonly pairs: readonly ComparedPair[];
  readonly scenarios: readonly ComparedScenario[];
  readonly milliseconds: number;
}

/** Records every scenario once and has each kernel judge it. */
export async function compareLive(pool: Pool, options: ComparisonOptions): Promise<Comparison> {
  const started = performance.now();
  const { kernels, running } = options;
  const named = new Map<string, Candidate>();
  const pairs: KernelDiff[] = [];
  for (const [i, newer] of kernels.slice(1).entries())
    pairs.push(await diffOf(kernels[i] as KernelVariant, newer, named));
  const scenarios = await judgedScenarios(pool, scenariosOf(pairs, kernels), options);
  const byId = new Map(scenarios.map((one) => [one.id, one]));
  return {
    kernels: kernels.map(({ name }) => name),
    running,
    pairs: pairs.map((diff) => comparedPair(diff, byId)),
    scenarios,
    milliseconds: Math.round(performance.now() - started),
  };
}

/**
 * The differences of two kernels, and the scenarios among those that ship which show them: those of this pair, or, where it was not compared,
 * of the pairs in between.
 * @param named the scenarios so far, by name; takes these, too
 */
async function diffOf(older: KernelVariant, newer: KernelVariant, named: Map<string, Candidate>): Promise<KernelDiff> {
  const between = KERNELS.slice(KERNELS.indexOf(older), KERNELS.indexOf(newer) + 1);
  const candidates = await shippedOf(older, newer, named);
  if (candidates.length === 0) {
    for (const [i, next] of between.slice(1).entries()) {
      candidates.push(...(await shippedOf(between[i] as KernelVariant, next, named)));
    }
  }
  return diffKernels(older, newer, { candidates, reasons: readReasons().differences, shrink: false });
}

/** The shipped scenarios of a pair. A name that another scenario has already is made longer by that of the pair. */
async function shippedOf(a: KernelVariant, b: KernelVariant, named: Map<string, Candidate>): Promise<Candidate[]> {
  return (await shippedScenarios(a, b)).map((candidate) => {
    const taken = named.get(candidate.id);
    const isOther = taken !== undefined && JSON.stringify(taken.scenario) !== JSON.stringify(candidate.scenario);
    const own = isOther ? { ...candidate, id: `${candidate.id}-${a.name}-${b.name}` } : candidate;
    named.set(own.id, own);
    return own;
  });
}

interface Source {
  readonly kind: ComparedScenario['kind'];
  readonly candidate: Candidate;
}

/** Every scenario once, those that show differences first. */
function scenariosOf(pairs: readonly KernelDiff[], kernels: readonly KernelVariant[]): Source[] {
  const found = new Map<string, Source>();
  const add = (kind: Source['kind'], candidate: Candidate): void => {
    if (!found.has(candidate.id)) found.set(candidate.id, { kind, candidate });
  };
  for (const { scenarios } of pairs) for (const { candidate } of scenarios) add('difference', candidate);
  for (const candidate of goldenCandidates(kernels)) add('golden', candidate);
  return [...found.values()];
}

/**
 * The recorded scenarios, each once. Its acknowledgements are told as the kernel made it possible that it was recorded on: absolute where that had
 * sent no SYN-ACK. Of the kernels' versions the one is taken that has fewest of those: where there is no SYN-ACK, it means the same.
 */
function goldenCandidates(kernels: readonly KernelVariant[]): Candidate[] {
  const found = new Map<string, { readonly candidate: Candidate; readonly absolute: number }>();
  for (const kernel of kernels.toReversed()) {
    for (const { id, scenario } of goldenScenarios(kernel)) {
      const absolute = scenario.events
        .flatMap((event) => ('segments' in event ? event.segments : []))
        .filter(({ ack }) => ack?.of === 'nothing').length;
      const before = found.get(id);
      if (before === undefined || absolute < before.absolute) found.set(id, { candidate: { id, scenario }, absolute });
    }
  }
  return [...found.values()].map(({ candidate }) => candidate);
}

async function judgedScenarios(
  pool: Pool,
  sources: readonly Source[],
  { kernels, held, running, onProgress, onScenario }: ComparisonOptions,
): Promise<ComparedScenario[]> {
  const limits = limitsOf(pool.capabilities);
  const lacking = sources.map(({ candidate: { scenario } }) =>
    unmet(withoutDefaults(scenario, held, limits), held, limits),
  );
  const able = sources.filter((_, i) => lacking[i]?.length === 0);
  const jobs = able.map(({ candidate: { id, scenario } }) => ({
    length: lengthOf(scenario),
    run: (subject: Parameters<typeof record>[0]) => record(subject, held, running, scenario, id),
  }));
  const recorded = await pool.all<Trace>(jobs, ({ left, ...progress }) => onProgress?.('recorded', progress, left));
  const traces = new Map(able.map((source, i) => [source, recorded[i] as Trace | SubjectError]));
  const scenarios: ComparedScenario[] = [];
  for (const [i, source] of sources.entries()) {
    const trace = traces.get(source);
    const one = comparedScenario(source, trace ?? `needs ${lacking[i]?.join('; ') ?? ''}`, kernels);
    scenarios.push(one);
    onScenario?.(one, trace instanceof SubjectError ? undefined : trace);
    onProgress?.('judged', { done: i + 1, of: sources.length });
    await nextTurn();
  }
  return scenarios;
}

function comparedScenario(
  { kind, candidate }: Source,
  trace: Trace | SubjectError | string,
  kernels: readonly KernelVariant[],
): ComparedScenario {
  const { id } = candidate;
  if (typeof trace === 'string') return { id, kind, unable: trace, reports: [], like: [] };
  if (trace instanceof SubjectError) return { id, kind, unable: trace.message, reports: [], like: [] };
  const reports = kernels.map((kernel) => reportBy(kernel, trace, candidate));
  const like = reports.filter(({ verdict }) => verdict === 'conforms').map(({ kernel }) => kernel);
  return { id, kind, reports, like };
}

/** What a kernel says of a trace: as the release that it is cited from, or as the one that parts in the scenario. */
function reportBy(kernel: KernelVariant, trace: Trace, { releases = {} }: Candidate): TraceReport {
  const first = judgedAs(kernel, trace);
  const release = releases[kernel.name];
  if (release === undefined || first.verdict === 'conforms') return first;
  const second = judgedAs(kernel, trace, release);
  return second.verdict === 'conforms' ? second : first;
}

function judgedAs(kernel: KernelVariant, { header, steps }: Trace, release?: string): TraceReport {
  const judge = new RecordJudge(kernel);
  judge.take({ kind: 'header', line: 1, value: asSeenBy(kernel, header, release) });
  for (const [i, value] of steps.entries()) judge.take({ kind: 'step', line: i + 2, value });
  return judge.end()[0] as TraceReport;
}

function comparedPair(diff: KernelDiff, judged: ReadonlyMap<string, ComparedScenario>): ComparedPair {
  const [older, newer] = diff.kernels;
  const told = diff.found.flatMap((found) => {
    const scenario = judged.get(found.showing?.scenario ?? found.same?.scenario ?? '');
    return scenario === undefined || found.showing?.evidence === 'log' ? [] : [{ found, scenario }];
  });
  return {
    diff: { ...diff, found: told.map(({ found }) => found) },
    rows: told.map(({ scenario }) => ({ scenario, likeness: likenessOf(scenario, older.name, newer.name) })),
    untold: diff.found.length - told.length,
  };
}

/** Which of two kernels explain it. */
function likenessOf({ reports }: ComparedScenario, older: string, newer: string): Likeness {
  const verdictOf = (name: string): TraceReport['verdict'] | undefined =>
    reports.find(({ kernel }) => kernel === name)?.verdict;
  switch (`${verdictOf(older)}, ${verdictOf(newer)}`) {
    case 'conforms, violates':
      return 'older';
    case 'violates, conforms':
      return 'newer';
    case 'conforms, conforms':
      return 'both';
    case 'violates, violates':
      return 'neither';
    default:
      return 'cannot tell';
  }
}
