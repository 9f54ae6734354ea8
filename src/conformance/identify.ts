/** Which kernel does a trace, or an implementation, behave like? Every kernel judges; what none explains is told with the nearest. */

import * as fc from 'fast-check';
import { limitsOf, type ScenarioLimits, unmet } from '../../properties/arbitraries/limits.js';
import { PROFILES, unmetByProfile } from '../../properties/profiles/index.js';
import type { Step, TraceHeader, TraceReport } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import { RecordJudge } from '../judge/judge-trace.js';
import { KERNELS } from '../kernels.js';
import type { Scenario } from '../run/scenario.js';
import type { TraceRecord } from '../trace/decode.js';
import { asSeenBy } from './contrast.js';
import { shippedScenarios } from './diff-file.js';
import { runScenario } from './run-scenario.js';
import type { Subject } from './subject.js';

/** How one trace was judged by every kernel. */
export interface TraceFinding {
  readonly id: string;
  /** Where its header is; in a trace that nobody wrote to a file, 1. */
  readonly line: number;
  /** One for each kernel, oldest first. Their `line` counts as the trace's does. */
  readonly reports: readonly TraceReport[];
  /** The kernels that explain it. */
  readonly explainedBy: readonly string[];
}

/** What one kernel makes of everything that was seen. */
export interface KernelFinding {
  readonly kernel: string;
  /** How many traces it explains. */
  readonly explained: number;
  /** How many it can't have made. */
  readonly rejected: number;
  /** How many the judge can't tell about. */
  readonly undecided: number;
  /** How many steps it explains: of traces that it rejects, those before the one that it rejects. */
  readonly steps: number;
  /** The shortest trace that it can't have made. Absent: there is none. */
  readonly evidence?: { readonly trace: string; readonly report: TraceReport };
}

/** What everything that was seen comes to. */
export interface Identification {
  /** `one` kernel explains everything; `several` do, and cannot be told apart by what was seen; `none` does, or nothing was judged. */
  readonly verdict: 'one' | 'several' | 'none';
  /** The kernels that explain everything. */
  readonly kernels: readonly string[];
  /** The kernel that explains most traces, and of those that explain as many, most steps. Absent: nothing was judged. */
  readonly nearest?: string;
  /** Every kernel, oldest first. */
  readonly findings: readonly KernelFinding[];
  readonly traces: number;
  /** How many of them no kernel explains. */
  readonly unexplained: number;
  /** Records of the input that are not traces. */
  readonly invalid: readonly TraceReport[];
  /** Scenarios that the subject can't be put through. */
  readonly skipped: number;
}

/** Judges traces with every kernel as their records come. Sums up with {@link result}. */
export class Identifier {
  readonly #judges: readonly { readonly kernel: KernelVariant; readonly judge: RecordJudge }[];
  readonly #findings = new Map<string, KernelFinding>();
  readonly #invalid: TraceReport[] = [];
  #traces = 0;
  #unexplained = 0;
  #line = 1;
  #skipped = 0;

  /** `kernels`: those to choose from; by default all. */
  constructor(kernels: readonly KernelVariant[] = KERNELS) {
    this.#judges = kernels.map((kernel) => ({ kernel, judge: new RecordJudge(kernel) }));
    for (const { name } of kernels) {
      this.#findings.set(name, { kernel: name, explained: 0, rejected: 0, undecided: 0, steps: 0 });
    }
  }

