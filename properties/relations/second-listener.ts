/** Relation: what happens to other sockets is nothing to a listener. */

import * as fc from 'fast-check';
import type { ListenCall } from '../../src/generated/types.js';
import type { RuleId } from '../../src/host/rule.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { traceStep } from '../../src/run/scenario.js';
import type { PlayedStep } from '../../src/run/simulation.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { expectSame, factsOf } from './compare.js';
import { anyPlayed, optionsOf, type Played } from './values.js';
import { describeVerdict } from './verdict.js';

interface Other {
  /** Before which event; beyond the last one: at the end. */
  readonly before: number;
  readonly call: ListenCall;
}

interface WithOthers {
  readonly played: Played;
  readonly others: readonly Other[];
}

/** The calls that come before the event of this number. */
const callsBefore = ({ played, others }: WithOthers, event: number): ListenCall[] =>
  others.filter(({ before }) => before % (played.events.length + 1) === event).map(({ call }) => call);

const withOthers = (value: WithOthers): Played => {
  const { events } = value.played;
  const mixed = events.flatMap((event, i) => [...callsBefore(value, i), event]);
  return { ...value.played, events: [...mixed, ...callsBefore(value, events.length)] };
};

const other: fc.Arbitrary<Other> = fc.record({
  before: fc.nat(40),
  call: fc.record({
    syscall: fc.constant('listen' as const),
    backlog: fc.integer({ min: -1, max: 200 }),
    on: fc.constantFrom('second-socket-same-port', 'udp-socket', 'pipe', 'bad-descriptor', 'connected-socket'),
  }),
});

const RULES: readonly RuleId[] = [
  'inet_csk_accept/oldest-first',
  'sockfd_lookup_light/no-socket',
  'sys_listen/not-supported',
  'inet_listen/connected',
];

export const secondListener = property<WithOthers>({
  id: 'second-listener',
  sentence:
    "A listen on another socket, also one that was meant for the same port, changes nothing for the listener: nothing is sent or counted, and all the rest goes on as it would have gone, on 2.6.32 but for the hash of the listener's next SYN queue.",
  kernels: EVERY_KERNEL,
  rules: RULES,
  runs: 400,
  arbitrary: ({ kernel }) =>
    fc.record({ played: anyPlayed(kernel, RULES), others: fc.array(other, { minLength: 1, maxLength: 4 }) }),
  check(value, bench) {
    const { played } = value;
    const { header, steps } = bench.play(withOthers(value), optionsOf(played));
    const own: PlayedStep[] = [];
    let before: PlayedStep | undefined;
    for (const [i, step] of steps.entries()) {
      if ('on' in step.event && step.event.on !== undefined && !played.events.includes(step.event)) {
        const { listener, sockets = [] } = before?.observed ?? {};
        const { out, observed } = step;
        const shown = { out, listener: observed.listener, sockets: observed.sockets, counters: observed.counters };
        expectSame({ out: [], listener, sockets, counters: {} }, shown, step.event, i, 'after that call');
      } else {
        own.push(step);
      }
      before = step;
    }
    if (bench.kernel.synTable !== undefined) {
      const verdict = judgeTrace(header, own.map(traceStep), bench.kernel);
      expectThat(
        verdict.verdict === 'conforms',
        () => `without the steps of the other sockets: ${describeVerdict(verdict)}`,
      );
      return;
    }
    const alone = bench.play(played, optionsOf(played)).steps;
    for (const [i, step] of alone.entries()) {
      expectSame(factsOf(step), factsOf(own[i] as PlayedStep), step.event, i, 'with other sockets');
    }
  },
  scenarios: (value) => [value.played, withOthers(value)],
});
