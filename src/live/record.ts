/** Makes a trace of what a running kernel does in a scenario. */

import { limitsOf, unmet } from '../../properties/arbitraries/limits.js';
import { runScenario } from '../conformance/run-scenario.js';
import type { Subject } from '../conformance/subject.js';
import type { Capabilities } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import type { Scenario, Trace } from '../run/scenario.js';
import type { RunningKernel } from './kernel-of-release.js';

/** How far an adapter can be put through a scenario. */
export interface Recordable {
  /** What the scenario needs and the adapter lacks, in words; none: it can be recorded. */
  readonly lacking: readonly string[];
  /** Settings that the adapter cannot write: they keep the value that the machine has. */
  readonly unset: readonly string[];
}

/** Whether a scenario can be recorded by an adapter with these capabilities. */
export function recordable(scenario: Scenario, kernel: KernelVariant, capabilities: Capabilities): Recordable {
  const limits = limitsOf(capabilities);
  const names = Object.keys(scenario.sysctl);
  const unset = names.filter((name) => !capabilities.sysctls.includes(name));
  const sysctl = Object.fromEntries(Object.entries(scenario.sysctl).filter(([name]) => !unset.includes(name)));
  return { lacking: unmet({ ...scenario, sysctl }, kernel, limits), unset };
}

/**
 * Puts the kernel behind an adapter through a scenario.
 * @param variant the model that is meant to explain it; the header names it
 * @param running what the kernel says of itself
 * @throws SubjectError when the adapter fails
 */
export async function record(
  subject: Subject,
  variant: KernelVariant,
  { release, upstream }: RunningKernel,
  scenario: Scenario,
  id: string,
): Promise<Trace> {
  const { header, steps } = await runScenario(subject, variant, scenario, id);
  const built = upstream === undefined || header.kernel.release !== release ? {} : { upstream };
  return { header: { ...header, kernel: { ...header.kernel, ...built }, origin: 'recorded' }, steps };
}

/** What the waits of a scenario add up to, µs. */
export const lengthOf = ({ events }: Pick<Scenario, 'events'>): number =>
  events.reduce((sum, event) => sum + ('wait' in event ? event.wait : 0), 0);
