/** Time since a reset, and the kernel's timestamps in the same terms. */

import { type Libc, must } from './libc.js';

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC_COARSE = 6;

/** How often the two clocks are read together: the reading that took least is the best. */
const READINGS = 3;

/** CLOCK_MONOTONIC, in whole microseconds since the begin; what is between two counts as the later one. */
export class Clock {
  readonly #libc: Libc;
  readonly #begin = process.hrtime.bigint();
  readonly #time = new BigInt64Array(2);

  /** Begins now. */
  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** µs since the begin. */
  now(): number {
    return this.#since(process.hrtime.bigint());
  }

  /**
   * How far the wall clock, by which the kernel stamps packets, is ahead of this one: ns to subtract from a stamp before {@link at}. It is good for
   * the moment, since somebody may set that clock.
   */
  ahead(): bigint {
    let best = { took: 2n ** 62n, ahead: 0n };
    for (let i = 0; i < READINGS; i++) {
      const before = process.hrtime.bigint();
      must(this.#libc.clock_gettime(CLOCK_REALTIME, this.#time), 'clock_gettime');
      const took = process.hrtime.bigint() - before;
      const wall = timespec(this.#time);
      if (took < best.took) best = { took, ahead: wall - before - took / 2n };
    }
    return best.ahead;
  }

  /** µs since the begin of a stamp of the wall clock in ns; not before the begin. */
  at(stamp: bigint, ahead: bigint): number {
    return Math.max(0, this.#since(stamp - ahead));
  }

  #since(time: bigint): number {
    return Math.ceil(Number(time - this.#begin) / 1000);
  }
}

/** Seconds and nanoseconds, as the kernel writes them, in ns. */
export const timespec = (time: BigInt64Array): bigint => (time[0] as bigint) * 1_000_000_000n + (time[1] as bigint);

/** Jiffies per second of the running kernel: its coarse clock moves once a jiffy. */
export function jiffiesPerSecond(libc: Libc): number {
  const time = new BigInt64Array(2);
  must(libc.clock_getres(CLOCK_MONOTONIC_COARSE, time), 'clock_getres');
  return Math.round(1e9 / Number(timespec(time)));
}
