/** Tries a property on a kernel's model, and says as data what came of it. */

import * as fc from 'fast-check';
import { ruleSpecs } from '../src/generated/rules.js';
import type { RuleId } from '../src/host/rule.js';
import type { KernelVariant } from '../src/host/variant.js';
import { type PlayOptions, playScenario, type Scenario, type Trace, traceStep } from '../src/run/scenario.js';
import { Bench, Falsified, type Property } from './property.js';

/** How a property is tried. */
export interface CampaignOptions {
  /** The same seed tries the same values. A 32-bit integer. */
  readonly seed: number;
  /** Tries nothing but the value that a failure gave this path; the rest of a campaign, its coverage too, is left out. */
  readonly path?: string;
  /** How many values are tried. By default as many as the property says; with fewer, nothing is asked of what was exercised. */
  readonly runs?: number;
}

/** What came of a property on a kernel. */
export interface PropertyResult {
  readonly property: string;
  readonly sentence: string;
  readonly kernel: string;
  readonly seed: number;
  /**
   * `holds`: no value falsified it. `falsified`: one did. `not exercised`: none did, but a rule that it is about never fired, so nothing is
   * shown. `error`: trying it failed in another way, which says nothing of the kernel.
   */
  readonly status: 'holds' | 'falsified' | 'not exercised' | 'error';
  /** How many values were tried before the first that failed, shrinking apart. */
  readonly runs: number;
  readonly milliseconds: number;
  /** The rules that it is about and that never fired. */
  readonly unexercised: readonly RuleId[];
  /** How often each rule of the kernel fired. */
  readonly fired: ReadonlyMap<RuleId, number>;
  /** What failed; absent where nothing did. */
  readonly failure?: Failure;
}

/** A value with which a property failed, as small as it could be made. */
export interface Failure {
  /** What was found instead. */
  readonly message: string;
  /** Leads to the value again, together with the seed. */
  readonly path: string;
  /** How often the value was made smaller. */
  readonly shrinks: number;
  /** The value, in words of fast-check. */
  readonly counterexample: string;
  /** The scenarios that the value stands for, and what they are on the models. */
  readonly scenarios: readonly Scenario[];
  readonly traces: readonly Trace[];
  /** The command that tries the value again. */
  readonly replay: string;
}

/** Tries `property` on a kernel, or on something that claims to be one. Nothing is thrown but by a path that leads nowhere. */
export function runProperty(property: Property, kernel: KernelVariant, options: CampaignOptions): PropertyResult {
  const bench = new Bench(kernel);
  const raw = property.on(bench) as Raw;
  const started = performance.now();
  const found =
    options.path === undefined ? campaign(raw, property.runs, options) : replayed(raw, options, options.path);
  const milliseconds = Math.round(performance.now() - started);
  const { runs, failed } = found;
  const common = {
    property: property.id,
    sentence: property.sentence,
    kernel: kernel.name,
    seed: options.seed,
    runs,
    milliseconds,
    fired: bench.fired,
  };
  if (failed === undefined) {
    const isWhole = options.path === undefined && (options.runs ?? property.runs) >= property.runs;
    const unexercised = isWhole ? unfired(property, bench) : [];
    return { ...common, status: unexercised.length === 0 ? 'holds' : 'not exercised', unexercised };
  }
  const status = failed.error instanceof Falsified ? 'falsified' : 'error';
  return { ...common, status, unexercised: [], failure: failureOf(property, bench, options.seed, failed) };
}

/** The rules that a property is about, that the kernel has, and that no run has shown. */
function unfired({ rules }: Property, { kernel, fired }: Bench): RuleId[] {
  const has = rulesOf(kernel.name);
  return rules.filter((rule) => has.has(rule) && !fired.has(rule));
}

/** The ids of all rules of a kernel. */
function rulesOf(kernel: string): ReadonlySet<string> {
  return new Set(ruleSpecs.filter(({ kernels }) => kernel in kernels).map(({ id }) => id));
}

/** A property as fast-check runs it; none of ours is asynchronous. */
type Raw = fc.IRawProperty<[unknown], false>;

interface Failed {
  readonly value: unknown;
  readonly error: unknown;
  readonly path: string;
  readonly shrinks: number;
}

interface Found {
  readonly runs: number;
  readonly failed: Failed | undefined;
}

