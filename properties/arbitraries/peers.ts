/** Peers that a scenario writes about one by one. */

import * as fc from 'fast-check';

/** Which peers there are. */
export interface PeerConstraints {
  /** How many. Default 5. */
  readonly count?: number;
}

/** A peer's number, from 1. */
export function peer({ count = 5 }: PeerConstraints = {}): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: count });
}

/** How often a peer has begun anew when it sends a SYN: mostly 0, the same number again. */
export function comeback(): fc.Arbitrary<number> {
  return fc.constantFrom(0, 0, 0, 1, 2);
}
