/** `live`: holds the running kernel against a model, or finds out which of several explains it. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES } from '../../../properties/profiles/index.js';
import { DEFAULT_SEED } from '../../../properties/seed.js';
import { traceLines } from '../../conformance/case-result.js';
import type { WholeTrace } from '../../generated/types.js';
import { KERNELS } from '../../kernels.js';
import { type LiveReport, type LiveResult, runLive } from '../../live/campaign.js';
import { compareLive } from '../../live/comparison.js';
import { kernelFor, thisKernel } from '../../live/kernel-of-release.js';
import { comparisonInWords, comparisonLines, comparisonMarkdown, unexplained } from '../../report/live-comparison.js';
import { liveResultInWords, liveSummaryInWords } from '../../report/live-words.js';
import { EXIT, UsageError } from '../exit.js';
import { type AdapterFor, progressInWords, runningKernelAdapter, withPool } from '../live-pool.js';
import { kernelOption, shellWord } from '../options.js';
import type { Output } from '../output.js';
import { LIVE_RUNS, type LiveCommandOptions, LONGEST } from './live-options.js';

/** Runs scenarios on the kernel of this machine, or on what `adapter` starts. */
export async function live(
  options: LiveCommandOptions,
  output: Output,
  adapter: AdapterFor = runningKernelAdapter,
): Promise<number> {
  check(options);
  if (options.save !== undefined) makeFolder(options.save);
  if (options.markdown !== undefined) write(options.markdown, '');
  return options.compare === undefined
    ? await campaign(options, output, adapter)
    : await comparison(options, options.compare, output, adapter);
}

/** @throws UsageError for options that do not go together */
function check({ compare, golden, profile, seed, runs, markdown }: LiveCommandOptions): void {
  const alone = { '--golden': golden, '--profile': profile, '--seed': seed, '--runs': runs };
  const stray = Object.entries(alone).find(([, value]) => value !== undefined)?.[0];
  if (compare !== undefined && stray !== undefined) {
    throw new UsageError(`${stray} does not go together with --compare: the scenarios of a comparison are given`);
  }
  const unknown = profile?.find((name) => !PROFILES.some(({ id }) => id === name));
  if (unknown !== undefined) {
    throw new UsageError(`no such profile: ${unknown} (there are ${PROFILES.map(({ id }) => id).join(', ')})`);
  }
  if (compare === undefined && markdown !== undefined) throw new UsageError('--markdown needs --compare');
}

async function campaign(options: LiveCommandOptions, output: Output, adapter: AdapterFor): Promise<number> {
  const { golden, profile, seed = DEFAULT_SEED, runs = LIVE_RUNS, jobs, longest = LONGEST.campaign, json } = options;
  const running = thisKernel();
  const kernel = kernelOption(options.kernel) ?? kernelFor(running);
  const wanted = (name: string): boolean => {
    if (golden === undefined && profile === undefined) return true;
    if (name.startsWith('golden/')) return golden === true;
    return profile?.includes(name.slice('campaign/'.length)) === true;
  };
  const printing = new Printing(output);
  const request = { kernel: kernel.name, jobs, longest: longest * 1e6, adapter };
  return withPool(request, output, async (pool) => {
    const report = await runLive(pool, {
      kernel,
      running,
      seed,
      runs,
      wanted,
      command: `tcp-backlog adapter --longest ${longest}`,
      onProgress: (phase, progress, left) => output.progress(() => progressInWords(phase, progress, left)),
      onResult: (result) => {
        const saved = saveFailure(result, options);
        if (json === true) printing.print(JSON.stringify(result));
        else printing.print(...painted(output, result, liveResultInWords(result, kernel.name)), ...saved);
      },
    });
    const { results, ...summary } = report;
    if (json === true) printing.print(JSON.stringify({ summary: { ...summary, scenarios: results.length } }));
    else printing.print(...liveSummaryInWords(report));
    await printing.end();
    return statusOf(report);
  });
}

/** 3 where something could not be recorded or nothing was, 1 where something is not explained. */
function statusOf({ totals }: LiveReport): number {
  const { conforms, violates, undecided, broken } = totals;
  if (broken > 0 || conforms + violates + undecided === 0) return EXIT.subject;
  return violates + undecided > 0 ? EXIT.violation : EXIT.ok;
}

function painted(output: Output, { verdict }: LiveResult, [first, ...rest]: readonly string[]): string[] {
  if (first === undefined) return [];
  return [output.paint(verdict === 'violates' ? 'violates' : 'undecided', first), ...rest];
}

/** Writes the trace of a failure where it is wanted; how to look at it. */
function saveFailure({ scenario, failure }: LiveResult, { save }: LiveCommandOptions): string[] {
  if (save === undefined || failure === undefined) return [];
  return [`  explain: tcp-backlog explain ${shellWord(saveTrace(save, scenario, failure.trace))}`];
}

async function comparison(
  options: LiveCommandOptions,
  names: readonly string[],
  output: Output,
  adapter: AdapterFor,
): Promise<number> {
  const { jobs, longest = LONGEST.comparison, json, markdown, save } = options;
  const asked = names.map((name) => kernelOption(name));
  const kernels = KERNELS.filter((kernel) => asked.includes(kernel));
  const running = thisKernel();
  const held = kernelOption(options.kernel) ?? kernelFor(running);
  const files = new Map<string, string>();
  const request = { kernel: held.name, jobs, longest: longest * 1e6, adapter };
  return withPool(request, output, async (pool) => {
    const result = await compareLive(pool, {
      kernels,
      held,
      running,
      onProgress: (phase, progress, left) => output.progress(() => progressInWords(phase, progress, left)),
      onScenario: ({ id }, trace) => {
        if (save !== undefined && trace !== undefined) files.set(id, saveTrace(save, id, trace));
      },
    });
    const lines = json === true ? comparisonLines(result, files) : comparisonInWords(result, files);
    await output.print(lines.join('\n').replace(/^\n/, ''));
    if (markdown !== undefined) write(markdown, comparisonMarkdown(result));
    if (result.scenarios.every(({ unable }) => unable !== undefined)) return EXIT.subject;
    return unexplained(result).length > 0 ? EXIT.violation : EXIT.ok;
  });
}

/** Prints in order what comes while nobody waits for it. */
class Printing {
  readonly #output: Output;
  #printed: Promise<void> = Promise.resolve();

  constructor(output: Output) {
    this.#output = output;
  }

  print(...lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#printed = this.#printed.then(() => this.#output.print(lines.join('\n')));
  }

  end(): Promise<void> {
    return this.#printed;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`cannot make ${folder}: ${(error as Error).message}`);
  }
}

/** Writes a trace to a file of its own; its name. */
function saveTrace(folder: string, name: string, trace: WholeTrace): string {
  const file = join(folder, `${name.replaceAll('/', '-')}.ndjson`);
  write(file, traceLines(trace));
  return file;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
  }
}
