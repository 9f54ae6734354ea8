/** What `listen` makes of its backlog. */

import { EVERY_KERNEL } from '../kernels.js';
import type { Invariant } from '../property.js';
import { Settings } from './support/settings.js';
import { listened, listens, walk } from './support/walk.js';

/** The limit that `listen(fd, backlog)` sets. */
function limitOf(backlog: number, somaxconn: number, kernel: string): number {
  const cut = backlog >>> 0 > somaxconn >>> 0 ? somaxconn : backlog;
  return kernel === '2.6.32' ? cut & 0xffff : cut >>> 0;
}

/** Both comparisons are unsigned, and 2.6.32 keeps 16 bits. */
export const limitFollowsListen: Invariant = {
  id: 'limit-follows-listen',
  sentence:
    'The limit of the accept queue is the backlog of the last successful listen(2), at most somaxconn as it was then (in 2.6.32 the low 16 bits of that), and nothing else moves it.',
  kernels: EVERY_KERNEL,
  rules: ['sys_listen/backlog-above-somaxconn', 'inet_listen/start', 'inet_listen/adjust-limit'],
  needs: 'queues',
  broken: walk(({ header }, kernel) => {
    const settings = new Settings(header, kernel);
    return ({ step, before }) => {
      settings.note(step);
      const { event } = step;
      const limit = step.observed.listener?.maxAcceptQueue;
      if (!listens(step)) return undefined;
      if ('syscall' in event && event.syscall === 'listen' && listened(step)) {
        const somaxconn = settings.value('net.core.somaxconn');
        if (somaxconn === undefined) return undefined;
        const right = limitOf(event.backlog, somaxconn, kernel);
        if (limit === right) return undefined;
        return `the limit is ${limit} and not ${right}, after listen(${event.backlog}) with somaxconn ${somaxconn}`;
      }
      const was = before?.observed.listener?.maxAcceptQueue;
      return listens(before) && limit === was ? undefined : `the limit went from ${was} to ${limit} by itself`;
    };
  }),
};
