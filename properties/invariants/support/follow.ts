/** How a property looks into the machine while a scenario runs. */

import type { TraceEvent } from '../../../src/generated/types.js';
import type { Host } from '../../../src/host/host.js';
import { type Scenario, startScenario } from '../../../src/run/scenario.js';
import type { PlayedStep } from '../../../src/run/simulation.js';
import type { Bench } from '../../property.js';
import { type Queues, queuesOf } from './queues.js';

/** A step, and the queues before and after it. */
export interface Turn {
  readonly played: PlayedStep;
  /** Undefined while nothing listens. */
  readonly before: Queues | undefined;
  readonly after: Queues | undefined;
  /** Begins a message of what is wrong with it. */
  readonly place: string;
}

/** What is looked at. `prepare`, where it is given, sees the machine before each event, and `look` gets what it found. */
export function follow<T = undefined>(
  bench: Bench,
  scenario: Scenario,
  look: (turn: Turn, prepared: T | undefined) => void,
  prepare?: (host: Host, event: TraceEvent) => T,
): void {
  const { simulation } = startScenario(bench.kernel, scenario);
  let before = queuesOf(simulation.host);
  for (const [index, event] of scenario.events.entries()) {
    const prepared = prepare?.(simulation.host, event);
    const played = simulation.step(event);
    for (const rule of played.rules) bench.fired.set(rule, (bench.fired.get(rule) ?? 0) + 1);
    const after = queuesOf(simulation.host);
    look({ played, before, after, place: `step ${index + 1}: ` }, prepared);
    before = after;
  }
}

/** The scenario with each burst as single segments, so that what a step does is what one segment does. */
export function oneByOne({ events, ...settings }: Scenario): Scenario {
  return {
    ...settings,
    events: events.flatMap((event): readonly TraceEvent[] => {
      if (!('segments' in event) || event.segments.length < 2) return [event];
      return event.segments.map((segment) => ({ ...event, segments: [segment] }));
    }),
  };
}
