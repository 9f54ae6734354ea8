/** What is made of Stryker's report. */

import { describe, expect, it } from 'vitest';
import { type EquivalentMutant, mutationReport, type StrykerReport } from '../../scripts/mutation-table.js';

const source = 'export function full(length: number): boolean {\n  return length > 5;\n}\n';

/** A report of one file: a mutant of `length > 5` for each status. */
function report(...statuses: readonly string[]): StrykerReport {
  const location = { start: { line: 2, column: 10 }, end: { line: 2, column: 20 } };
  const mutants = statuses.map((status) => ({
    mutatorName: 'EqualityOperator',
    replacement: 'length >= 5',
    status,
    location,
  }));
  return { files: { 'src/a.ts': { source, mutants } } };
}

const survivor: EquivalentMutant = {
  file: 'src/a.ts',
  within: 'full',
  from: 'length > 5',
  to: 'length >= 5',
  reason: 'It is never five.',
};

const nine = Array.from({ length: 9 }, () => 'Killed');

describe('the report of mutation testing', () => {
  it('counts what was killed, what ran without end, what lives and what no test reaches', () => {
    const { summary } = mutationReport(report('Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored'), []);
    expect(summary).toBe('2 of 4 mutants are killed (50.00 %)');
  });

  it('lists survivors with their reasons, wherever their lines are', () => {
    const { text, problems } = mutationReport(report(...nine, 'Survived'), [survivor]);
    expect(text).toContain('| src/a.ts | full | `length > 5` | `length >= 5` | It is never five. |');
    expect(problems).toEqual([]);
  });

  it('asks for a reason, and for the end of one that is not needed', () => {
    const key = 'src/a.ts full: length > 5 -> length >= 5';
    expect(mutationReport(report(...nine, 'Survived'), []).problems).toEqual([`survives without a reason: ${key}`]);
    expect(mutationReport(report(...nine), [survivor]).problems).toEqual([`a reason for what dies: ${key}`]);
  });

  it('fails below 90 %', () => {
    expect(mutationReport(report('Killed', 'Survived'), [survivor]).problems).toEqual(['only 50.00 % are killed']);
  });
});
