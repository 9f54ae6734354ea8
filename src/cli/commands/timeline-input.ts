/** Reads what `timeline` draws: traces and scenarios, told apart by whether their steps say what was observed. */

import type { Step, TraceHeader } from '../../generated/types.js';
import { TraceChecker } from '../../trace/check.js';
import type { LineChecker } from '../../trace/decode.js';
import type { Problem } from '../../trace/problem.js';
import { describeInvalid, readTraceBatches } from '../../trace/read.js';
import { ScenarioChecker } from '../../trace/scenario.js';
import { DEFAULT_KERNEL } from '../options.js';
import { placeOf } from '../place.js';

/** A trace, or a scenario. */
export interface Input {
  /** The file and the line of the header. */
  readonly place: string;
  readonly header: TraceHeader;
  readonly steps: readonly Step[];
  /** Nothing was observed: it has to be played. */
  readonly isScenario: boolean;
}

/** Takes lines of traces and of scenarios; the first step tells which it is. */
class EitherChecker implements LineChecker {
  readonly defaultHeader: TraceHeader;
  private readonly scenario = new ScenarioChecker(DEFAULT_KERNEL);
  private readonly trace = new TraceChecker();
  private isFirst = true;
  private observes = false;
  /** The steps that say what was observed. */
  readonly observed = new WeakSet<object>();

  constructor() {
    this.defaultHeader = this.scenario.defaultHeader;
  }

  header(value: object): Problem | undefined {
    this.isFirst = true;
    return this.scenario.header(value) ?? this.trace.header(value);
  }

  step(value: object): Problem | undefined {
    if (this.isFirst) this.observes = Object.hasOwn(value, 'observed');
    this.isFirst = false;
    if (!this.observes) return this.scenario.step(value);
    this.observed.add(value);
    return this.trace.step(value);
  }
}

/**
 * The traces and scenarios of a file, or the one that a line lies in (`file:line`). What is wrong is told to `refuse`, with its place; then the
 * trace that it is in does not come.
 */
export async function* readInputs(place: string, refuse: (message: string) => void): AsyncGenerator<Input> {
  const { file, line: wanted } = placeOf(place);
  const checker = new EitherChecker();
  let current: { header: TraceHeader; line: number; steps: Step[]; last: number } | undefined;
  let found = 0;
  const end = (): Input[] => {
    const ended = current;
    current = undefined;
    if (ended === undefined) return [];
    const { header, line, steps, last } = ended;
    if (wanted !== undefined && (wanted < line || wanted > last)) return [];
    found += 1;
    return [{ place: `${file}:${line}`, header, steps, isScenario: !steps.some((step) => checker.observed.has(step)) }];
  };
  for await (const records of readTraceBatches(file, checker)) {
    for (const record of records) {
      if (record.kind === 'header') {
        yield* end();
        if (wanted !== undefined && found > 0) return;
        current = { header: record.value, line: record.line, steps: [], last: record.line };
      } else if (record.kind === 'step') {
        if (current === undefined) continue;
        current.steps.push(record.value);
        current.last = record.line;
      } else {
        if (record.header === true) yield* end();
        if (wanted !== undefined && found > 0) return;
        current = undefined;
        found += 1;
        refuse(describeInvalid(file, record));
      }
    }
  }
  yield* end();
  if (found > 0) return;
  refuse(wanted === undefined ? `${file}: no trace and no scenario in it` : `${file}: no trace on line ${wanted}`);
}
