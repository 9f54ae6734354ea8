/** What is asked of a scenario that may show a difference: is it the difference that shows, and does the scenario ask for much? */

import type { Scenario } from '../run/scenario.js';
import type { Candidate, Rejection, Side } from './contrast.js';

/** The kernel has no such sysctl, or its model has no use for it: that says nothing about the rest. */
export const isUnknownSysctl = ({ expected, observed }: Rejection): boolean =>
  expected === 'ENOENT' || observed === 'ENOENT';

/** A scenario up to `step` without what may have made a rule fire in the step `fired`: the event, or, for the first `listen`, one setting. */
export function withoutCause(scenario: Scenario, fired: number, step: number): Scenario[] {
  const events = scenario.events.slice(0, step);
  const isFirstListen =
    events.findIndex((event) => 'syscall' in event && event.syscall === 'listen' && event.on === undefined) ===
    fired - 1;
  // Without its listener a kernel does next to nothing, which would prove too much.
  if (!isFirstListen) return [{ ...scenario, events: events.toSpliced(fired - 1, 1) }];
  return (['sysctl', 'sockopt'] as const).flatMap((kind) =>
    Object.keys(scenario[kind]).map((name) => {
      const { [name]: _, ...others } = scenario[kind] as Readonly<Record<string, number>>;
      return { ...scenario, [kind]: others, events };
    }),
  );
}

/** True if a step shows the same of both kernels, times apart. */
export function sameOutcome(own: Side, other: Side, step: number): boolean {
  const [a, b] = [own, other].map(({ trace }) => {
    const done = trace.steps[step - 1];
    if (done === undefined) return undefined;
    const { at: _, until: __, sockets = [], ...seen } = done.observed;
    const rows = sockets.map((row) => JSON.stringify(row)).sort();
    return JSON.stringify([done.result, done.accepted, done.out.map((one) => ({ ...one, at: 0 })), seen, rows]);
  });
  return a === b;
}

/** What speaks against a scenario, all else being equal: it needs a certain release, or a certain seed. */
export const commonness = ({ releases, seed }: Candidate): number[] => [
  releases === undefined ? 0 : 1,
  seed === undefined ? 0 : 1,
];
