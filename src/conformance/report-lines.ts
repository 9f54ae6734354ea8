/** Reports as lines of JSON: one a case, and at the end one for all. What one shard writes another machine can read and merge. */

import { schemas } from '../generated/schemas.js';
import type { CaseResult, ConformanceSummaryLine, WholeTrace } from '../generated/types.js';
import { TraceChecker } from '../trace/check.js';
import type { Problem } from '../trace/problem.js';
import { compiled, validate } from './schema.js';
import type { SuiteReport } from './suite.js';

const caseSchema = compiled(schemas.conformance.case);
const summarySchema = compiled(schemas.conformance.summaryLine);

/** A case as a line, without its end. */
export const caseLine = (result: CaseResult): string => JSON.stringify(result);

/** The last line, without its end. */
export function summaryLine({ cases: _, ...summary }: SuiteReport): string {
  return JSON.stringify({ summary });
}

/**
 * Reads the lines of one report.
 * @throws RangeError with the line, the place in it, and what is wrong
 */
export function parseReport(text: string): SuiteReport {
  const cases: CaseResult[] = [];
  const lines = text.split('\n').filter((line, i, all) => line !== '' || i < all.length - 1);
  for (const [i, line] of lines.entries()) {
    const value = parsed(line, i + 1);
    const last = typeof value === 'object' && value !== null && Object.hasOwn(value, 'summary');
    const problem = last
      ? validate(summarySchema, value)
      : (validate(caseSchema, value) ?? traceProblem(value as CaseResult));
    if (problem !== undefined) throw new RangeError(`line ${i + 1}: ${problem.path}: ${problem.message}`);
    if (!last) {
      cases.push(value as CaseResult);
      continue;
    }
    if (i < lines.length - 1) throw new RangeError(`line ${i + 2}: something follows the summary`);
    return { ...(value as ConformanceSummaryLine).summary, cases };
  }
  throw new RangeError(`line ${lines.length + 1}: the summary is missing: the report is not complete`);
}

function parsed(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new RangeError(`line ${number}: not JSON`);
  }
}

function traceProblem({ failure }: CaseResult): Problem | undefined {
  if (failure === undefined) return undefined;
  const { header, steps } = failure.trace as Partial<WholeTrace>;
  const checker = new TraceChecker();
  const within = (problem: Problem | undefined, place: string): Problem | undefined =>
    problem && { ...problem, path: `$.failure.trace.${place}${problem.path.slice(1)}` };
  const problem = within(checker.header(header), 'header');
  if (problem !== undefined) return problem;
  if (!Array.isArray(steps)) return { path: '$.failure.trace.steps', message: 'expected an array' };
  for (const [i, step] of steps.entries()) {
    const wrong = within(checker.step(step), `steps[${i}]`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
