/** The properties that say of a kind of segment that each has exactly one fate. */

import type { ArrivingSegment } from '../../../src/generated/types.js';
import type { Scenario } from '../../../src/run/scenario.js';
import { expectThat, type Property, type PropertySpec, property } from '../../property.js';
import { scenariosFor } from '../invariant-property.js';
import { type Fate, fatesOf } from './fates.js';
import { follow, oneByOne, type Turn } from './follow.js';
import { connectionOf } from './queues.js';
import { hasFaults, isSynAck } from './walk.js';

/** Which segments a property is about, and which fates they may have. */
interface OneFate extends Pick<PropertySpec<Scenario>, 'id' | 'sentence' | 'kernels' | 'rules'> {
  about(segment: ArrivingSegment): boolean;
  readonly fates: readonly Fate[];
}

/** Such a property. A segment for a connection has no fate here; one that Fast Open made may look at its request first. */
export function oneFate({ about, fates, ...spec }: OneFate): Property {
  return property<Scenario>({
    ...spec,
    arbitrary: ({ kernel }) => scenariosFor(kernel, spec.rules).map(oneByOne),
    check: (scenario, bench) =>
      follow<ReturnType<typeof connectionOf>>(
        bench,
        scenario,
        (turn, connection) => {
          const { event, rules } = turn.played;
          if (!('segments' in event) || !event.segments.every(about)) return;
          const found = fatesOf(rules);
          const names = found.map(([, rule]) => rule).join(', ') || 'none';
          const [least, most] = connection === 'none' ? [1, 1] : [0, connection === 'unfinished' ? 1 : 0];
          const right = found.length >= least && found.length <= most;
          expectThat(
            right,
            () => `${turn.place}a segment has ${found.length} fates and not ${least} to ${most}: ${names}`,
          );
          for (const [fate, rule] of found) {
            expectThat(fates.includes(fate), () => `${turn.place}a segment is ${fate} by ${rule}`);
            const wrong = contradiction(fate, turn);
            expectThat(wrong === undefined, () => `${turn.place}a segment is ${fate} by ${rule}, but ${wrong}`);
          }
        },
        (host, event) => ('segments' in event ? connectionOf(host, event.segments[0]?.peer ?? -1) : 'none'),
      ),
    scenarios: (value) => [value],
  });
}

/** What the queues and the wire say against a fate. Timers may run in the same step, so requests may also have become fewer. */
function contradiction(fate: Fate, { played, before, after }: Turn): string | undefined {
  const grown = (after?.requests.length ?? 0) - (before?.requests.length ?? 0);
  const longer = (after?.length ?? 0) - (before?.length ?? 0);
  const answers = played.out.filter(({ at, peer }) => at === played.at && isFrom(played, peer));
  const synAcks = answers.filter(isSynAck).length;
  if (fate !== 'queued' && grown > 0) return 'there is a new request';
  if (fate === 'queued' && grown + longer > 1) return `the queues grew by ${grown} and ${longer}`;
  const enters = fate === 'connected' ? 1 : 0;
  if (fate !== 'queued' && longer !== enters) return `the accept queue grew by ${longer}`;
  if (fate === 'dropped' && answers.length > 0) return 'it was answered';
  if (fate === 'cookie' && synAcks !== 1 && !hasFaults(played)) return `${synAcks} SYN-ACKs were sent`;
  if (fate === 'refused' && synAcks > 0) return 'there was a SYN-ACK';
  return undefined;
}

function isFrom({ event }: Turn['played'], peer: number): boolean {
  return 'segments' in event && event.segments.some((segment) => segment.peer === peer);
}
