/** What becomes of the accept queue when the listening ends. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { endsListening, isReset, listens, rows, walk } from './support/walk.js';

/** Whoever is not a request and not accepted, waits; a Fast Open connection may look like a request. */
export const closingResetsWaiting: Invariant = {
  id: 'closing-resets-waiting',
  sentence:
    'Closing or shutting down a listener resets each connection that waits in its accept queue exactly once, and nothing else but unfinished Fast Open connections.',
  kernels: EVERY_KERNEL,
  rules: ['inet_csk_listen_stop/reset-child'],
  needs: 'sockets',
  broken: walk(() => ({ step, before }) => {
    if (!endsListening(step) || !listens(before) || before?.observed.sockets === undefined) return undefined;
    const was = rows(before).filter(({ accepted }) => !accepted);
    const waiting = new Set(was.filter(({ state }) => state !== 'SYN_RECV').map(({ peer }) => peer));
    const unfinished = new Set(was.filter(({ state }) => state === 'SYN_RECV').map(({ peer }) => peer));
    const reset = step.out.filter(isReset).map(({ peer }) => peer);
    if (new Set(reset).size !== reset.length) return `a peer is reset twice: ${reset.join(', ')}`;
    const most = before.observed.listener?.acceptQueue ?? 0;
    if (reset.length > most) return `${reset.length} peers are reset, and ${most} connections waited`;
    const spared = [...waiting].find((peer) => !reset.includes(peer));
    if (spared !== undefined) return `peer ${spared} waited, and is not reset`;
    const surprised = reset.find((peer) => !waiting.has(peer) && !unfinished.has(peer));
    return surprised === undefined ? undefined : `peer ${surprised} did not wait, and is reset`;
  }),
};
