/** Puts the reports of all shards of a run together. */

import { isDeepStrictEqual } from 'node:util';
import type { CaseResult, DeviationUse, UnexercisedRule } from '../generated/types.js';
import { type SuiteReport, totalsOf } from './suite.js';
import { unjudgedOf } from './unjudged.js';

/**
 * The report that one run without shards would have given, but for the milliseconds, which are added up.
 * @param reports of every shard of one run, in any order
 * @throws RangeError when they do not belong together, or when a shard is missing or there twice
 */
export function mergeReports(reports: readonly SuiteReport[]): SuiteReport {
  const [first] = reports;
  if (first === undefined) throw new RangeError('no report');
  const shards = inOrder(reports);
  for (const one of shards) expectSameRun(first, one);
  const { shard: _, broken: __, ...common } = first;
  const cases = interleaved(shards.map((one) => one.cases));
  const broken = shards.flatMap((one) => (one.broken === undefined ? [] : [one.broken]));
  return {
    ...common,
    totals: totalsOf(cases),
    notRun: sum(shards.map(({ notRun }) => notRun)),
    coverage: mergedCoverage(shards),
    unjudged: unjudgedOf(first.kernel, first.subject, cases),
    deviations: first.deviations.map((use, i) => mergedUse(use, shards, i)),
    ...(broken.length > 0 ? { broken: [...new Set(broken)].join('; ') } : {}),
    milliseconds: sum(shards.map(({ milliseconds }) => milliseconds)),
    cases,
  };
}

/** The reports by the index of their shard. */
function inOrder(reports: readonly SuiteReport[]): SuiteReport[] {
  const count = reports[0]?.shard?.count ?? 1;
  const ordered = new Array<SuiteReport | undefined>(count).fill(undefined);
  for (const report of reports) {
    const { index, count: of } = report.shard ?? { index: 1, count: 1 };
    if (of !== count) throw new RangeError(`shard ${index}/${of} does not belong to a run in ${count} shards`);
    if (ordered[index - 1] !== undefined) throw new RangeError(`shard ${index}/${of} is there twice`);
    ordered[index - 1] = report;
  }
  const missing = ordered.flatMap((report, i) => (report === undefined ? [`${i + 1}/${count}`] : []));
  if (missing.length > 0) throw new RangeError(`missing: shard ${missing.join(', ')}`);
  return ordered as SuiteReport[];
}

function expectSameRun(a: SuiteReport, b: SuiteReport): void {
  const differs = (what: string): never => {
    throw new RangeError(`the reports are of different ${what}`);
  };
  if (a.kernel !== b.kernel) differs(`kernels: ${a.kernel} and ${b.kernel}`);
  if (a.seed !== b.seed) differs(`seeds: ${a.seed} and ${b.seed}`);
  if (!isDeepStrictEqual(a.subject, b.subject)) differs('subjects');
  const deviations = ({ deviations }: SuiteReport): unknown => deviations.map(({ deviation }) => deviation);
  if (!isDeepStrictEqual(deviations(a), deviations(b))) differs('known deviations');
}

/** The cases were dealt out one by one: the first of each shard, then the second of each, and so on. */
function interleaved(shards: readonly (readonly CaseResult[])[]): CaseResult[] {
  const longest = Math.max(...shards.map((cases) => cases.length));
  const merged: CaseResult[] = [];
  for (let i = 0; i < longest; i++) merged.push(...shards.flatMap((cases) => cases[i] ?? []));
  return merged;
}

/** What is in no shard's list of exercised rules was never exercised. */
function mergedCoverage(shards: readonly SuiteReport[]): SuiteReport['coverage'] {
  const first = shards[0] as SuiteReport;
  const exercised = new Set(shards.flatMap(({ coverage }) => coverage.exercised));
  const rules = [...first.coverage.exercised, ...first.coverage.never.map(({ rule }) => rule)].sort();
  const reasons = new Map<string, UnexercisedRule>(first.coverage.never.map((one) => [one.rule, one]));
  return {
    exercised: rules.filter((rule) => exercised.has(rule)),
    never: rules.flatMap((rule) => (exercised.has(rule) ? [] : (reasons.get(rule) ?? []))),
  };
}

function mergedUse({ deviation, cases }: DeviationUse, shards: readonly SuiteReport[], i: number): DeviationUse {
  const uses = shards.flatMap(({ deviations }) => deviations[i] ?? []);
  return { deviation, met: sum(uses.map(({ met }) => met)), cases, finished: sum(uses.map((use) => use.finished)) };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
