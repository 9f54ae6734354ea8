/** What a model makes of a scenario, as a trace. */

import { kernelSpecs } from '../../src/generated/kernels.js';
import type { Step, TraceEvent, TraceHeader } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { Simulation, type SimulationOptions } from '../../src/run/simulation.js';

/** A header and its steps. */
export interface Played {
  readonly header: TraceHeader;
  readonly steps: Step[];
}

/** Plays `events` on `kernel`. */
export function played(kernel: KernelVariant, events: readonly TraceEvent[], options: SimulationOptions = {}): Played {
  const simulation = new Simulation(kernel, options);
  const { hz = 1000, sysctl = {}, sockopt = {} } = options;
  const { release } = kernelSpecs[kernel.name as keyof typeof kernelSpecs];
  const header: TraceHeader = {
    trace: 1,
    id: 'played',
    kernel: { name: 'linux', release, variant: kernel.name, hz },
    origin: 'model',
    sysctl,
    ...(Object.keys(simulation.sysctlErrors).length > 0 ? { sysctlErrors: simulation.sysctlErrors } : {}),
    sockopt,
  };
  const steps = events.map((event) => {
    const { rules: _, log: __, ...step } = simulation.step(event);
    return step;
  });
  return { header, steps };
}
