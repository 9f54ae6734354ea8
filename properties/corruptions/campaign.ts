/** Falsifies many traces, one fact each, and counts what the judge makes of them. */

import type { Step, TraceHeader } from '../../src/generated/types.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { SeededEnvironment } from '../../src/run/environment.js';
import { type Corruption, corruptions, type Mutable } from './corruptions.js';

/** A trace as it was recorded. */
export interface Recording {
  readonly header: TraceHeader;
  readonly steps: readonly Step[];
}

/** A lie that the judge believed. */
export interface Believed {
  readonly kind: string;
  readonly id: string;
  readonly kernel: string;
  /** The step that was falsified, before and after; counted from 0. */
  readonly step: number;
  readonly before: Step;
  readonly after: Step;
}

/** How a campaign went. */
export interface CampaignResult {
  /** By kind of corruption. */
  readonly tried: ReadonlyMap<string, number>;
  readonly believed: readonly Believed[];
}

/** Falsifies `runs` facts, each in a recording and of a kind drawn by `seed`; every kind is drawn equally often. */
export function corruptionCampaign(recordings: readonly Recording[], runs: number, seed: number): CampaignResult {
  const chance = new SeededEnvironment(seed);
  const pick = (n: number): number => chance.choose(n);
  const tried = new Map<string, number>();
  const believed: Believed[] = [];
  for (let run = 0; run < runs; ) {
    const corruption = corruptions[run % corruptions.length] as Corruption;
    const { header, steps } = recordings[pick(recordings.length)] as Recording;
    const falsified = structuredClone(steps) as Mutable<Step>[];
    if (!corruption.corrupt(falsified, pick)) continue;
    run += 1;
    tried.set(corruption.kind, (tried.get(corruption.kind) ?? 0) + 1);
    if (judgeTrace(header, falsified).verdict !== 'conforms') continue;
    const step = steps.findIndex((one, i) => JSON.stringify(one) !== JSON.stringify(falsified[i]));
    if (step === -1) throw new Error(`${corruption.kind} changed nothing in ${header.id}`);
    const { id, kernel } = header;
    const [before, after] = [steps[step] as Step, falsified[step] as Step];
    believed.push({ kind: corruption.kind, id, kernel: kernel.release, step, before, after });
  }
  return { tried, believed };
}
