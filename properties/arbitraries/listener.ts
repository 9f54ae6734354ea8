/** The calls that start, move and end the listening. */

import * as fc from 'fast-check';
import type { ListenCall, ShutdownCall } from '../../src/generated/types.js';
import type { Block } from './script.js';

/** Which backlogs. */
export interface BacklogConstraints {
  /** The greatest. Default 2^31 - 1, and negative ones, too. */
  readonly max?: number;
}

/** Around 0, 1, 7, 8, powers of two, somaxconn, 16 bits, and the ends of an int; the plainest first. */
const BACKLOGS: readonly number[] = [
  1, 0, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 127, 128, 129, 255, 256, 511, 512, 1023, 1024, 65534, 65535,
  65536, 65537, 65543, -1, -2, -65535, 2_147_483_647, -2_147_483_648,
];

/** The second argument of `listen`. */
export function backlog({ max }: BacklogConstraints = {}): fc.Arbitrary<number> {
  if (max === undefined) return fc.constantFrom(...BACKLOGS);
  return fc.constantFrom(...BACKLOGS.filter((one) => one >= 0 && one <= max));
}

const ELSEWHERE: readonly NonNullable<ListenCall['on']>[] = [
  'udp-socket',
  'pipe',
  'bad-descriptor',
  'connected-socket',
  'second-socket-same-port',
];

/** `listen` on what is not the listener. */
export function listenElsewhere(): fc.Arbitrary<Block> {
  return fc.tuple(fc.constantFrom(...ELSEWHERE), backlog({ max: 128 })).map(
    ([on, size]): Block =>
      (script) =>
        script.listen(size, { on }),
  );
}

/** `listen` once more. */
export function listenAgain(constraints?: BacklogConstraints): fc.Arbitrary<Block> {
  return backlog(constraints).map(
    (size): Block =>
      (script) =>
        script.listen(size),
  );
}

/** The listening ends. */
export function stopListening(): fc.Arbitrary<Block> {
  const shutdown =
    (how: ShutdownCall['how']): Block =>
    (script) => {
      if (how === 'SHUT_WR') script.add({ syscall: 'shutdown', how });
      else script.stop({ syscall: 'shutdown', how });
    };
  return fc.constantFrom<Block>(
    (script) => script.stop({ syscall: 'close' }),
    shutdown('SHUT_RD'),
    shutdown('SHUT_WR'),
    shutdown('SHUT_RDWR'),
  );
}
