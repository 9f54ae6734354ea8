/** What a model makes of a scenario, as a trace. */

import type { Step, TraceEvent, TraceHeader } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { playScenario, traceStep } from '../../src/run/scenario.js';
import type { SimulationOptions } from '../../src/run/simulation.js';

/** A header and its steps. */
export interface Played {
  readonly header: TraceHeader;
  readonly steps: Step[];
}

/** Plays `events` on `kernel`. */
export function played(kernel: KernelVariant, events: readonly TraceEvent[], options: SimulationOptions = {}): Played {
  const { sysctl = {}, sockopt = {}, ...rest } = options;
  const { header, steps } = playScenario(kernel, { sysctl, sockopt, events }, { id: 'played', ...rest });
  return { header, steps: steps.map(traceStep) };
}
