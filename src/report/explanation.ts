/** Explains a trace step by step: what happened, what the kernel did, by which rules, and where the kernel says so. */

import { ruleSpecs } from '../generated/rules.js';
import type { RuleSpec, Step, TraceHeader } from '../generated/types.js';
import type { Host } from '../host/host.js';
import { citedRelease } from '../host/kernel-spec.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import { TraceJudge, type Verdict } from '../judge/judge.js';
import { clientsInWords } from './client-view.js';
import { type MachineState, machineState, stateInWords } from './machine-state.js';
import { session, type ViewName } from './views/index.js';
import type { LogEntry } from './views/moment.js';
import { eventInWords, resultInWords, seconds, sentInWords } from './words.js';

/** The first and last line of a function in the tree of a release; undefined: not known. */
export type Citations = (release: string, path: string, name: string) => readonly [number, number] | undefined;

type Violation = Extract<Verdict, { verdict: 'violates' }>;

const RULES: ReadonlyMap<string, RuleSpec> = new Map(ruleSpecs.map((rule) => [rule.id, rule]));
const LABEL = 10;
const NOTHING: MachineState = { listener: undefined, waiting: [], requests: [], sockets: [] };

/** The explanation of one trace. Give it the steps in order, then call {@link end}; each call returns the lines that are ready. */
export class Explanation {
  readonly #variant: KernelVariant;
  readonly #judge: TraceJudge;
  readonly #file: string;
  readonly #citations: Citations;
  readonly #only: number | undefined;
  readonly #views: readonly ViewName[];
  readonly #log: LogEntry[] = [];
  /** The steps that the judge has not told about yet. */
  readonly #steps = new Map<number, Step>();
  #before = NOTHING;
  #ready: string[] = [];
  readonly #seesSegments: boolean;
  #verdict: Verdict | undefined;
  #judgedUpTo = 0;

