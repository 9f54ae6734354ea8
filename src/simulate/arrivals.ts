/** When clients come. */

import type { WorkloadArrivals } from '../generated/types.js';
import type { Chance } from './chance.js';

/** The times of arrivals, one after the other. */
export class Arrivals {
  /** µs: when the next one comes; Infinity: there is none. */
  at: number;
  private number = 0;
  private exact = 0;
  private readonly count: number;
  private readonly duration: number;
  private readonly mean: number;
  private readonly settings: WorkloadArrivals;
  private readonly chance: Chance;

  constructor(settings: WorkloadArrivals, chance: Chance) {
    this.settings = settings;
    this.chance = chance;
    this.count = settings.count ?? Number.POSITIVE_INFINITY;
    this.duration = settings.duration ?? Number.POSITIVE_INFINITY;
    this.mean = 1_000_000 / (settings.rate ?? 1);
    this.exact = settings.kind === 'poisson' ? chance.exponential(this.mean) : 0;
    this.at = this.within(this.exact);
  }

  /** The arrival at `at` has happened. */
  next(): void {
    this.number += 1;
    const { kind, size = this.count, every = 0 } = this.settings;
    if (kind === 'poisson') this.exact += this.chance.exponential(this.mean);
    else this.exact = kind === 'constant' ? this.number * this.mean : Math.floor(this.number / size) * every;
    this.at = this.within(this.exact);
  }

  private within(time: number): number {
    return this.number < this.count && time < this.duration ? Math.floor(time) : Number.POSITIVE_INFINITY;
  }
}
