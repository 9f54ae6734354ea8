/**
 * Scenarios: traces without observations. Each line is a header or a step, but only what the scenario decides is needed: of a
 * header `trace`, of a step its `event`. So every trace is a scenario too; what it observed is ignored.
 */

import type { TraceEvent, TraceHeader } from '../generated/types.js';
import { type Problem, problemAt } from './problem.js';
import { validateHeader, validateStep } from './validate.js';

/** A scenario, ready to be run. */
export interface Scenario {
  readonly header: TraceHeader;
  /** The line of the header, from 1. */
  readonly line: number;
  readonly events: TraceEvent[];
}

/** What is wrong with a scenario, and where. */
export interface ScenarioProblem extends Problem {
  readonly line: number;
}

/** The scenarios in `text`, or the first thing that is wrong with them. A text may begin with a step: the header is then the default. */
export function parseScenarios(text: string, variant: string): readonly Scenario[] | ScenarioProblem {
  const scenarios: Scenario[] = [];
  let line = 0;
  for (const content of text.split('\n')) {
    line += 1;
    if (content.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(content);
    } catch {
      return { line, path: '', message: 'not JSON' };
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return { line, ...problemAt([], 'expected an object') };
    }
    if (Object.hasOwn(value, 'trace')) {
      const header = { ...defaultHeader(variant), ...value };
      const problem = validateHeader(header);
      if (problem !== undefined) return { line, ...problem };
      scenarios.push({ header, line, events: [] });
      continue;
    }
    const step = { ...EMPTY_STEP, ...value };
    const problem = validateStep(step);
    if (problem !== undefined) return { line, ...problem };
    if (scenarios.length === 0) scenarios.push({ header: defaultHeader(variant), line, events: [] });
    (scenarios.at(-1) as Scenario).events.push((step as unknown as { event: TraceEvent }).event);
  }
  return scenarios;
}

const EMPTY_STEP = { at: 0, out: [], observed: { at: 0, until: 0, counters: {} } };

const defaultHeader = (variant: string): TraceHeader => ({
  trace: 1,
  id: 'scenario',
  kernel: { name: 'linux', release: variant, variant, hz: 1000 },
  origin: 'model',
  sysctl: {},
  sockopt: {},
});
