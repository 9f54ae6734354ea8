/** Traces as a recorder with a real clock would make them: waits last longer than asked, and segments of timers are seen late. */

import type { SentSegment, Step, Tolerance, TraceEvent } from '../../src/generated/types.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { type Scenario, startScenario, traceStep } from '../../src/run/scenario.js';
import type { Simulation } from '../../src/run/simulation.js';
import type { Played } from './played.js';

/** How such a recorder behaves. */
export interface Delays {
  readonly hz: number;
  readonly seed: number;
  readonly tolerance: Tolerance;
  /** µs by which a wait is longer at most. */
  readonly longer: number;
}

/** Plays a scenario on `kernel` and delays what is seen of timers by up to the tolerance, at random; the order of segments stays. */
export function playedLate(kernel: KernelVariant, scenario: Scenario, { hz, seed, tolerance, longer }: Delays): Played {
  const { header, simulation } = startScenario(kernel, scenario, { id: 'late', hz, seed });
  let state = seed;
  const random = (n: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  let unseen: SentSegment[] = [];
  const steps = scenario.events.map((event): Step => {
    const step = longerStep(simulation, event, 'wait' in event ? random(longer) : 0);
    const isWait = 'wait' in event;
    const { at: end } = step.observed;
    const sent = [
      ...unseen,
      ...step.out.map((one) => (isWait ? { ...one, at: one.at + random(tolerance.timer) } : one)),
    ];
    // What is sent in answer to an event is seen at once, and what was sent before it has been seen by then.
    const surely = isWait ? 0 : step.out.length === 0 ? 0 : sent.length;
    let last = step.at;
    const out: SentSegment[] = [];
    for (const [i, one] of sent.entries()) {
      const at = Math.max(one.at, last);
      if (at > end && i >= surely) break;
      last = Math.min(at, end);
      out.push({ ...one, at: last });
    }
    unseen = sent.slice(out.length);
    return { ...step, out };
  });
  return { header: { ...header, origin: 'subject', tolerance }, steps };
}

/** Lets an event happen; a wait lasts longer than it says. */
function longerStep(simulation: Simulation, event: TraceEvent, longer: number): Step {
  const step = traceStep(simulation.step(event));
  if (longer === 0) return step;
  const more = traceStep(simulation.step({ wait: longer }));
  const counters = { ...step.observed.counters };
  for (const [name, by] of Object.entries(more.observed.counters)) counters[name] = (counters[name] ?? 0) + by;
  return { ...step, out: [...step.out, ...more.out], observed: { ...more.observed, counters } };
}
