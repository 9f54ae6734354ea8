/** A file of traces that is open: asks the worker for what is looked at, and keeps what it has answered. */

import type { Problem } from '../../src/trace/problem.js';
import { Engine, type Outcome } from './engine.js';
import type { OpenTrace, ReadFile, StepTold, ToldRules } from './protocol.js';

/** How many steps are asked for at a time. */
const STRETCH = 50;

/** See the file's comment. `changed` is called when there is something new to show. */
export class TraceSession {
  file: ReadFile | undefined;
  open: OpenTrace | undefined;
  problem: Problem | undefined;
  progress = '';
  rules: ToldRules = {};
  private readonly engine = new Engine();
  /** How often there was something new. */
  version = 0;
  private readonly changed: () => void;
  private steps = new Map<number, readonly StepTold[]>();
  private wanted: number | undefined;
  private width: number | undefined;
  private isBusy = false;

  constructor(changed: () => void) {
    this.changed = () => {
      this.version += 1;
      changed();
    };
  }

  /** Judges a file. */
  async read(name: string, bytes: Blob, kernel: string | undefined): Promise<void> {
    this.file = undefined;
    this.open = undefined;
    this.problem = undefined;
    const told = (text: string): void => {
      this.progress = text;
      this.changed();
    };
    told('judging');
    const file = this.take(await this.engine.ask('read', { name, bytes, kernel }, told));
    this.progress = '';
    if (file !== undefined) this.file = file;
    this.changed();
  }

  /** The file is not looked at any more. */
  close(): void {
    this.engine.close();
  }

  /** Opens the trace of a report, if it has one. */
  async show(report: number, width: number): Promise<void> {
    const trace = this.file?.traces[report] ?? -1;
    this.open = undefined;
    this.steps = new Map();
    this.rules = {};
    if (trace >= 0) {
      const open = this.take(await this.engine.ask('open', { trace, width }));
      if (open === undefined) return;
      this.open = open;
      this.rules = open.rules;
    }
    this.changed();
  }

  /** Draws the picture in another width. */
  draw(width: number): void {
    this.width = width;
    if (!this.isBusy) void this.fetch();
  }

  /** A step in words; undefined: it has been asked for. */
  step(index: number): StepTold | undefined {
    const stretch = Math.floor(index / STRETCH);
    const steps = this.steps.get(stretch);
    if (steps === undefined && index >= 0) this.want(stretch);
    return steps?.[index - stretch * STRETCH];
  }

  private want(stretch: number): void {
    this.wanted = stretch;
    if (!this.isBusy) void this.fetch();
  }

  /** Asks for what was wanted last, one thing after the other: each question but the newest would be given up. */
  private async fetch(): Promise<void> {
    this.isBusy = true;
    for (let goesOn = true; goesOn; ) {
      const { open, wanted: stretch, width } = this;
      this.wanted = undefined;
      this.width = undefined;
      if (open === undefined) break;
      if (stretch !== undefined) await this.fetchSteps(open, stretch);
      if (width !== undefined) {
        const picture = this.take(await this.engine.ask('draw', { width }));
        if (picture !== undefined && this.open?.times === open.times) this.open = { ...this.open, picture };
      }
      this.changed();
      goesOn = this.wanted !== undefined || this.width !== undefined;
    }
    this.isBusy = false;
  }

  private async fetchSteps(open: OpenTrace, stretch: number): Promise<void> {
    const from = stretch * STRETCH;
    const answer = this.take(await this.engine.ask('steps', { from, to: from + STRETCH }));
    if (answer === undefined || this.open?.times !== open.times) return;
    this.steps.set(stretch, answer.steps);
    const { kernel } = open;
    this.rules = { [kernel]: { ...this.rules[kernel], ...answer.rules[kernel] } };
  }

  private take<T>(outcome: Outcome<T> | undefined): T | undefined {
    if (outcome === undefined) return undefined;
    if ('answer' in outcome) return outcome.answer;
    this.problem = outcome.problem;
    this.progress = '';
    this.changed();
    return undefined;
  }
}
