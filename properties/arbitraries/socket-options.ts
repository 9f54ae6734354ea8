/** Options of the listener's socket. */

import * as fc from 'fast-check';
import type { SocketOptions } from '../../src/generated/types.js';

/** Which options are set. */
export interface SocketOptionConstraints {
  /** Set always, each to one of these values. */
  readonly always?: { readonly [name in keyof SocketOptions]: readonly number[] };
  /** Set or not. Default: all. */
  readonly maybe?: readonly (keyof SocketOptions)[];
}

/** Values around which something changes, the plainest first; the last ones are refused. */
const EDGES: { readonly [name in keyof SocketOptions]-?: readonly number[] } = {
  TCP_DEFER_ACCEPT: [1, 3, 4, 9, 10, 30, 600, 0, -1],
  TCP_SYNCNT: [1, 2, 5, 7, 127, 0, 128],
  TCP_FASTOPEN: [1, 2, 4, 0, 1000, -1],
};

/** Options; fewer as it shrinks. */
export function socketOptions(constraints: SocketOptionConstraints = {}): fc.Arbitrary<SocketOptions> {
  const { always = {}, maybe = ['TCP_DEFER_ACCEPT', 'TCP_SYNCNT', 'TCP_FASTOPEN'] } = constraints;
  const free = maybe.filter((name) => always[name] === undefined);
  return fc
    .tuple(
      fc.record(Object.fromEntries(Object.entries(always).map(([name, values]) => [name, fc.constantFrom(...values)]))),
      fc.record(Object.fromEntries(free.map((name) => [name, fc.constantFrom(...EDGES[name])])), { requiredKeys: [] }),
    )
    .map(([first, second]): SocketOptions => ({ ...first, ...second }));
}
