/** Known deviations: what a subject is known to do otherwise, with the reason. One that is no longer true is found out. */

import { ruleSpecs } from '../generated/rules.js';
import { schemas } from '../generated/schemas.js';
import type { CaseResult, Deviation, DeviationUse } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import { problemAt } from '../trace/problem.js';
import type { Case } from './cases.js';
import { matches } from './pattern.js';
import { compiled, validate } from './schema.js';

const schema = compiled(schemas.deviations);

/**
 * The known deviations in a file.
 * @param text JSON: a list as spec/schema/deviations.schema.json has it
 * @throws RangeError with the place in the text that is wrong
 */
export function parseDeviations(text: string): readonly Deviation[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`not JSON: ${(error as SyntaxError).message}`);
  }
  const problem = validate(schema, value);
  if (problem !== undefined) throw new RangeError(`${problem.path}: ${problem.message}`);
  const deviations = value as readonly Deviation[];
  for (const [i, { rule }] of deviations.entries()) {
    if (rule === undefined || ruleSpecs.some(({ id }) => matches(id, [rule]))) continue;
    const { path, message } = problemAt([i, 'rule'], `no rule of any kernel is called ${JSON.stringify(rule)}`);
    throw new RangeError(`${path}: ${message}`);
  }
  return deviations;
}

/** Counts how often each known deviation is met. */
export class DeviationLedger {
  readonly #entries: { readonly deviation: Deviation; met: number; finished: number; readonly cases: Set<string> }[];

  /** `cases`: all of the kernel, as they are for the subject. */
  constructor(deviations: readonly Deviation[], kernel: KernelVariant, cases: readonly Case[]) {
    const runnable = cases.filter(({ lacking }) => lacking.length === 0).map(({ name }) => name);
    this.#entries = deviations.map((deviation) => {
      const about = isAbout(deviation, kernel) ? runnable.filter((name) => matches(name, [deviation.case ?? '*'])) : [];
      return { deviation, met: 0, finished: 0, cases: new Set(about) };
    });
  }

  /** The entry that a failure of a case by these rules is known by, which is noted as met; undefined: it is not known. */
  known(name: string, rules: readonly string[]): Deviation | undefined {
    for (const entry of this.#entries) {
      const { rule } = entry.deviation;
      if (!entry.cases.has(name)) continue;
      if (rule !== undefined && !rules.some((one) => matches(one, [rule]))) continue;
      entry.met += 1;
      return entry.deviation;
    }
    return undefined;
  }

  /** Notes that a case was run to its end, so that a deviation in it would have been met. */
  finish({ case: name }: CaseResult): void {
    for (const entry of this.#entries) if (entry.cases.has(name)) entry.finished += 1;
  }

  /** How it stands. */
  get uses(): readonly DeviationUse[] {
    return this.#entries.map(({ deviation, met, finished, cases }) => ({
      deviation,
      met,
      cases: cases.size,
      finished,
    }));
  }
}

/** Whether an entry was never met although every case that it is about was run to its end: it is not true any more. */
export const isStale = ({ met, cases, finished }: DeviationUse): boolean => met === 0 && cases > 0 && finished >= cases;

/** Whether the kernel has a rule that the entry is about. */
function isAbout({ rule }: Deviation, { name }: KernelVariant): boolean {
  return rule === undefined || ruleSpecs.some(({ id, kernels }) => name in kernels && matches(id, [rule]));
}
