/** A trace to step through: its timeline, what it violates, and its steps in words, told in stretches so that a long trace costs no more than is looked at. */

import type { Step } from '../../../src/generated/types.js';
import type { KernelVariant } from '../../../src/host/variant.js';
import { TraceJudge, type Verdict } from '../../../src/judge/judge.js';
import { variantFor } from '../../../src/judge/record-judge.js';
import { clientsInWords } from '../../../src/report/client-view.js';
import { type MachineState, machineState, stateInWords } from '../../../src/report/machine-state.js';
import { eventInWords, resultInWords, sentInWords } from '../../../src/report/words.js';
import { timelineOf } from '../../../src/timeline/timeline-of.js';
import type { OpenTrace, StepTold, Violation } from '../protocol.js';
import { draw } from './pictures.js';
import { kinds, toldRules } from './told.js';
import type { KeptTrace } from './trace-file.js';

const NOTHING: MachineState = { listener: undefined, waiting: [], requests: [], sockets: [] };

/** See the file's comment. */
export class Stepper {
  private readonly trace: KeptTrace;
  private readonly kernel: KernelVariant;
  private verdict: Verdict | undefined;

  constructor(trace: KeptTrace, kernel: KernelVariant | undefined) {
    this.trace = trace;
    this.kernel = variantFor(trace.header, kernel);
  }

  /** What there is to see of the trace at first. */
  open(width: number): OpenTrace {
    const { header, lines, steps } = this.trace;
    const { timeline, verdict } = timelineOf({ header, steps }, this.kernel);
    this.verdict = verdict;
    const violation = this.violation();
    const judged = violation === undefined ? steps.length : violation.step + 1;
    const rules = new Set<string>(violation?.rules);
    for (const { rule } of timeline.marks) if (rule !== undefined) rules.add(rule);
    return {
      id: header.id,
      kernel: this.kernel.name,
      picture: draw([timeline], width),
      timeline,
      kinds,
      rules: toldRules([...rules].map((rule) => [this.kernel.name, rule])),
      times: steps.slice(0, judged).map(({ at }) => at),
      lines: lines.slice(0, judged),
      steps: steps.length,
      violation,
    };
  }

  /** Steps `from` to before `to`, in words. */
  tell(from: number, to: number): StepTold[] {
    const { header, lines, steps } = this.trace;
    const told: StepTold[] = [];
    let before = NOTHING;
    let index = 0;
    const judge = new TraceJudge(this.kernel, header, 1);
    judge.onStep = (_line, rules, alive) => {
      const host = alive[0]?.host;
      const step = steps[index];
      if (host !== undefined && step !== undefined && index >= from - 1 && index < to) {
        const after = machineState(this.kernel, host);
        if (index >= from)
          told.push(
            tellStep(
              step,
              lines[index] ?? 0,
              { before, after, log: host.log, rules },
              header.observes?.level !== 'results',
            ),
          );
        before = after;
      }
      index += 1;
    };
    // Steps are judged when those after them are known, so some more than are wanted have to go in.
    for (let i = 0; i < steps.length && index < to; i++) {
      if (judge.step(steps[i] as Step, i + 2) !== undefined) break;
    }
    if (index < to) judge.end();
    const violation = this.violation();
    if (
      violation !== undefined &&
      violation.step >= from &&
      violation.step < to &&
      told.length === violation.step - from
    ) {
      const step = steps[violation.step];
      if (step !== undefined) {
        const sections = [['before', stateInWords(before)], ...observed(step, 'sent')] as StepTold['sections'];
        told.push({
          line: violation.line,
          at: step.at,
          event: eventInWords(step.event),
          sections: sections.filter(hasLines),
          rules: counted(violation.rules),
        });
      }
    }
    return told;
  }

  /** The citations of rules that steps tell of. */
  citations(steps: readonly StepTold[]): OpenTrace['rules'] {
    return toldRules(steps.flatMap(({ rules }) => rules.map(([rule]) => [this.kernel.name, rule] as const)));
  }

  private violation(): Violation | undefined {
    const { verdict } = this;
    if (verdict?.verdict !== 'violates') return undefined;
    const step = verdict.line - 2;
    const { field, expected, observed: seen, rules } = verdict;
    return {
      step,
      line: this.trace.lines[step] ?? this.trace.line,
      field,
      expected: JSON.stringify(expected) ?? 'nothing',
      observed: JSON.stringify(seen) ?? 'nothing',
      rules,
    };
  }
}

/** What the judge knows of a step. */
interface Scene {
  readonly before: MachineState;
  readonly after: MachineState;
  readonly log: readonly string[];
  readonly rules: readonly string[];
}

function tellStep(step: Step, line: number, { before, after, log, rules }: Scene, seesSegments: boolean): StepTold {
  const same = JSON.stringify(before) === JSON.stringify(after);
  const sections: StepTold['sections'] = [
    ...observed(step, 'sends'),
    ['log', log],
    ['after', same ? ['the same'] : stateInWords(after)],
    // Without its segments nobody can say what a client has heard.
    ['clients', seesSegments ? clientsInWords(step, before, after) : []],
  ];
  return {
    line,
    at: step.at,
    event: eventInWords(step.event),
    sections: sections.filter(hasLines),
    rules: counted(rules),
  };
}

function observed(step: Step, sent: string): StepTold['sections'] {
  const moved = Object.entries(step.observed.counters).map(([name, by]) => `${name} +${by}`);
  return [
    ['result', [resultInWords(step) ?? []].flat()],
    [sent, sentInWords(step.out)],
    ['counters', moved.length === 0 ? [] : [moved.join(', ')]],
  ];
}

const hasLines = ([, lines]: readonly [string, readonly string[]]): boolean => lines.length > 0;

function counted(rules: readonly string[]): StepTold['rules'] {
  const counts = new Map<string, number>();
  for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [...counts];
}