  /** `only`: the line of the one step that is wanted; undefined: all are. `views`: what is shown of the machine after each step. */
  constructor(
    variant: KernelVariant,
    header: TraceHeader,
    {
      file,
      line,
      only,
      citations,
      views,
    }: {
      file: string;
      line: number;
      only: number | undefined;
      citations: Citations;
      views: readonly ViewName[];
    },
  ) {
    this.#variant = variant;
    this.#file = file;
    this.#only = only;
    this.#citations = citations;
    this.#views = views;
    this.#judge = new TraceJudge(variant, header, line);
    this.#seesSegments = header.observes?.level !== 'results';
    const { name, release, hz, uptime } = header.kernel;
    const up = uptime === undefined ? '' : `, up ${(uptime / 1_000_000).toFixed(3)} s`;
    this.#ready.push(`${header.id}: ${name} ${release}, HZ=${hz}${up}, judged as ${variant.name}`);
    const settings = [...Object.entries(header.sysctl), ...Object.entries(header.sockopt)];
    if (settings.length > 0) this.#ready.push(`  ${settings.map(([key, value]) => `${key}=${value}`).join(' ')}`);
    this.#judge.onStep = (at, rules, alive) => {
      const host = alive[0]?.host;
      if (host !== undefined) this.#tell(at, rules, host, machineState(variant, host), alive.length);
    };
  }

  /** How the trace was judged, once that is certain. */
  get verdict(): Verdict | undefined {
    return this.#verdict;
  }

  /** The line of the last step that has been judged; 0: none. */
  get judgedUpTo(): number {
    return this.#judgedUpTo;
  }

  /** The next step. */
  step(step: Step, line: number): string[] {
    if (this.#verdict === undefined) {
      this.#steps.set(line, step);
      this.#conclude(this.#judge.step(step, line));
    }
    return this.#ready.splice(0);
  }

  /** There are no more steps. */
  end(): string[] {
    if (this.#verdict === undefined) this.#conclude(this.#judge.end());
    return this.#ready.splice(0);
  }

  #conclude(verdict: Verdict | undefined): void {
    this.#verdict = verdict;
    if (verdict?.verdict === 'violates') this.#violation(verdict);
    if (verdict?.verdict === 'undecided') {
      this.#ready.push('', `${this.#file}:${verdict.line}: undecided: ${verdict.reason}`);
    }
  }

  #tell(line: number, rules: readonly RuleId[], host: Host, after: MachineState, ways: number): void {
    this.#judgedUpTo = line;
    const step = this.#steps.get(line);
    this.#steps.delete(line);
    const before = this.#before;
    this.#before = after;
    for (const text of host.log) this.#log.push({ at: step?.at ?? 0, line: text });
    if (step === undefined || (this.#only !== undefined && this.#only !== line)) return;
    this.#title(line, step);
    // Where all steps are told, it is the state after the one above.
    if (this.#only !== undefined) this.#section('before', stateInWords(before));
    this.#section('result', [resultInWords(step) ?? []].flat());
    this.#section('sends', sentInWords(step.out));
    this.#section('counters', counters(step));
    this.#section('log', host.log);
    this.#section('after', same(before, after) ? ['the same'] : stateInWords(after));
    // Without its segments nobody can say what a client has heard.
    if (this.#seesSegments) this.#section('clients', clientsInWords(step, before, after));
    this.#section('rules', this.#rules(rules));
    if (ways > 1) this.#section('open', [`${ways} ways in which the kernel may have got here; this is one of them`]);
    if (this.#views.length > 0) {
      const moment = { variant: this.#variant, host, at: step.observed.until, log: this.#log };
      this.#ready.push('', ...session(this.#views, moment).map((text) => `  ${text}`));
    }
  }

  #violation({ line, field, expected, observed, rules }: Violation): void {
    const step = this.#steps.get(line);
    if (step === undefined) {
      this.#ready.push('', `${this.#file}:${line}`);
    } else {
      this.#title(line, step);
      this.#section('before', stateInWords(this.#before));
      this.#section('result', [resultInWords(step) ?? []].flat());
      this.#section('sent', sentInWords(step.out));
      this.#section('counters', counters(step));
    }
    const isWanted = this.#only === undefined || this.#only === line;
    const rest = isWanted ? 'what comes after it is not judged' : `so line ${this.#only} is not judged`;
    this.#section('violates', [`the specification of ${this.#variant.name} in ${field}; ${rest}`]);
    this.#section('allowed', [JSON.stringify(expected)]);
    this.#section('observed', [JSON.stringify(observed)]);
    this.#section('rules', this.#rules(rules));
  }

  #title(line: number, { at, event }: Step): void {
    this.#ready.push('', `${this.#file}:${line}  at ${seconds(at)}  ${eventInWords(event)}`);
  }

  /** Lines beside a label; nothing where there are none. */
  #section(label: string, lines: readonly string[]): void {
    for (const [i, line] of lines.entries()) this.#ready.push(`  ${(i === 0 ? label : '').padEnd(LABEL)}${line}`);
  }

  /** Each rule once, in the order in which they first fired. */
  #rules(rules: readonly RuleId[]): string[] {
    const counts = new Map<RuleId, number>();
    for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    return [...counts].flatMap(([id, times]) => {
      const rule = RULES.get(id);
      const citation = rule?.kernels[this.#variant.name];
      const lines = [`${id}${times > 1 ? ` (${times} times)` : ''}`];
      if (rule !== undefined) lines.push(`  ${citation?.sentence ?? rule.sentence}`);
      if (citation !== undefined) lines.push(`  ${this.#citation(citation)}`);
      return lines;
    });
  }

  #citation({ path, function: name }: { readonly path: string; readonly function: string }): string {
    const release = citedRelease(this.#variant.name);
    const lines = this.#citations(release, path, name);
    return `${path}${lines === undefined ? '' : `:${lines[0]}-${lines[1]}`}, ${name} (${release})`;
  }
}

function counters({ observed }: Step): string[] {
  const moved = Object.entries(observed.counters).map(([name, by]) => `${name} +${by}`);
  return moved.length === 0 ? [] : [moved.join(', ')];
}

const same = (a: MachineState, b: MachineState): boolean => JSON.stringify(a) === JSON.stringify(b);
