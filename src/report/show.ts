/** Plays a scenario and shows what one would see on the machine meanwhile. */

import type { TraceEvent } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import type { Simulation } from '../run/simulation.js';
import { session, type ViewName } from './views/index.js';
import type { LogEntry } from './views/moment.js';
import { seconds } from './words.js';

/** What is to be seen of a scenario. */
interface Showing {
  /** Its name. */
  readonly id: string;
  readonly variant: KernelVariant;
  /** Fresh. */
  readonly simulation: Simulation;
  readonly events: readonly TraceEvent[];
  readonly views: readonly ViewName[];
  /** When, µs since the start, in ascending order; none: at the end. After the end of the scenario nothing happens any more but time passes. */
  readonly times: readonly number[];
}

/** Yields the lines of one time after the other. What happens at that very time has happened. */
export function* show({ id, variant, simulation, events, views, times }: Showing): Generator<string[]> {
  const log: LogEntry[] = [];
  const step = (event: TraceEvent): void => {
    const { at, log: lines } = simulation.step(event);
    for (const line of lines) log.push({ at, line });
  };
  const passTo = (time: number): void => {
    if (time > simulation.now) step({ wait: time - simulation.now });
  };
  const shown = (): string[] => {
    const at = simulation.now;
    return [`${id} at ${seconds(at)}`, ...session(views, { variant, host: simulation.host, at, log })];
  };
  const left = [...times];
  for (const event of events) {
    if (!('wait' in event)) {
      step(event);
      continue;
    }
    const end = simulation.now + event.wait;
    for (let next = left[0]; next !== undefined && next < end; next = left[0]) {
      passTo(next);
      yield shown();
      left.shift();
    }
    passTo(end);
  }
  for (const time of left) {
    passTo(time);
    yield shown();
  }
  if (times.length === 0) yield shown();
}
