/** How much of a subject is seen. */

import type { Capabilities, Level } from '../generated/types.js';

/** Each level includes those before it. */
export const LEVELS: readonly Level[] = ['results', 'segments', 'counters', 'queues', 'sockets'];

/** Whether a subject that declares `capabilities` lets be seen what the level adds. */
export const sees = ({ observes }: Pick<Capabilities, 'observes'>, level: Level): boolean =>
  LEVELS.indexOf(observes.level) >= LEVELS.indexOf(level);
