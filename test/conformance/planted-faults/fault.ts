/** What a planted fault is: a mistake that somebody who writes a TCP could make, made in a copy of a model. */

import type { RuleId } from '../../../src/host/rule.js';

/** One wrong place in one source file. */
export interface PlantedFault {
  /** In kebab-case, unique among all. */
  readonly id: string;
  /** What the faulty kernel does, in one sentence. */
  readonly sentence: string;
  /** The variant that is made wrong, and that judges. */
  readonly kernel: '2.6.32' | '4.15';
  /** Below `src`. A file of an older kernel stands for what the newer one shares with it. */
  readonly file: string;
  /** Text that occurs in the file exactly once. */
  readonly from: string;
  /** What stands there instead. */
  readonly to: string;
  /** Rules that the fault breaks; where it is noticed, at least one of them has to be named. */
  readonly rules: readonly RuleId[];
}
