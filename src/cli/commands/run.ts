/** `run`: plays scenarios on a model and prints their traces. */

import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Step, TraceHeader } from '../../generated/types.js';
import { kernelNamed } from '../../kernels.js';
import { type PlayedStep, Simulation } from '../../run/simulation.js';
import { parseScenarios, type Scenario } from '../../trace/scenario.js';
import { EXIT, UsageError } from '../exit.js';
import { print } from '../output.js';

/** What the command line says. */
export interface RunOptions {
  readonly kernel?: string;
  readonly seed: number;
}

/** Plays every scenario of `file`. */
export async function run(file: string, { kernel, seed }: RunOptions): Promise<number> {
  for (const scenario of await scenariosOf(file, kernel)) await play(scenario, kernel, seed);
  return EXIT.ok;
}

async function scenariosOf(file: string, kernel: string | undefined): Promise<readonly Scenario[]> {
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch((error: Error) => {
    throw new UsageError(`${file}: ${error.message}`);
  });
  const scenarios = parseScenarios(content, kernel ?? '4.15');
  if (Array.isArray(scenarios)) return scenarios;
  const { line, path, message } = scenarios as Exclude<typeof scenarios, readonly Scenario[]>;
  throw new UsageError([`${file}:${line}`, path, message].filter((part) => part !== '').join(': '));
}

async function play({ header, line, events }: Scenario, kernel: string | undefined, seed: number): Promise<void> {
  const name = kernel ?? header.kernel.variant;
  const variant = kernelNamed(name);
  if (variant === undefined) throw new UsageError(`line ${line}: $.kernel.variant: unknown kernel variant ${JSON.stringify(name)}`);
  const { hz } = header.kernel;
  const simulation = new Simulation(variant, { sysctl: header.sysctl, sockopt: header.sockopt, hz, seed });
  const { sysctlErrors: _, ...settings } = header;
  const refused = simulation.sysctlErrors;
  const played: TraceHeader = {
    ...settings,
    kernel: { name: 'linux', release: name, variant: name, hz },
    origin: 'model',
    ...(Object.keys(refused).length > 0 ? { sysctlErrors: refused } : {}),
  };
  await print(JSON.stringify(played));
  for (const event of events) await print(JSON.stringify(observedPart(simulation.step(event))));
}

/** A played step as a trace's step. */
function observedPart({ rules: _, log: __, ...step }: PlayedStep): Step {
  return step;
}
