/** What has to be said of differences between kernels that no scenario of their own shows. */

import { readFileSync } from 'node:fs';
import { isSince } from '../host/kernel-spec.js';
import { packagePath } from '../package-root.js';
import { type Difference, labelOf } from './differences.js';

/** Why a difference has no scenario of its own. */
export interface Reason {
  /** The kernel that has it. */
  readonly kernel: string;
  /** The kernel before or after it, which has not. */
  readonly other: string;
  /** The rule, the counter, or the sysctl and what differs in it, as in `net.core.somaxconn range`. */
  readonly difference: string;
  readonly reason: string;
  /** A rule of either kernel whose scenario shows it, too. Absent: nothing does. */
  readonly see?: string;
}

/** What spec/diff/reasons.json says of rules, counters and sysctls, and of constants: the rules in whose scenarios they matter. */
export interface Reasons {
  readonly differences: readonly Reason[];
  readonly constants: Readonly<Record<string, readonly string[]>>;
}

/** Reads spec/diff/reasons.json. */
export function readReasons(): Reasons {
  return JSON.parse(readFileSync(packagePath('spec/diff/reasons.json'), 'utf8')) as Reasons;
}

/** What there is to say of a difference; `other` is the kernel that lacks it. What is said of neighbours holds of all that they lie between. */
export function reasonFor(difference: Difference, other: string, reasons: readonly Reason[]): Reason | undefined {
  const { kernel } = difference;
  const label = labelOf(difference);
  const known = reasons.find((one) => one.difference === label && isBetween(one, kernel, other));
  if (known !== undefined || difference.kind !== 'sysctl' || difference.what !== 'only') return known;
  const reason = `The model of ${other} has no use for it; what it does in ${kernel} is in the rules that read it.`;
  return { kernel, other, difference: label, reason };
}

/** Whether what changed from one kernel of a reason to the other changed between these two, in that direction. */
function isBetween({ kernel, other }: Reason, from: string, to: string): boolean {
  if (isSince(other, kernel)) return isSince(kernel, from) && isSince(to, other);
  return isSince(from, kernel) && isSince(other, to);
}
