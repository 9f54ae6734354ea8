/** How much of what happened is seen. */

import type { Level, Observes } from '../generated/types.js';

/** Each level includes those before it. */
export const LEVELS: readonly Level[] = ['results', 'segments', 'counters', 'queues', 'sockets'];

/** Whether that is seen which the level adds. */
export const sees = ({ observes }: { readonly observes: Pick<Observes, 'level'> }, level: Level): boolean =>
  LEVELS.indexOf(observes.level) >= LEVELS.indexOf(level);
