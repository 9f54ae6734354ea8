/** Judges the golden traces and tells which rules each shows. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { NEIGHBOURS } from '../properties/kernels.js';
import type { Step, TraceHeader } from '../src/generated/types.js';
import { Clock } from '../src/host/clock.js';
import type { KernelVariant } from '../src/host/variant.js';
import { TraceJudge, type Verdict } from '../src/judge/judge.js';
import { kernelNamed } from '../src/kernels.js';
import { SeededEnvironment } from '../src/run/environment.js';
import { readTraces } from '../src/trace/read.js';

/** A golden trace and what it shows. */
export interface ShownTrace {
  /** Relative to the fixtures' folder. */
  readonly file: string;
  readonly line: number;
  readonly id: string;
  /** The variant that explains it. */
  readonly kernel: string;
  /** The mainline release, where that of the kernel does not tell it. */
  readonly release: string;
  readonly origin: TraceHeader['origin'];
  /** Where and how the trace does not conform, if it does not. */
  readonly problem: string | undefined;
  /** The rules that fired in every explanation of the trace. */
  readonly rules: ReadonlySet<string>;
  /** By variant: the kernels before and after its own that could not have produced it. */
  readonly rejectedBy: readonly string[];
}

/** Judges every trace below `fixtures`, in the order of the files' names. */
export async function judgeFixtures(fixtures: string): Promise<ShownTrace[]> {
  const files = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.ndjson(\.gz)?$/.test(name) && !name.startsWith('softnet/'))
    .sort();
  const shown: ShownTrace[] = [];
  for (const file of files) {
    const left: Record<string, number> = {};
    for await (const trace of tracesOf(join(fixtures, file))) {
      shown.push(judged(file, trace, { ...left }));
      noteWritten(left, trace);
    }
  }
  return shown;
}

/** The kernels before and after this one. */
const neighboursOf = (kernel: KernelVariant): KernelVariant[] =>
  NEIGHBOURS.filter((pair) => pair.includes(kernel)).map(([older, newer]) => (older === kernel ? newer : older));

interface WholeTrace {
  readonly line: number;
  readonly header: TraceHeader;
  readonly steps: Step[];
}

async function* tracesOf(path: string): AsyncGenerator<WholeTrace> {
  let trace: WholeTrace | undefined;
  for await (const record of readTraces(path)) {
    if (record.kind === 'invalid') throw new Error(`${path}:${record.line}: ${record.message}`);
    if (record.kind === 'header') {
      if (trace !== undefined) yield trace;
      trace = { line: record.line, header: record.value, steps: [] };
    } else {
      trace?.steps.push(record.value);
    }
  }
  if (trace !== undefined) yield trace;
}

/** Adds to `left` the sysctls that a trace wrote: on a machine that runs one trace after the other they stay in force. */
function noteWritten(left: Record<string, number>, { header, steps }: WholeTrace): void {
  for (const [name, value] of Object.entries(header.sysctl)) {
    if (header.sysctlErrors?.[name] === undefined) left[name] = value;
  }
  for (const { event, result } of steps) if ('sysctl' in event && result === 0) Object.assign(left, event.sysctl);
}

function judged(file: string, trace: WholeTrace, leftSettings: Readonly<Record<string, number>>): ShownTrace {
  const { line, header } = trace;
  const { id, origin, kernel } = header;
  const own = kernelNamed(kernel.variant);
  if (own === undefined) throw new Error(`${file}:${line}: unknown variant ${kernel.variant}`);
  const rules = new Set<string>(rulesAtStart(own, header));
  const verdict = judge(own, trace, leftSettings, rules);
  const problem = verdict.verdict === 'conforms' ? undefined : `${file}:${verdict.line}: ${id} ${verdict.verdict}`;
  const rejectedBy = neighboursOf(own)
    .filter((other) => judge(other, trace, leftSettings).verdict === 'violates')
    .map(({ name }) => name);
  const { release, upstream = release } = kernel;
  return { file, line, id, kernel: own.name, release: upstream, origin, problem, rules, rejectedBy };
}

function judge(
  variant: KernelVariant,
  { line, header, steps }: WholeTrace,
  leftSettings: Readonly<Record<string, number>>,
  rules?: Set<string>,
): Verdict {
  const one = new TraceJudge(variant, header, line, { leftSettings });
  if (rules !== undefined) {
    one.onStep = (_line, _rules, alive) =>
      addCommon(
        rules,
        alive.map(({ host }) => host.fired),
      );
  }
  let at = line;
  for (const step of steps) if (one.step(step, ++at) !== undefined) break;
  return one.end();
}

/** The rules that fire before the first step, when the sysctls are written. */
function rulesAtStart(variant: KernelVariant, { kernel, sockopt, sysctl }: TraceHeader): readonly string[] {
  const clock = Clock.known(kernel.hz, 0, 0, 0);
  const host = variant.boot(new SeededEnvironment(0), clock, sockopt, kernel.release);
  for (const [name, value] of Object.entries(sysctl)) variant.writeSysctl(host, name, value);
  return host.fired;
}

/** Adds what is in every one of `lists`. */
function addCommon(rules: Set<string>, lists: readonly (readonly string[])[]): void {
  const [first, ...others] = lists.map((list) => new Set(list));
  for (const rule of first ?? []) if (others.every((other) => other.has(rule))) rules.add(rule);
}
