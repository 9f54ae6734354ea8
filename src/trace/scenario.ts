/**
 * Scenarios: traces without observations. Each line is a header or a step, but only what the scenario decides is needed: of a
 * header `trace`, of a step its `event`. So every trace is a scenario too; what it observed is ignored.
 */

import type { Step, TraceEvent, TraceHeader } from '../generated/types.js';
import { citedRelease } from '../host/kernel-spec.js';
import { checkFlags } from './check.js';
import { type LineChecker, TraceDecoder } from './decode.js';
import { type Problem, problemAt } from './problem.js';
import { validateHeader, validateStep } from './validate.js';

/** A scenario, ready to be run. */
export interface ScenarioRecord {
  readonly header: TraceHeader;
  /** The line of the header, from 1; without a header, that of the first event. */
  readonly line: number;
  readonly events: readonly TraceEvent[];
}

/** What is wrong with a scenario, and where. */
export interface ScenarioProblem extends Problem {
  readonly line: number;
}

/** The latest time that a trace may have, µs. */
const LATEST = 1e12;

/** Looks at scenarios line by line, and fills in what they leave out. */
export class ScenarioChecker implements LineChecker {
  readonly defaultHeader: TraceHeader;
  #time = 0;

  /** `variant`: the kernel of a scenario that names none. */
  constructor(variant: string) {
    this.defaultHeader = {
      trace: 1,
      id: 'scenario',
      kernel: { name: 'linux', release: citedRelease(variant), variant, hz: 1000 },
      origin: 'model',
      sysctl: {},
      sockopt: {},
    };
  }

  header(value: object): Problem | undefined {
    this.#time = 0;
    fillIn(value, this.defaultHeader);
    return validateHeader(value);
  }

  step(value: object): Problem | undefined {
    fillIn(value, { at: 0, out: [], observed: { at: 0, until: 0, counters: {} } });
    return validateStep(value) ?? this.#check((value as Step).event);
  }

  #check(event: TraceEvent): Problem | undefined {
    if ('wait' in event) {
      this.#time += event.wait;
      if (this.#time <= LATEST) return undefined;
      return problemAt(['event', 'wait'], `the waits add up to more than ${LATEST} microseconds`);
    }
    if (!('segments' in event)) return undefined;
    for (const [i, segment] of event.segments.entries()) {
      const problem = checkFlags(segment, ['event', 'segments', i]);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}

function fillIn(value: object, defaults: object): void {
  for (const [key, item] of Object.entries(defaults)) {
    if (!Object.hasOwn(value, key)) (value as Record<string, unknown>)[key] = item;
  }
}

/**
 * The scenarios in `text`, or the first thing that is wrong with them. A text may begin with an event: it has the default header then.
 * @param variant the kernel of a scenario that names none, as in `4.15`
 */
export function parseScenarios(text: string, variant: string): readonly ScenarioRecord[] | ScenarioProblem {
  const scenarios: { header: TraceHeader; line: number; events: TraceEvent[] }[] = [];
  const decoder = new TraceDecoder(new ScenarioChecker(variant));
  for (const record of [...decoder.decode(Buffer.from(text)), ...decoder.end()]) {
    const { line } = record;
    if (record.kind === 'invalid') return { line, path: record.path, message: record.message };
    if (record.kind === 'header') scenarios.push({ header: record.value, line, events: [] });
    else scenarios.at(-1)?.events.push(record.value.event);
  }
  return scenarios;
}
