/** A bounded list of marks: those that the same rule leaves at the same moment are one, and when there are too many, those of a stretch of time. */

import type { RuleId } from '../host/rule.js';
import type { Mark, MarkKind } from './timeline.js';

/** A mark whose count still grows. */
type Growing = Mark & { count: number };

/** See the file's comment. A stretch is a power of two µs long. */
export class GatheredMarks {
  private readonly bound: number;
  private marks: Growing[] = [];
  /** The last mark that each rule left. */
  private latest = new Map<RuleId | undefined, Growing>();
  private width = 0;
  private origin = 0;

  /** `bound`: how many marks there may be; rules may leave that many at one moment, so it is above their number. */
  constructor(bound: number) {
    this.bound = bound;
  }

  /** Adds what happened at `at`, which is not before what was added last. */
  add(at: number, kind: MarkKind, rule: RuleId | undefined, peer: number | undefined): void {
    if (this.marks.length === 0) this.origin = at;
    const last = this.latest.get(rule);
    if (last !== undefined && last.kind === kind && this.together(last.at, at)) {
      last.count += 1;
      return;
    }
    const mark: Growing = { at, kind, count: 1, rule, peer };
    this.marks.push(mark);
    this.latest.set(rule, mark);
    while (this.marks.length > this.bound) this.gather();
  }

  /** The marks, in order. */
  all(): readonly Mark[] {
    return this.marks.map((mark) => ({ ...mark }));
  }

  private together(a: number, b: number): boolean {
    const { origin, width } = this;
    return width === 0 ? a === b : Math.floor((a - origin) / width) === Math.floor((b - origin) / width);
  }

  /** Doubles the stretches, and puts together what is then in one. */
  private gather(): void {
    this.width = this.width === 0 ? 1 : this.width * 2;
    const marks: Growing[] = [];
    this.latest = new Map();
    for (const mark of this.marks) {
      const last = this.latest.get(mark.rule);
      if (last !== undefined && last.kind === mark.kind && this.together(last.at, mark.at)) last.count += mark.count;
      else {
        marks.push(mark);
        this.latest.set(mark.rule, mark);
      }
    }
    this.marks = marks;
  }
}
