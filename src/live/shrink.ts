/** Plays a scenario that failed on the running kernel again, and makes it smaller as long as it still fails. */

import * as fc from 'fast-check';
import { type Finding, judged } from '../conformance/attempt.js';
import type { Case } from '../conformance/cases.js';
import { SubjectError } from '../conformance/subject.js';
import type { Scenario } from '../run/scenario.js';
import type { LiveOptions } from './campaign.js';
import type { Pool } from './pool.js';
import { record } from './record.js';

/** How many smaller scenarios are tried: each takes its time. */
const MOST_TRIES = 50;

/** What came of it. */
export interface Shrunk {
  /** The smallest scenario that failed; absent: not even the same one did again. */
  readonly smallest?: {
    readonly finding: Finding;
    /** Leads to it, together with the seed; of a recorded scenario empty. */
    readonly path: string;
    readonly shrinks: number;
  };
}

/** The scenario that failed. */
interface Failed {
  readonly case: Case;
  /** Of a generated one, its place in the campaign. */
  readonly index: number | undefined;
  readonly scenario: Scenario;
}

/** Plays it once more; a generated one that fails again is made smaller. */
export async function shrink(
  pool: Pool,
  { case: of, index, scenario }: Failed,
  { kernel, running, seed }: Pick<LiveOptions, 'kernel' | 'running' | 'seed'>,
): Promise<Shrunk> {
  let smallest: Finding | undefined;
  let tries = 0;
  const fails = async (one: Scenario): Promise<boolean> => {
    if (tries > MOST_TRIES) return false;
    tries += 1;
    try {
      const trace = await pool.use((subject) => record(subject, kernel, running, one, of.name));
      const { finding } = judged(pool, kernel, trace, new Set());
      smallest = finding ?? smallest;
      return finding !== undefined;
    } catch (error) {
      if (error instanceof SubjectError) return false;
      throw error;
    }
  };
  if (of.kind === 'golden' || index === undefined) {
    await fails(scenario);
    return smallest === undefined ? {} : { smallest: { finding: smallest, path: '', shrinks: 0 } };
  }
  const property = fc.asyncProperty(of.profile.scenario(kernel, of.limits), async (one) => {
    if (await fails(one)) throw new StillFails();
  });
  const found = await fc.check(property, { seed, path: String(index), numRuns: 1 });
  if (!found.failed || smallest === undefined) return {};
  if (!(found.errorInstance instanceof StillFails)) throw found.errorInstance;
  return {
    smallest: { finding: smallest, path: found.counterexamplePath ?? String(index), shrinks: found.numShrinks },
  };
}

/** Tells fast-check that a scenario fails. */
class StillFails extends Error {}
