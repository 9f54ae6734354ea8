/** The kernels on which tests try what takes long. */

import { KERNELS } from '../../src/kernels.js';

const [oldest, next] = KERNELS;

/** One of each kind, with its name: 2.6.32; 4.15; and the newest of those that run 4.15's machine with functions of their own. */
export const KINDS = [oldest, next, KERNELS.at(-1)].flatMap((kernel) =>
  kernel === undefined ? [] : [[kernel.name, kernel] as const],
);

/** Those whose packet backlog is modelled, with their names. */
export const WITH_PACKET_BACKLOG = KERNELS.filter(({ packetBacklog }) => packetBacklog !== undefined).map(
  (kernel) => [kernel.name, kernel] as const,
);
