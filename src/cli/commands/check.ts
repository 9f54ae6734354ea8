/** `check`: tries the properties on the models. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeResult, ndjson, type PropertyResult, runProperty } from '../../../properties/campaign.js';
import { PROPERTIES, type Property } from '../../../properties/index.js';
import { environmentChoice } from '../../../properties/seed.js';
import { matches } from '../../conformance/pattern.js';
import type { KernelVariant } from '../../host/variant.js';
import { KERNELS } from '../../kernels.js';
import { EXIT, UsageError } from '../exit.js';
import { kernelOption, shellWord } from '../options.js';
import type { Output } from '../output.js';

/** What the command line says. */
export interface CheckOptions {
  readonly kernel?: string;
  readonly run?: readonly string[];
  readonly skip?: readonly string[];
  readonly seed?: number;
  readonly path?: string;
  readonly runs?: number;
  readonly bail?: boolean;
  readonly json?: boolean;
  readonly save?: string;
}

/** A property and a kernel to try it on. */
interface Trial {
  readonly property: Property;
  readonly kernel: KernelVariant;
}

type Tally = Record<PropertyResult['status'], number>;

/** Tries each property that is asked for on each kernel that it is about. */
export async function check(options: CheckOptions, output: Output): Promise<number> {
  const trials = trialsOf(options);
  const asked = campaignOf(options);
  const tally: Tally = { holds: 0, falsified: 0, 'not exercised': 0, error: 0 };
  const started = performance.now();
  if (options.save !== undefined) prepare(options.save);
  for (const [i, { property, kernel }] of trials.entries()) {
    output.progress(() => `${i} of ${trials.length}: ${property.id} on ${kernel.name}`);
    const result = tried({ property, kernel }, asked);
    if (i === 0 && options.json !== true) await output.print(`seed ${asked.seed}`);
    tally[result.status] += 1;
    await tell(result, options, output);
    if (options.bail === true && result.status !== 'holds') break;
  }
  if (options.json === true) await output.print(JSON.stringify({ summary: tally }));
  else await output.print(`${inWords(tally)}, in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  if (tally.error > 0) return EXIT.subject;
  return tally.falsified + tally['not exercised'] > 0 ? EXIT.violation : EXIT.ok;
}

/** What is to be tried. */
function trialsOf({ kernel, run = ['*'], skip = [], path, seed }: CheckOptions): Trial[] {
  const asked = kernelOption(kernel);
  const kernels = asked === undefined ? KERNELS : [asked];
  const trials = PROPERTIES.filter(({ id }) => matches(id, run) && !matches(id, skip)).flatMap((property) =>
    kernels.filter(({ name }) => property.kernels.includes(name)).map((one) => ({ property, kernel: one })),
  );
  if (trials.length === 0) throw new UsageError('no property has such a name');
  if (path !== undefined && (trials.length !== 1 || seed === undefined)) {
    throw new UsageError('--path needs --run with one property, --kernel and --seed');
  }
  return trials;
}

/** With which chance, and how long; what the command line leaves open is taken from SEED and RUNS. */
function campaignOf({ seed, path, runs }: CheckOptions): { seed: number; path?: string; runs?: number } {
  const usual = fromEnvironment();
  const count = runs ?? usual.runs;
  return {
    seed: seed ?? usual.seed,
    ...(path === undefined ? {} : { path }),
    ...(count === undefined ? {} : { runs: count }),
  };
}

function fromEnvironment(): ReturnType<typeof environmentChoice> {
  try {
    return environmentChoice();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function tried({ property, kernel }: Trial, asked: ReturnType<typeof campaignOf>): PropertyResult {
  try {
    return runProperty(property, kernel, asked);
  } catch (error) {
    if (error instanceof RangeError && asked.path !== undefined) throw new UsageError(error.message);
    throw error;
  }
}

/** Makes the folder, so that a campaign does not fail only once it has found something. */
function prepare(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`cannot write to ${folder}: ${(error as Error).message}`);
  }
}

/** A line a result; more of one that is not as expected. */
async function tell(result: PropertyResult, { json, save }: CheckOptions, output: Output): Promise<void> {
  const { property, kernel, seed, status, runs, milliseconds, unexercised, failure } = result;
  if (json === true) {
    const more = { ...(unexercised.length > 0 ? { unexercised } : {}), ...(failure === undefined ? {} : { failure }) };
    await output.print(JSON.stringify({ property, kernel, seed, status, runs, milliseconds, ...more }));
  } else {
    const word = output.paint(status === 'holds' ? 'conforms' : 'violates', status);
    await output.print(
      `${property} on ${kernel}: ${word} (${runs} ${runs === 1 ? 'run' : 'runs'}, ${milliseconds} ms)`,
    );
    if (status !== 'holds') output.note(describeResult(result));
  }
  if (save === undefined || failure === undefined || failure.traces.length === 0) return;
  const file = join(save, `${property}-${kernel}.ndjson`);
  writeFileSync(file, failure.traces.map(ndjson).join(''));
  output.note(`saved; tcp-backlog explain ${shellWord(file)}`);
}

const inWords = (tally: Tally): string =>
  Object.entries(tally)
    .filter(([status, count]) => count > 0 || status === 'holds')
    .map(([status, count]) => `${count} ${count === 1 || status !== 'holds' ? status : 'hold'}`)
    .join(', ');
