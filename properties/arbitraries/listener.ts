/** The calls that start, move and end the listening. */

import * as fc from 'fast-check';
import type { ListenCall, ShutdownCall } from '../../src/generated/types.js';
import { isSince } from '../../src/host/kernel-spec.js';
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

/** `listen` on what is not the listener. Where nobody has the port, a second socket would get it. */
export function listenElsewhere(): fc.Arbitrary<Block> {
  return fc.tuple(fc.constantFrom(...ELSEWHERE), backlog({ max: 128 })).map(
    ([on, size]): Block =>
      (script) =>
        script.listen(size, { on: on === 'second-socket-same-port' && !script.listening ? 'udp-socket' : on }),
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

/** The listening ends. Who shuts down for writing what doesn't listen, and then listens, has connections that send a FIN: that is not modelled. */
export function stopListening(): fc.Arbitrary<Block> {
  const shutdown =
    (how: ShutdownCall['how']): Block =>
    (script) => {
      const again = !script.listening && isSince(script.kernel.name, '5.10');
      const what: ShutdownCall = { syscall: 'shutdown', how: again ? 'SHUT_RD' : how };
      if (what.how === 'SHUT_WR') script.add(what);
      else script.stop(what);
    };
  return fc.constantFrom<Block>(
    (script) => script.stop({ syscall: 'close' }),
    shutdown('SHUT_RD'),
    shutdown('SHUT_WR'),
    shutdown('SHUT_RDWR'),
  );
}
