/** Chance outside of the machine: when clients come, and what the network loses. The same seed gives the same numbers. */

import { SeededEnvironment } from '../run/environment.js';

/** Numbers from a seed. */
export class Chance {
  private readonly env: SeededEnvironment;

  /** `seed`: any integer. `stream`: another one for each use, so that one does not change the numbers of another. */
  constructor(seed: number, stream: number) {
    this.env = new SeededEnvironment(seed ^ Math.imul(stream, 0x632be5ab));
  }

  /** A number from 0 to below 1. */
  fraction(): number {
    return this.env.random32() / 2 ** 32;
  }

  /** True in a share of the cases, from 0 to 1. */
  happens(share: number): boolean {
    return share > 0 && this.fraction() < share;
  }

  /** How long until the next of events that are independent of each other and `mean` apart. */
  exponential(mean: number): number {
    return -Math.log(1 - this.fraction()) * mean;
  }
}
