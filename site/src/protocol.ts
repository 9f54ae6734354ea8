/** What the page and its worker say to each other. The worker runs the models; the page draws and listens. */

import type { TraceReport } from '../../src/generated/types.js';
import type { LimitsRow } from '../../src/report/limits-text.js';
import type { MarkKind, Timeline } from '../../src/timeline/timeline.js';
import type { Problem } from '../../src/trace/problem.js';

/** A rule, and where a kernel says so. */
export interface Told {
  readonly sentence: string;
  readonly path: string;
  readonly function: string;
  /** The release that is cited. */
  readonly release: string;
}

/** Rules by kernel and name. */
export type ToldRules = Readonly<Record<string, Readonly<Record<string, Told>>>>;

/** A picture of timelines, and where times lie in it. */
export interface Picture {
  readonly svg: string;
  /** CSS pixels. */
  readonly width: number;
  /** µs: the first and the last moment. */
  readonly domain: readonly [number, number];
  /** CSS pixels: where those are. */
  readonly range: readonly [number, number];
}

/** How a kind of mark is called: in front of its row, and in a sentence, once and several times. */
export type KindWords = Readonly<
  Record<MarkKind, { readonly label: string; readonly one: string; readonly many: string }>
>;

/** What came of a workload. */
export interface Simulated {
  readonly picture: Picture;
  readonly timelines: readonly Timeline[];
  readonly rules: ToldRules;
  readonly kinds: KindWords;
  /** The results as a table, as `simulate` prints it. */
  readonly rows: readonly LimitsRow[];
  /** µs: how long the longest run takes. */
  readonly until: number;
}

/** What a file turned out to be. */
export interface ReadFile {
  readonly reports: readonly TraceReport[];
  /** For each report the number of its trace; -1: there is none to step through. */
  readonly traces: readonly number[];
}

/** A trace that can be stepped through. */
export interface OpenTrace {
  readonly id: string;
  readonly kernel: string;
  readonly picture: Picture;
  readonly timeline: Timeline;
  readonly kinds: KindWords;
  readonly rules: ToldRules;
  /** µs: when each step that was judged begins. */
  readonly times: readonly number[];
  /** The line of each in the file. */
  readonly lines: readonly number[];
  /** How many steps there are, judged or not. */
  readonly steps: number;
  readonly violation: Violation | undefined;
}

/** What the specification does not allow. */
export interface Violation {
  /** The index of the step; -1: the settings. */
  readonly step: number;
  readonly line: number;
  readonly field: string;
  readonly expected: string;
  readonly observed: string;
  readonly rules: readonly string[];
}

/** A step in words. */
export interface StepTold {
  readonly line: number;
  readonly at: number;
  readonly event: string;
  /** Labels and their lines, as `explain` tells them. */
  readonly sections: readonly (readonly [string, readonly string[]])[];
  /** The rules that fired, each once, and how often. */
  readonly rules: readonly (readonly [string, number])[];
}

/** What the worker can be asked for, and what it answers. */
export interface Jobs {
  simulate: [
    {
      readonly workload: unknown;
      readonly kernels: readonly string[];
      /** µs: the stretch that is looked at. */
      readonly window: readonly [number, number] | undefined;
      readonly width: number;
    },
    Simulated,
  ];
  /** The picture that was made last, in another width. */
  draw: [{ readonly width: number }, Picture];
  limits: [{ readonly workload: unknown; readonly kernels: readonly string[] }, readonly LimitsRow[]];
  read: [{ readonly name: string; readonly bytes: Blob; readonly kernel: string | undefined }, ReadFile];
  open: [{ readonly trace: number; readonly width: number }, OpenTrace];
  /** Steps of the trace that was opened last. */
  steps: [
    { readonly from: number; readonly to: number },
    { readonly steps: readonly StepTold[]; readonly rules: ToldRules },
  ];
}

export type JobName = keyof Jobs;

/** A question to the worker. */
export type Question = {
  [J in JobName]: { readonly id: number; readonly job: J; readonly about: Jobs[J][0] };
}[JobName];

/** An answer to the question of that number. */
export type Answer =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly problem: Problem }
  | { readonly id: number; readonly progress: string };
