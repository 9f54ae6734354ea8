/** The kit for test runners: registers a test for each case. */

import { DEFAULT_SEED } from '../../properties/seed.js';
import type { Deviation } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import { kernelNamed } from '../kernels.js';
import { failureMessage, staleInWords } from './case-result.js';
import { type Case, casesFor } from './cases.js';
import { DeviationLedger, isStale } from './deviations.js';
import { matches } from './pattern.js';
import { type CaseOutcome, runCase } from './run-case.js';
import { type Awaitable, type Subject, SubjectError } from './subject.js';
import { checkCapabilities } from './subject-answer.js';

/** As much of a test's context as some runners offer: vitest and node:test can skip, tape can skip and pass. */
interface TestContext {
  skip?(reason: string): unknown;
  pass?(message: string): unknown;
}

/** The body of a test. It declares no parameters, since jest takes one that does for one that calls back. */
export type TestBody = (...context: unknown[]) => Promise<void>;

/** What registers a test: `test` or `it` of vitest, jest, node:test, tape, or any other function of a name and a body. */
export interface RegisterTest {
  (name: string, body: TestBody): unknown;
  /** Registers a test that is not run. */
  readonly skip?: unknown;
}

/** What is tested with what. */
export interface ConformanceSuiteOptions {
  readonly test: RegisterTest;
  /** The implementation; or a function that makes one, which is called for each case, and what it made is stopped after it. */
  readonly subject: Subject | (() => Awaitable<Subject>);
  /** The kernel that it is held against: a name as in `4.15`, or the kernel. */
  readonly kernel: string | KernelVariant;
  /** How many scenarios each campaign tries. By default as many as its profile says. */
  readonly runs?: number;
  /** Of the campaigns: a 32-bit integer. By default a fixed one. */
  readonly seed?: number;
  /** Failures that are known, see `parseDeviations`. A last test fails when one of them is not true any more. */
  readonly deviations?: readonly Deviation[];
  /** Only cases whose names fit one of these patterns, in which `*` stands for anything. By default all. */
  readonly run?: readonly string[];
  /** Not those whose names fit one of these. */
  readonly skip?: readonly string[];
}

/**
 * Registers one test for each case, named like the case. It fails with all the facts and the smallest scenario that was found. A case
 * that the subject does not support is skipped with the reason: when the subject itself is given, by `test.skip`; when a function is, by
 * `skip` of the test's context, which jest has not.
 * @throws RangeError when there is no such kernel, or when no case has such a name
 */
export function conformanceSuite(options: ConformanceSuiteOptions): void {
  const { test, subject, deviations = [], run = ['*'], skip = [] } = options;
  const kernel = typeof options.kernel === 'string' ? kernelNamed(options.kernel) : options.kernel;
  if (kernel === undefined) throw new RangeError(`no such kernel: ${JSON.stringify(options.kernel)}`);
  const cases = casesFor(kernel, typeof subject === 'function' ? undefined : subject.capabilities);
  const chosen = cases.filter(({ name }) => matches(name, run) && !matches(name, skip));
  if (chosen.length === 0) throw new RangeError('no case has such a name');
  const runs = new Runs(options, kernel);
  for (const { name, lacking } of chosen) {
    const body: TestBody = (...[context]) => runs.run(name, (context ?? {}) as TestContext);
    if (lacking.length > 0 && typeof test.skip === 'function') test.skip(`${name} (needs ${lacking.join('; ')})`, body);
    else test(name, body);
  }
  if (deviations.length > 0) test('known deviations', () => runs.expectNoStaleDeviation());
}

/** The runs of all registered tests, one after the other, whatever the runner does at the same time. */
class Runs {
  readonly #options: ConformanceSuiteOptions;
  readonly #kernel: KernelVariant;
  #last: Promise<unknown> = Promise.resolve();
  #ledger: DeviationLedger | undefined;
  /** The cases as they are for subjects with these capabilities: to find out takes longer than most cases. */
  #known: { readonly capabilities: string; readonly cases: readonly Case[] } | undefined;
  /** Why the subject that was given is of no use any more. */
  #broken: Error | undefined;

  constructor(options: ConformanceSuiteOptions, kernel: KernelVariant) {
    this.#options = options;
    this.#kernel = kernel;
  }

  async run(name: string, context: TestContext): Promise<void> {
    const running = this.#last.then(() => this.#outcome(name));
    this.#last = running.catch(() => undefined);
    const { result, broken } = await running;
    const { status, reason = '', steps } = result;
    if (status === 'failed') throw new Error(failureMessage(result, this.#kernel.name));
    if (broken !== undefined) throw broken;
    if (status === 'skipped' || status === 'undecided') context.skip?.(`${status}: ${reason}`);
    else
      context.pass?.(`${result.runs} scenarios, ${steps} steps${status === 'deviates' ? `; deviates: ${reason}` : ''}`);
  }

  async expectNoStaleDeviation(): Promise<void> {
    await this.#last;
    const stale = (this.#ledger?.uses ?? []).filter(isStale);
    if (stale.length > 0) throw new Error(stale.map((use) => staleInWords(use)).join('\n'));
  }

  async #outcome(name: string): Promise<CaseOutcome> {
    const { subject } = this.#options;
    if (this.#broken !== undefined) throw this.#broken;
    if (typeof subject !== 'function') {
      const outcome = await this.#runOn(subject, name);
      this.#broken = outcome.broken;
      return outcome;
    }
    const made = await subject();
    try {
      return await this.#runOn(made, name);
    } finally {
      await made.stop?.();
    }
  }

  async #runOn(subject: Subject, name: string): Promise<CaseOutcome> {
    const { runs, seed = DEFAULT_SEED, deviations = [] } = this.#options;
    const kernel = this.#kernel;
    const problem = checkCapabilities(subject.capabilities);
    if (problem !== undefined) throw new SubjectError(`capabilities: ${problem.path}: ${problem.message}`);
    const cases = this.#casesFor(subject);
    this.#ledger ??= new DeviationLedger(deviations, kernel, cases);
    const outcome = await runCase(cases.find((one) => one.name === name) as Case, {
      subject,
      kernel,
      seed,
      ...(runs === undefined ? {} : { runs }),
      deviations: this.#ledger,
      command: 'COMMAND',
      exercised: new Set(),
    });
    if (outcome.finished) this.#ledger.finish(outcome.result);
    return outcome;
  }

  #casesFor(subject: Subject): readonly Case[] {
    const capabilities = JSON.stringify(subject.capabilities);
    if (this.#known?.capabilities !== capabilities) {
      this.#known = { capabilities, cases: casesFor(this.#kernel, subject.capabilities) };
    }
    return this.#known.cases;
  }
}
