/** Comparing two runs step by step. */

import type { Step, TraceEvent } from '../../src/generated/types.js';
import { expectThat, type Falsified } from '../property.js';

/** What of a step two runs have in common. */
type Facts = Readonly<Record<string, unknown>>;

/** All that a step shows, by name. Times are left to the caller. */
export function factsOf({ result, accepted, setupErrors, out, observed }: Step): Facts {
  const { listener, counters, sockets } = observed;
  return { result, accepted, setupErrors, out, listener, counters, sockets };
}

/**
 * Compares facts one by one.
 * @param what which two runs these are, as in `with the wait split`
 * @throws Falsified at the first that differs: {@link Falsified}
 */
export function expectSame(expected: Facts, found: Facts, event: TraceEvent, step: number, what: string): void {
  for (const name of Object.keys(expected)) {
    const [one, other] = [JSON.stringify(expected[name]), JSON.stringify(found[name])];
    expectThat(
      one === other,
      () =>
        `step ${step + 1}, ${JSON.stringify(event)}: ${name} is ${other ?? 'absent'} ${what}, and ${one ?? 'absent'} otherwise`,
    );
  }
}
