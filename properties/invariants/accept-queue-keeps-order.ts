/** What moves the connections in the accept queue. */

import type { Scenario } from '../../src/run/scenario.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, type Property, property } from '../property.js';
import { scenariosFor } from './invariant-property.js';
import { follow, type Turn } from './support/follow.js';
import { endsListening, isReset } from './support/walk.js';

const RULES = [
  'inet_csk_accept/oldest-first',
  'inet_csk_accept/child-already-closed',
  'tcp_check_req/handshake-complete',
  'inet_csk_listen_stop/reset-child',
] as const;

/** Follows each connection in the queue itself. */
export const acceptQueueKeepsOrder: Property = property<Scenario>({
  id: 'accept-queue-keeps-order',
  sentence:
    'The accept queue grows at its end and shrinks at its head: accept takes the oldest, one that was reset keeps its place and is accepted in its turn, and when the listening ends exactly those are reset that were not, the oldest first.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  arbitrary: ({ kernel }) => scenariosFor(kernel, RULES),
  check: (scenario, bench) =>
    follow(bench, scenario, (turn) => {
      const wrong = endsListening(turn.played) ? atTheEnd(turn) : meanwhile(turn);
      expectThat(wrong === undefined, () => `${turn.place}${wrong}`);
    }),
  scenarios: (value) => [value],
});

function meanwhile({ played, before, after }: Turn): string | undefined {
  if (before === undefined || after === undefined) return undefined;
  const { event, accepted } = played;
  const [head, ...rest] = before.waiting;
  if ('syscall' in event && event.syscall === 'accept' && accepted !== head?.peer) {
    return `peer ${head?.peer} waited longest, and peer ${accepted} was accepted`;
  }
  const staying = accepted === undefined ? before.waiting : rest;
  const moved = staying.find(({ child }, place) => after.waiting[place]?.child !== child);
  return moved === undefined ? undefined : `peer ${moved.peer} lost its place in the accept queue`;
}

function atTheEnd({ played, before, after }: Turn): string | undefined {
  if (before === undefined) return undefined;
  if (after !== undefined) return 'the listener still listens';
  const due = before.waiting.filter(({ closed }) => !closed).map(({ peer }) => peer);
  const reset = played.out.filter(isReset).map(({ peer }) => peer);
  if (due.join() === reset.join()) return undefined;
  return `the peers ${due.join(', ')} waited, and ${reset.join(', ')} were reset`;
}
