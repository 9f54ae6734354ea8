/** What `accept` answers. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { walk } from './support/walk.js';

/** Says what `accept` answers from what was read before it. */
export const acceptFollowsQueue: Invariant = {
  id: 'accept-follows-queue',
  sentence:
    'accept(2) returns a connection exactly when one waits; otherwise EAGAIN from a listener, EINVAL from a socket that does not listen, and EBADF where there is none.',
  kernels: EVERY_KERNEL,
  rules: ['inet_csk_accept/oldest-first', 'inet_csk_accept/queue-empty', 'inet_csk_accept/not-listening'],
  needs: 'queues',
  broken: walk(() => ({ step, before }) => {
    const { event, result, accepted } = step;
    if (!('syscall' in event) || event.syscall !== 'accept') return undefined;
    const listener = before?.observed.listener;
    const right =
      listener === undefined
        ? 'EBADF'
        : listener.state !== 'LISTEN'
          ? 'EINVAL'
          : listener.acceptQueue === 0
            ? 'EAGAIN'
            : 0;
    if (result !== right) return `accept gave ${result}, and not ${right}`;
    if ((accepted !== undefined) === (result === 0)) return undefined;
    return `accept gave ${result} and ${accepted === undefined ? 'no connection' : `the connection of peer ${accepted}`}`;
  }),
};
