/** Values that several relations are about: any scenario of a kernel, and what a scenario leaves open. */

import * as fc from 'fast-check';
import type { RuleId } from '../../src/host/rule.js';
import type { KernelVariant } from '../../src/host/variant.js';
import type { PlayOptions, Scenario } from '../../src/run/scenario.js';
import { scenariosFor } from '../invariants/invariant-property.js';

/** A scenario with the way in which it is played. */
export interface Played extends Scenario {
  readonly seed: number;
  readonly hz: number;
}

/** Scenarios of every kind, most of a kind that exercises the rules, under any chance and any HZ that divides a second into whole microseconds. */
export function anyPlayed(kernel: KernelVariant, rules: readonly RuleId[]): fc.Arbitrary<Played> {
  return fc
    .record({ scenario: scenariosFor(kernel, rules), seed: fc.integer(), hz: fc.constantFrom(1000, 250, 100) })
    .map(({ scenario, seed, hz }) => ({ ...scenario, seed, hz }));
}

/** How it is played. */
export const optionsOf = ({ seed, hz }: Played): PlayOptions => ({ seed, hz });
