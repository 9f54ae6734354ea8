/** `record`: puts the running kernel through scenarios and writes what it did as traces. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { traceLines } from '../../conformance/case-result.js';
import { type Subject, SubjectError } from '../../conformance/subject.js';
import type { TraceEvent, TraceHeader } from '../../generated/types.js';
import { kernelFor, thisKernel } from '../../live/kernel-of-release.js';
import type { Pool } from '../../live/pool.js';
import { lengthOf, recordable, record as recordScenario } from '../../live/record.js';
import type { Trace } from '../../run/scenario.js';
import { describeInvalid, readTraceBatches } from '../../trace/read.js';
import { ScenarioChecker } from '../../trace/scenario.js';
import { EXIT, UsageError } from '../exit.js';
import { type AdapterFor, progressInWords, runningKernelAdapter, withPool } from '../live-pool.js';
import { kernelOption } from '../options.js';
import type { Output } from '../output.js';

/** What the command line says. */
export interface RecordOptions {
  readonly kernel?: string;
  readonly jobs: number;
  /** The folder that the traces go to; absent: standard output. */
  readonly output?: string;
  /** Whether files that are there already may be overwritten. */
  readonly force?: boolean;
}

/** µs: more than any scenario may last. */
const LONGEST = 1e12;

/** A scenario of a file. */
interface Scenario {
  readonly header: TraceHeader;
  readonly line: number;
  readonly events: TraceEvent[];
}

/** A file of scenarios, and what came of them so far. */
interface Source {
  readonly file: string;
  readonly scenarios: readonly Scenario[];
  /** By the place of the scenario; undefined: it cannot be recorded. */
  readonly traces: Map<number, Trace | undefined>;
}

/** Records every scenario of `files` that is one. */
export async function record(
  files: readonly string[],
  options: RecordOptions,
  output: Output,
  adapter: AdapterFor = runningKernelAdapter,
): Promise<number> {
  const variant = kernelOption(options.kernel) ?? kernelFor(thisKernel());
  const targets = targetsOf(files, options);
  const { sources, invalid } = await readSources(files, variant.name, output);
  if (sources.every(({ scenarios }) => scenarios.length === 0)) return EXIT.invalid;
  const request = { kernel: variant.name, jobs: options.jobs, longest: LONGEST, adapter };
  const status = await withPool(request, output, async (pool) => {
    const jobs = sources.flatMap((source) =>
      jobsOf(source, pool, variant, output, () => write(source, targets.get(source.file), output)),
    );
    const results = await pool.all(jobs, ({ left, ...progress }) =>
      output.progress(() => progressInWords('recorded', progress, left)),
    );
    for (const one of results) if (one instanceof SubjectError) output.note(`tcp-backlog: ${one.message}`);
    for (const source of sources) {
      const isWhole = source.traces.size === source.scenarios.length;
      if (!isWhole) write(source, targets.get(source.file), output);
      await print(source, options, output);
    }
    const recorded = sources.flatMap(({ traces }) => [...traces.values()]).filter((trace) => trace !== undefined);
    return recorded.length === 0 ? EXIT.subject : EXIT.ok;
  });
  return status === EXIT.ok && invalid ? EXIT.invalid : status;
}

/** The file that the traces of each file are written to. */
function targetsOf(files: readonly string[], { output: folder, force }: RecordOptions): ReadonlyMap<string, string> {
  const targets = new Map<string, string>();
  if (folder === undefined) return targets;
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`cannot make ${folder}: ${(error as Error).message}`);
  }
  const taken = new Map<string, string>();
  for (const file of new Set(files)) {
    const name = file === '-' ? 'scenario' : basename(file).replace(/(\.ndjson)?(\.gz)?$/, '');
    const target = join(folder, `${name}.ndjson`);
    const other = taken.get(target);
    if (other !== undefined) throw new UsageError(`${other} and ${file} would both be recorded to ${target}`);
    if (force !== true && existsSync(target)) throw new UsageError(`${target} exists; --force overwrites it`);
    taken.set(target, file);
    targets.set(file, target);
  }
  return targets;
}

/** The scenarios of the files; what is none is told. */
async function readSources(
  files: readonly string[],
  variant: string,
  output: Output,
): Promise<{ readonly sources: readonly Source[]; readonly invalid: boolean }> {
  const sources: Source[] = [];
  let invalid = false;
  for (const file of new Set(files)) {
    const scenarios: Scenario[] = [];
    let current: Scenario | undefined;
    let found = 0;
    for await (const records of readTraceBatches(file, new ScenarioChecker(variant))) {
      for (const one of records) {
        found += 1;
        if (one.kind === 'step') current?.events.push(one.value.event);
        else if (one.kind === 'header') {
          current = { header: one.value, line: one.line, events: [] };
          scenarios.push(current);
        } else {
          if (one.header !== true && current !== undefined) scenarios.splice(scenarios.indexOf(current), 1);
          current = undefined;
          invalid = true;
          output.note(describeInvalid(file, one));
        }
      }
    }
    if (found === 0) {
      invalid = true;
      output.note(`${file}: no scenario in it`);
    }
    sources.push({ file, scenarios, traces: new Map() });
  }
  return { sources, invalid };
}

/** What is to be done for the scenarios of a file; `whole` is called once there is nothing more to come. */
function jobsOf(
  source: Source,
  { capabilities }: Pool,
  variant: ReturnType<typeof kernelFor>,
  output: Output,
  whole: () => void,
): { readonly length: number; run(subject: Subject): Promise<void> }[] {
  const { file, scenarios, traces } = source;
  const done = (place: number, trace: Trace | undefined): void => {
    traces.set(place, trace);
    if (traces.size === scenarios.length) whole();
  };
  return scenarios.flatMap(({ header, line, events }, place) => {
    const { id, sysctl, sockopt } = header;
    const scenario = { sysctl, sockopt, events };
    const { lacking, unset } = recordable(scenario, variant, capabilities);
    if (lacking.length > 0) {
      output.note(`${file}:${line}: ${id} is not recorded: it needs ${lacking.join('; ')}`);
      done(place, undefined);
      return [];
    }
    for (const name of unset) output.note(`${file}:${line}: ${id}: ${name} cannot be set here, and is left as it is`);
    const run = async (subject: Subject): Promise<void> => {
      const trace = await recordScenario(subject, variant, thisKernel(), scenario, id);
      for (const [name, errno] of Object.entries(trace.header.sysctlErrors ?? {})) {
        output.note(`${file}:${line}: ${id}: ${name} = ${sysctl[name]} is refused: ${errno}`);
      }
      done(place, trace);
    };
    return [{ length: lengthOf(scenario), run }];
  });
}

/** The traces of a file as lines, in the order of the scenarios. */
function tracesOf({ scenarios, traces }: Source): Trace[] {
  return scenarios.flatMap((_, place) => traces.get(place) ?? []);
}

/** Writes them to their file, if they have one, and there is any. */
function write(source: Source, target: string | undefined, output: Output): void {
  const traces = tracesOf(source);
  if (target === undefined || traces.length === 0) return;
  try {
    writeFileSync(target, traces.map(traceLines).join(''));
  } catch (error) {
    throw new UsageError(`cannot write ${target}: ${(error as Error).message}`);
  }
  output.note(`${target}: ${traces.length} ${traces.length === 1 ? 'trace' : 'traces'}`);
}

/** Prints them where they go nowhere else. */
async function print(source: Source, { output: folder }: RecordOptions, output: Output): Promise<void> {
  if (folder !== undefined) return;
  for (const trace of tracesOf(source)) await output.print(traceLines(trace).trimEnd());
}
