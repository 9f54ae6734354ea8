/** `explain`: tells a trace in words. */

import { ruleSpecs } from '../../generated/rules.js';
import type { RuleSpec, Step, TraceHeader } from '../../generated/types.js';
import type { RuleId } from '../../host/rule.js';
import type { KernelVariant } from '../../host/variant.js';
import { TraceJudge } from '../../judge/judge.js';
import { kernelNamed } from '../../kernels.js';
import { eventInWords, outcomeInWords, queuesInWords, seconds, sentInWords } from '../../report/words.js';
import { describeInvalid, readTraces } from '../../trace/read.js';
import { EXIT, UsageError } from '../exit.js';
import { kernelOption } from '../options.js';
import { print } from '../output.js';

/** What the command line says. */
export interface ExplainOptions {
  readonly kernel?: string;
  readonly id?: string;
}

const RULES: ReadonlyMap<string, RuleSpec> = new Map(ruleSpecs.map((rule) => [rule.id, rule]));

/** Explains the traces of a file, or the step on one of its lines. */
export async function explain(place: string, options: ExplainOptions): Promise<number> {
  const [, file = place, lineText] = /^(.*?)(?::(\d+))?$/.exec(place) ?? [];
  const wanted = lineText === undefined ? undefined : Number(lineText);
  const asked = kernelOption(options.kernel);
  let telling: Telling | undefined;
  let status: number = EXIT.ok;
  let told = 0;
  for await (const record of readTraces(file)) {
    if (record.kind === 'invalid') throw new UsageError(describeInvalid(file, record));
    if (record.kind === 'header') {
      status = Math.max(status, (await telling?.end()) ?? EXIT.ok);
      if (wanted !== undefined && record.line > wanted) break;
      const variant = asked ?? kernelNamed(record.value.kernel.variant);
      if (variant === undefined) throw new UsageError(`${file}:${record.line}: unknown kernel variant ${JSON.stringify(record.value.kernel.variant)}`);
      const skipped = options.id !== undefined && options.id !== record.value.id;
      telling = skipped ? undefined : new Telling(variant, record.value, record.line, wanted);
      if (!skipped) told += 1;
    } else {
      telling?.take(record.value, record.line);
    }
  }
  status = Math.max(status, (await telling?.end()) ?? EXIT.ok);
  if (told === 0) throw new UsageError(`${file}: no such trace`);
  return status;
}

/** Collects the words for one trace. */
class Telling {
  private readonly variant: KernelVariant;
  private readonly judge: TraceJudge;
  private readonly wanted: number | undefined;
  private readonly lines: string[] = [];
  private readonly steps = new Map<number, Step>();
  private before = 'no listener';

  constructor(variant: KernelVariant, header: TraceHeader, line: number, wanted: number | undefined) {
    this.variant = variant;
    this.wanted = wanted;
    this.judge = new TraceJudge(variant, header, line);
    const settings = [...Object.entries(header.sysctl), ...Object.entries(header.sockopt)];
    const { name, release, hz } = header.kernel;
    this.lines.push(`${header.id}: ${name} ${release}, HZ=${hz}, judged as ${variant.name}`);
    this.lines.push(`  ${settings.map(([key, value]) => `${key}=${value}`).join(' ')}`);
    this.judge.onStep = (at, rules, alive) => this.tell(at, rules, alive.length);
  }

  take(step: Step, line: number): void {
    this.steps.set(line, step);
    this.judge.step(step, line);
  }

  /** Prints what was collected; the exit status. */
  async end(): Promise<number> {
    const verdict = this.judge.end();
    if (verdict.verdict === 'violates') {
      const step = this.steps.get(verdict.line);
      this.lines.push('');
      if (step !== undefined) this.lines.push(`line ${verdict.line}, at ${seconds(step.at)}: ${eventInWords(step.event)}`);
      this.lines.push(`  violates the specification of ${this.variant.name} in ${verdict.field}:`);
      this.lines.push(`    allowed:  ${JSON.stringify(verdict.expected)}`);
      this.lines.push(`    observed: ${JSON.stringify(verdict.observed)}`);
      this.tellRules(verdict.rules);
    } else if (verdict.verdict === 'undecided') {
      this.lines.push('', `line ${verdict.line}: undecided: ${verdict.reason}`);
    }
    for (const line of this.lines) await print(line);
    return verdict.verdict === 'conforms' ? EXIT.ok : EXIT.violation;
  }

  private tell(line: number, rules: readonly RuleId[], alive: number): void {
    const step = this.steps.get(line);
    this.steps.delete(line);
    if (step === undefined) return;
    const after = queuesInWords(step.observed);
    if (this.wanted === undefined || this.wanted === line) {
      this.lines.push('', `line ${line}, at ${seconds(step.at)}: ${eventInWords(step.event)}`);
      this.lines.push(`  before: ${this.before}`);
      const outcome = outcomeInWords(step);
      if (outcome !== undefined) this.lines.push(`  ${outcome}`);
      for (const segment of step.out) this.lines.push(`  ${seconds(segment.at)}  ${sentInWords(segment)}`);
      const counters = Object.entries(step.observed.counters).map(([name, moved]) => `${name} +${moved}`);
      if (counters.length > 0) this.lines.push(`  counters: ${counters.join(', ')}`);
      this.lines.push(`  after:  ${after}`);
      this.tellRules(rules);
      if (alive > 1) this.lines.push(`  (${alive} ways in which the kernel may have got here)`);
    }
    this.before = after;
  }

  private tellRules(rules: readonly RuleId[]): void {
    const counts = new Map<string, number>();
    for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    for (const [id, times] of counts) {
      const rule = RULES.get(id);
      const citation = rule?.kernels[this.variant.name as keyof RuleSpec['kernels']];
      this.lines.push(`  ${id}${times > 1 ? ` (${times} times)` : ''}: ${rule?.sentence ?? ''}`);
      if (citation !== undefined) this.lines.push(`    ${citation.path}, ${citation.function}`);
    }
  }
}
