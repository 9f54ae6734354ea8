/** Plays the scenarios that nobody recorded on the models: the traces in fixtures/model. */

import type { KernelSpec, TraceHeader } from '../src/generated/types.js';
import type { KernelVariant } from '../src/host/variant.js';
import { type PlayedStep, Simulation } from '../src/run/simulation.js';
import type { ModelScenario } from './scenarios.js';

/** The traces of `kernel`, as NDJSON. */
export function modelTraces(kernel: KernelVariant, spec: KernelSpec, scenarios: readonly ModelScenario[]): string {
  const own = scenarios.filter((one) => one.kernel === undefined || one.kernel === kernel.name);
  return own.flatMap((one) => played(kernel, spec, one).map((record) => `${JSON.stringify(record)}\n`)).join('');
}

function played(kernel: KernelVariant, spec: KernelSpec, scenario: ModelScenario): object[] {
  const { id, release = spec.release, sysctl = {}, sockopt = {}, seed = 0, events } = scenario;
  const variant: KernelVariant = {
    ...kernel,
    boot: (env, clock, options) => kernel.boot(env, clock, options, release),
  };
  const simulation = new Simulation(variant, { sysctl, sockopt, seed });
  const { sysctlErrors } = simulation;
  const header: TraceHeader = {
    trace: 1,
    id,
    kernel: { name: 'linux', release, variant: kernel.name, hz: 1000 },
    origin: 'model',
    sysctl,
    ...(Object.keys(sysctlErrors).length === 0 ? {} : { sysctlErrors }),
    sockopt,
  };
  return [header, ...events.map((event) => withoutRules(simulation.step(event)))];
}

function withoutRules({ rules: _, log: __, ...step }: PlayedStep): object {
  return step;
}