  /** Takes the next record; returns the trace that it ends, if any. */
  take(record: TraceRecord): TraceFinding[] {
    const reports = this.#judges.map(({ kernel, judge }) =>
      judge.take(record.kind === 'header' ? { ...record, value: asSeenBy(kernel, record.value) } : record),
    );
    const found = this.#found(reports);
    if (record.kind === 'header') this.#line = record.line;
    return found;
  }

  /** There are no more records; returns the last trace. */
  end(): TraceFinding[] {
    return this.#found(this.#judges.map(({ judge }) => judge.end()));
  }

  /** Takes a whole trace. */
  trace(header: TraceHeader, steps: readonly Step[]): TraceFinding[] {
    const found = this.take({ kind: 'header', line: 1, value: header });
    for (const [i, value] of steps.entries()) found.push(...this.take({ kind: 'step', line: i + 2, value }));
    return [...found, ...this.end()];
  }

  /** Notes a scenario that could not be tried. */
  skip(): void {
    this.#skipped += 1;
  }

  /** What it comes to so far. */
  result(): Identification {
    const findings = [...this.#findings.values()];
    const all = findings.filter(({ explained }) => explained > 0 && explained === this.#traces);
    const nearest = findings.toSorted((a, b) => b.explained - a.explained || b.steps - a.steps)[0]?.kernel;
    return {
      verdict: all.length === 0 ? 'none' : all.length === 1 ? 'one' : 'several',
      kernels: all.map(({ kernel }) => kernel),
      ...(nearest === undefined || this.#traces === 0 ? {} : { nearest }),
      findings,
      traces: this.#traces,
      unexplained: this.#unexplained,
      invalid: this.#invalid,
      skipped: this.#skipped,
    };
  }

  /** Puts together what the kernels report of the same traces. */
  #found(reports: readonly (readonly TraceReport[])[]): TraceFinding[] {
    return (reports[0] ?? []).flatMap((first, i) => {
      const own = reports.flatMap((list) => list[i] ?? []);
      if (first.verdict === 'invalid') {
        this.#invalid.push(first);
        return [];
      }
      this.#traces += 1;
      for (const report of own) this.#note(report);
      const explainedBy = own.filter(({ verdict }) => verdict === 'conforms').map(({ kernel }) => kernel);
      if (explainedBy.length === 0) this.#unexplained += 1;
      return [{ id: first.id, line: this.#line, reports: own, explainedBy }];
    });
  }

  #note(report: TraceReport): void {
    const { kernel, verdict, steps, line } = report;
    const before = this.#findings.get(kernel);
    if (before === undefined) return;
    const good = line === undefined ? steps : Math.max(0, line - this.#line - 1);
    const shorter = before.evidence === undefined || steps < before.evidence.report.steps;
    this.#findings.set(kernel, {
      ...before,
      explained: before.explained + (verdict === 'conforms' ? 1 : 0),
      rejected: before.rejected + (verdict === 'violates' ? 1 : 0),
      undecided: before.undecided + (verdict === 'undecided' ? 1 : 0),
      steps: before.steps + good,
      ...(verdict === 'violates' && shorter ? { evidence: { trace: report.id, report } } : {}),
    });
  }
}

/** What a search for the kernel of an implementation may be told. */
export interface IdentifyOptions {
  /** Of the generated scenarios. */
  readonly seed: number;
  /** How many scenarios are generated from each profile of the oldest kernel and of the newest. */
  readonly runs: number;
  /** Called with each trace as it was judged, how many scenarios were tried, and how many there are. */
  readonly onTrace?: (finding: TraceFinding, tried: number, of: number) => void;
}

/**
 * Puts an implementation through the scenarios that tell kernels apart, and through generated ones, as far as it is able to.
 * @throws SubjectError when it fails
 */
export async function identifySubject(subject: Subject, options: IdentifyOptions): Promise<Identification> {
  const identifier = new Identifier();
  const held = KERNELS.at(-1) as KernelVariant;
  const scenarios = await scenariosFor(limitsOf(subject.capabilities), options, () => identifier.skip());
  for (const [i, { id, scenario }] of scenarios.entries()) {
    const { header, steps } = await runScenario(subject, held, scenario, id);
    for (const finding of identifier.trace(header, steps)) options.onTrace?.(finding, i + 1, scenarios.length);
  }
  return identifier.result();
}

/** What a subject with these limits can be put through whichever kernel it behaves like. */
async function scenariosFor(
  limits: ScenarioLimits,
  { seed, runs }: IdentifyOptions,
  skip: () => void,
): Promise<{ readonly id: string; readonly scenario: Scenario }[]> {
  const found: { readonly id: string; readonly scenario: Scenario }[] = [];
  const isPossible = (scenario: Scenario): boolean =>
    KERNELS.every((kernel) => unmet(scenario, kernel, limits).length === 0);
  for (const [i, newer] of KERNELS.entries()) {
    const older = KERNELS[i - 1];
    if (older === undefined) continue;
    for (const { id, scenario } of await shippedScenarios(older, newer)) {
      if (isPossible(scenario)) found.push({ id, scenario });
      else skip();
    }
  }
  // What tells neighbours apart is in the shipped scenarios; what is made up is for the rest.
  for (const kernel of [KERNELS[0], KERNELS.at(-1)] as KernelVariant[]) {
    for (const profile of PROFILES) {
      if (!profile.kernels.includes(kernel.name) || unmetByProfile(profile, limits).length > 0) continue;
      for (const [i, scenario] of fc.sample(profile.scenario(kernel, limits), { seed, numRuns: runs }).entries()) {
        if (isPossible(scenario)) found.push({ id: `${profile.id}-${kernel.name}-${i}`, scenario });
        else skip();
      }
    }
  }
  return found;
}