/** Tries as many values as are asked for, and makes the first that fails as small as it can. */
function campaign(raw: Raw, usual: number, { seed, runs = usual }: CampaignOptions): Found {
  const details = fc.check(raw, { seed, numRuns: runs });
  if (!details.failed) return { runs: details.numRuns, failed: undefined };
  const { counterexample, counterexamplePath: path, errorInstance: error, numRuns, numShrinks: shrinks } = details;
  if (counterexample === null) throw new Error('too many values were refused by a precondition');
  return { runs: numRuns, failed: { value: counterexample[0], error, path: path ?? '', shrinks } };
}

/** Tries the one value that `path` leads to, and none of those that fast-check would try after it. */
function replayed(raw: Raw, { seed }: CampaignOptions, path: string): Found {
  let tried = 0;
  const once: Raw = {
    isAsync: () => false,
    generate: (random, run) => raw.generate(random, run),
    shrink: (value) => raw.shrink(value),
    run: (value) => (tried++ === 0 ? raw.run(value) : null),
    runBeforeEach: () => raw.runBeforeEach(),
    runAfterEach: () => raw.runAfterEach(),
  };
  const { counterexample, errorInstance: error } = walked(once, seed, path);
  if (tried === 0) throw new RangeError(`with the seed ${seed} no value is at the path ${path}`);
  if (counterexample === null) return { runs: 1, failed: undefined };
  return { runs: 1, failed: { value: counterexample[0], error, path, shrinks: path.split(':').length - 1 } };
}

/** @throws RangeError where the path leads nowhere, about which fast-check throws something that names no cause */
function walked(raw: Raw, seed: number, path: string): fc.RunDetails<[unknown]> {
  try {
    return fc.check(raw, { seed, path, numRuns: 1, endOnFailure: true });
  } catch (error) {
    throw new RangeError(`with the seed ${seed} no value is at the path ${path}`, { cause: error });
  }
}

function failureOf(property: Property, bench: Bench, seed: number, { value, error, path, shrinks }: Failed): Failure {
  const { kernel } = bench;
  const scenarios = property.scenarios(value, bench);
  return {
    message: error instanceof Falsified ? error.message : String(error instanceof Error ? error.stack : error),
    path,
    shrinks,
    counterexample: fc.stringify(value),
    scenarios,
    traces: scenarios.map((one, i) => traceOf(kernel, one, `${property.id}${i === 0 ? '' : `-${i + 1}`}`)),
    replay: `tcp-backlog check --run ${property.id} --kernel ${kernel.name} --seed ${seed} --path ${path}`,
  };
}

/** The trace that a scenario is on a model; it says itself how it is to be played, if not as usual. */
function traceOf(kernel: KernelVariant, scenario: Scenario & PlayOptions, id: string): Trace {
  const { release, hz, uptime, seed } = scenario;
  const options = {
    id,
    ...(release === undefined ? {} : { release }),
    ...(hz === undefined ? {} : { hz }),
    ...(uptime === undefined ? {} : { uptime }),
    ...(seed === undefined ? {} : { seed }),
  };
  const { header, steps } = playScenario(kernel, scenario, options);
  return { header, steps: steps.map(traceStep) };
}

/** A trace as NDJSON, ready to be saved, replayed and explained. */
export const ndjson = ({ header, steps }: Trace): string =>
  [header, ...steps].map((line) => `${JSON.stringify(line)}\n`).join('');

/** A result in words; of a failure with all that it takes to look into it. */
export function describeResult(result: PropertyResult): string {
  const { property, kernel, seed, status, runs, milliseconds, unexercised, failure } = result;
  const head = `${property} on ${kernel}: ${status} (${runs} ${runs === 1 ? 'run' : 'runs'}, ${milliseconds} ms, seed ${seed})`;
  if (status === 'not exercised') return `${head}\n  never fired: ${unexercised.join(', ')}`;
  if (failure === undefined) return head;
  const { message, path, shrinks, counterexample, traces, replay } = failure;
  const lines = [head, `  ${result.sentence}`, `  found: ${message}`];
  lines.push(
    `  seed ${seed}, path ${path}, made smaller ${shrinks} ${shrinks === 1 ? 'time' : 'times'}`,
    `  ${replay}`,
  );
  const shown = traces.length > 0 ? traces.map(ndjson).join('').trimEnd() : counterexample;
  return `${lines.join('\n')}\n${shown}`;
}
