/** Plays the scenarios that nobody recorded on the models: the traces in fixtures/model. */

import type { KernelSpec } from '../src/generated/types.js';
import { isSince } from '../src/host/kernel-spec.js';
import type { KernelVariant } from '../src/host/variant.js';
import { playScenario, traceStep } from '../src/run/scenario.js';
import type { ModelScenario } from './scenarios.js';

/** The traces of `kernel`, as NDJSON. */
export function modelTraces(kernel: KernelVariant, spec: KernelSpec, scenarios: readonly ModelScenario[]): string {
  const own = scenarios.filter(
    (one) =>
      (one.kernel ?? kernel.name) === kernel.name && (one.since === undefined || isSince(kernel.name, one.since)),
  );
  return own.flatMap((one) => played(kernel, spec, one).map((record) => `${JSON.stringify(record)}\n`)).join('');
}

function played(kernel: KernelVariant, spec: KernelSpec, scenario: ModelScenario): object[] {
  const { id, release = spec.release, sysctl = {}, sockopt = {}, seed = 0, events } = scenario;
  const { header, steps } = playScenario(kernel, { sysctl, sockopt, events }, { id, release, seed });
  return [header, ...steps.map(traceStep)];
}
