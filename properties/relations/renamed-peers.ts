/** Relation: clients are only numbers. */

import * as fc from 'fast-check';
import type { Step, TraceEvent } from '../../src/generated/types.js';
import type { RuleId } from '../../src/host/rule.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { traceStep } from '../../src/run/scenario.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { expectSame, factsOf } from './compare.js';
import { anyPlayed, optionsOf, type Played } from './values.js';
import { describeVerdict } from './verdict.js';

interface Renamed {
  readonly played: Played;
  /** By how many places the peers change places, and what is added to their numbers. */
  readonly turn: number;
  readonly add: number;
}

type Names = (peer: number) => number;

/** The new number of each peer, and back. */
function names({ played, turn, add }: Renamed): [Names, Names] {
  const mentioned = played.events.flatMap((event) => {
    if ('segments' in event) return event.segments.map(({ peer }) => peer);
    return 'peer' in event ? [event.peer] : [];
  });
  const old = [...new Set(mentioned)].sort((a, b) => a - b);
  const fresh = old.map((_, i) => (old[(i + turn) % old.length] as number) + add);
  const there = new Map(old.map((peer, i) => [peer, fresh[i] as number]));
  const back = new Map(old.map((peer, i) => [fresh[i] as number, peer]));
  return [(peer) => there.get(peer) ?? peer, (peer) => back.get(peer) ?? peer];
}

function renamedEvent(event: TraceEvent, name: Names): TraceEvent {
  if ('segments' in event) {
    return { ...event, segments: event.segments.map((segment) => ({ ...segment, peer: name(segment.peer) })) };
  }
  return 'peer' in event ? { ...event, peer: name(event.peer) } : event;
}

function renamedStep(step: Step, name: Names): Step {
  const { event, accepted, out, observed } = step;
  const { sockets } = observed;
  return {
    ...step,
    event: renamedEvent(event, name),
    ...(accepted === undefined ? {} : { accepted: name(accepted) }),
    out: out.map((segment) => ({ ...segment, peer: name(segment.peer) })),
    observed: {
      ...observed,
      ...(sockets === undefined ? {} : { sockets: sockets.map((row) => ({ ...row, peer: name(row.peer) })) }),
    },
  };
}

const renamed = (value: Renamed): Played => ({
  ...value.played,
  events: value.played.events.map((event) => renamedEvent(event, names(value)[0])),
});

const RULES: readonly RuleId[] = [
  'tcp_check_req/handshake-complete',
  'inet_csk_accept/oldest-first',
  'syn_ack_recalc/resend',
];

export const renamedPeers = property<Renamed>({
  id: 'renamed-peers',
  sentence:
    'Renaming the peers changes only the names: from 4.15 on the whole trace; on 2.6.32, where the hash of a peer says when its request is looked at, to one that the kernel could have made as well.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  runs: 400,
  arbitrary: ({ kernel }) =>
    fc.record({
      played: anyPlayed(kernel, RULES),
      turn: fc.integer({ min: 0, max: 5 }),
      add: fc.constantFrom(0, 1, 3, 1000),
    }),
  check(value, bench) {
    const { played } = value;
    const back = names(value)[1];
    const { header, steps } = bench.play(renamed(value), optionsOf(played));
    const told = steps.map((step) => renamedStep(traceStep(step), back));
    if (bench.kernel.synTable !== undefined) {
      const verdict = judgeTrace(header, told, bench.kernel);
      expectThat(verdict.verdict === 'conforms', () => `with the names changed back: ${describeVerdict(verdict)}`);
      return;
    }
    const original = bench.play(played, optionsOf(played)).steps;
    for (const [i, step] of original.entries()) {
      expectSame(factsOf(step), factsOf(told[i] as Step), step.event, i, 'under other names');
    }
  },
  scenarios: (value) => [value.played, renamed(value)],
});
