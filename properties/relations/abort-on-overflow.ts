/** Relation: tcp_abort_on_overflow is for the clients. */

import type { Step, TraceEvent } from '../../src/generated/types.js';
import type { RuleId } from '../../src/host/rule.js';
import type { PlayedStep } from '../../src/run/simulation.js';
import { EVERY_KERNEL } from '../kernels.js';
import { type Bench, expectThat, property } from '../property.js';
import { expectSame, factsOf } from './compare.js';
import { anyPlayed, optionsOf, type Played } from './values.js';

const SYSCTL = 'net.ipv4.tcp_abort_on_overflow';

/** The scenario with the setting, which nothing changes later, and with each segment in an event of its own. */
const withAbort = (played: Played, value: number): Played => ({
  ...played,
  sysctl: { ...played.sysctl, [SYSCTL]: value },
  events: played.events.flatMap((event): TraceEvent[] => {
    if ('segments' in event) return event.segments.map((segment) => ({ ...event, segments: [segment] }));
    return 'sysctl' in event && SYSCTL in event.sysctl ? [] : [event];
  }),
});

/** The counters that tell of resets: of one that was sent, and of a request that it ended. */
const OF_RESETS = new Set(['OutSegs', 'OutRsts', 'EmbryonicRsts']);

/** What of a step may not differ when a client is reset in it. */
function server({ result, accepted, observed }: Step): Readonly<Record<string, unknown>> {
  const { listener, counters = {} } = observed;
  const others = Object.entries(counters).filter(([name]) => !OF_RESETS.has(name));
  return { result, accepted, listener, counters: Object.fromEntries(others) };
}

const overflows = ({ rules }: PlayedStep): boolean => rules.includes('tcp_check_req/overflow-aborted');

/** The peers that accept returns from a step on, of those that waited then: nobody else can come before them. */
function acceptedFrom(steps: readonly PlayedStep[], from: number): (number | undefined)[] {
  const waiting = steps[from]?.observed.listener?.acceptQueue ?? 0;
  const accepted: (number | undefined)[] = [];
  for (const { event, accepted: peer } of steps.slice(from + 1)) {
    if (accepted.length === waiting || ('syscall' in event && event.syscall !== 'accept' && !('peer' in event))) break;
    if ('syscall' in event && event.syscall === 'accept') accepted.push(peer);
  }
  return accepted;
}

function check(played: Played, bench: Bench): void {
  const off = bench.play(withAbort(played, 0), optionsOf(played)).steps;
  const on = bench.play(withAbort(played, 1), optionsOf(played)).steps;
  const first = on.findIndex(overflows);
  for (const [i, step] of off.entries()) {
    if (i === first) break;
    expectSame(factsOf(step), factsOf(on[i] as PlayedStep), step.event, i, `with ${SYSCTL} at 1, before any overflow`);
  }
  if (first === -1) return;
  const [ignored, aborted] = [off[first] as PlayedStep, on[first] as PlayedStep];
  expectSame(server(ignored), server(aborted), ignored.event, first, `with ${SYSCTL} at 1, as the queue overflows`);
  const [one, other] = [acceptedFrom(off, first), acceptedFrom(on, first)].map((peers) => peers.join(', '));
  expectThat(
    one === other,
    () => `after step ${first + 1} accept returns ${other} with ${SYSCTL} at 1, and ${one} otherwise`,
  );
}

const RULES: readonly RuleId[] = [
  'tcp_check_req/overflow-ignored',
  'tcp_check_req/overflow-aborted',
  'inet_csk_accept/oldest-first',
];

export const abortOnOverflow = property<Played>({
  id: 'abort-on-overflow',
  sentence:
    'tcp_abort_on_overflow changes nothing before the accept queue overflows; when it does, nothing but the reset, its counters and the end of the request; and after that the connections that wait are accepted as they would be.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  runs: 500,
  arbitrary: ({ kernel }) => anyPlayed(kernel, RULES),
  check,
  scenarios: (played) => [withAbort(played, 0), withAbort(played, 1)],
});
