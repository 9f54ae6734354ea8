/** Scenarios, and what a model makes of them. */

import type { SocketOptions, Step, TraceEvent, TraceHeader } from '../generated/types.js';
import { citedRelease } from '../host/kernel-spec.js';
import type { KernelVariant } from '../host/variant.js';
import { type PlayedStep, Simulation } from './simulation.js';

/** What a listener is put through: settings, and then events. */
export interface Scenario {
  /** Written before the listener is made, by full name. What is not named has the kernel's default. */
  readonly sysctl: Readonly<Record<string, number>>;
  /** Set on the listener's socket before its first `listen`. */
  readonly sockopt: SocketOptions;
  readonly events: readonly TraceEvent[];
}

/** What a scenario does not say. */
export interface PlayOptions {
  /** Name of the trace. Default `scenario`. */
  readonly id?: string;
  /** `uname -r`; by default the release that the model is cited from. */
  readonly release?: string;
  /** Jiffies per second. Default 1000. */
  readonly hz?: number;
  /** For how long the machine has been up at the start, µs. Absent: for so long that nothing hangs on it, and the trace says nothing of it. */
  readonly uptime?: number;
  /** Settles what the kernel leaves to chance. Default 0. */
  readonly seed?: number;
}

/** A whole trace. */
export interface Trace {
  readonly header: TraceHeader;
  readonly steps: readonly Step[];
}

/** A trace, and which rules made it. */
export interface PlayedTrace extends Trace {
  readonly steps: readonly PlayedStep[];
}

/** Plays a scenario on a kernel's model. */
export function playScenario(kernel: KernelVariant, scenario: Scenario, options: PlayOptions = {}): PlayedTrace {
  const { header, simulation } = startScenario(kernel, scenario, options);
  return { header, steps: scenario.events.map((event) => simulation.step(event)) };
}

/** A machine that is ready for a scenario's first event, and the header of the trace that it is going to make. */
export function startScenario(
  kernel: KernelVariant,
  { sysctl, sockopt }: Omit<Scenario, 'events'>,
  options: PlayOptions = {},
): { readonly header: TraceHeader; readonly simulation: Simulation } {
  const { id = 'scenario', hz = 1000, seed = 0, release = citedRelease(kernel.name) } = options;
  const uptime = options.uptime === undefined ? {} : { uptime: options.uptime };
  const simulation = new Simulation(kernel, { sysctl, sockopt, hz, seed, release, ...uptime });
  const { sysctlErrors } = simulation;
  const header: TraceHeader = {
    trace: 1,
    id,
    kernel: { name: 'linux', release, variant: kernel.name, hz, ...uptime },
    origin: 'model',
    sysctl,
    ...(Object.keys(sysctlErrors).length > 0 ? { sysctlErrors } : {}),
    sockopt,
  };
  return { header, simulation };
}

/** A played step as a trace has it. */
export function traceStep({ rules: _, log: __, ...step }: PlayedStep): Step {
  return step;
}
