/** Relation: a copy of a machine is a machine of its own. */

import * as fc from 'fast-check';
import type { RuleId } from '../../src/host/rule.js';
import { startScenario } from '../../src/run/scenario.js';
import type { PlayedStep, Simulation } from '../../src/run/simulation.js';
import { EVERY_KERNEL } from '../kernels.js';
import { property } from '../property.js';
import { expectSame, factsOf } from './compare.js';
import { anyPlayed, optionsOf, type Played } from './values.js';

interface Cloned {
  readonly played: Played;
  /** After how many events, in thousandths of all, the copies are made. */
  readonly cut: number;
}

const RULES: readonly RuleId[] = [
  'tcp_check_req/handshake-complete',
  'syn_ack_recalc/resend',
  'inet_csk_accept/oldest-first',
];

export const clonedMachine = property<Cloned>({
  id: 'cloned-machine',
  sentence:
    'A copy of a machine goes on as the machine itself would, and nothing that is done to a copy changes the machine.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  runs: 500,
  arbitrary: ({ kernel }) => fc.record({ played: anyPlayed(kernel, RULES), cut: fc.integer({ min: 0, max: 1000 }) }),
  check({ played, cut }, bench) {
    const { events } = played;
    const expected = bench.play(played, optionsOf(played)).steps;
    const { simulation } = startScenario(bench.kernel, played, optionsOf(played));
    const at = Math.floor((events.length * cut) / 1000);
    for (const event of events.slice(0, at)) simulation.step(event);
    const copy = simulation.clone();
    const other = simulation.clone();
    for (const event of [...events.slice(at)].reverse()) other.step(event);
    const goOn = (machine: Simulation, what: string): void => {
      for (const [i, event] of events.slice(at).entries()) {
        const [step, found] = [expected[at + i] as PlayedStep, machine.step(event)];
        const facts = (one: PlayedStep) => ({ ...factsOf(one), rules: one.rules });
        expectSame(facts(step), facts(found), event, at + i, what);
      }
    };
    goOn(simulation, 'on a machine of which there are copies');
    goOn(copy, 'on a copy');
  },
  scenarios: ({ played }) => [played],
});
