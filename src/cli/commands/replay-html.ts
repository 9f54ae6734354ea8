/** Collects what `replay --html` shows: every trace in a matrix, each failure with its explanation, and timelines. */

import type { Step, TraceHeader, TraceReport } from '../../generated/types.js';
import type { KernelVariant } from '../../host/variant.js';
import { kernelNamed } from '../../kernels.js';
import { Explanation } from '../../report/explanation.js';
import { type HtmlCase, type HtmlResult, htmlReport } from '../../report/html.js';
import { timelineOf } from '../../timeline/timeline-of.js';
import type { TraceRecord } from '../../trace/decode.js';
import { readCitations } from '../citations.js';

/** How many failures are explained, and how many timelines of other traces are drawn. */
const EXPLAINED = 100;
const DRAWN = 40;

const TONES: Readonly<Record<TraceReport['verdict'], HtmlResult['tone']>> = {
  conforms: 'good',
  violates: 'bad',
  undecided: 'unsure',
  invalid: 'bad',
};

interface Collected {
  readonly header: TraceHeader;
  readonly line: number;
  readonly steps: { readonly value: Step; readonly line: number }[];
}

/** See the file's comment. */
export class ReplayHtml {
  private readonly kernel: KernelVariant | undefined;
  private readonly citations = readCitations();
  private readonly rows: { name: string; results: HtmlResult[] }[] = [];
  private readonly byName = new Map<string, { name: string; results: HtmlResult[] }>();
  private current: Collected | undefined;
  private explained = 0;
  private drawn = 0;

  /** `kernel`: what judges, if not the kernel that a trace names. */
  constructor(kernel: KernelVariant | undefined) {
    this.kernel = kernel;
  }

  /** Keeps the trace that is being read; called after the reports that the record brought about. */
  take(record: TraceRecord): void {
    if (record.kind === 'step') this.current?.steps.push({ value: record.value, line: record.line });
    else if (record.kind === 'header') this.current = { header: record.value, line: record.line, steps: [] };
    else this.current = undefined;
  }

  /** A report: of the trace that is kept, unless it is of none that could be read. */
  add(file: string, report: TraceReport): void {
    const { id, kernel, verdict, line, message = '' } = report;
    const place = line === undefined ? file : `${file}:${line}`;
    const result: HtmlResult = {
      kernel: kernel === '' ? 'no kernel' : kernel,
      word: verdict,
      tone: TONES[verdict],
      ...(verdict === 'conforms'
        ? this.picture()
        : { explanation: [`${place}: ${message}`], ...this.explanation(file, report) }),
    };
    const name = id === '' ? place : id;
    let row = this.byName.get(name);
    if (row === undefined || row.results.some((one) => one.kernel === result.kernel)) {
      row = { name, results: [] };
      this.rows.push(row);
      this.byName.set(name, row);
    }
    row.results.push(result);
  }

  /** The page. */
  page(summary: readonly string[]): string {
    const cases: readonly HtmlCase[] = this.rows;
    return htmlReport({ title: 'Traces held against the specification', summary, of: 'trace', cases });
  }

  private picture(): Pick<HtmlResult, 'timeline'> {
    const traced = this.traced();
    if (traced === undefined || this.drawn >= DRAWN) return {};
    this.drawn += 1;
    return { timeline: traced.timeline() };
  }

  private explanation(file: string, { verdict, line }: TraceReport): Partial<HtmlResult> {
    const traced = this.traced();
    if (traced === undefined || verdict === 'invalid' || line === undefined || this.explained >= EXPLAINED) return {};
    this.explained += 1;
    const { trace, variant } = traced;
    const about = { file, line: trace.line, only: line, citations: this.citations, views: [] };
    const explanation = new Explanation(variant, trace.header, about);
    const lines = trace.steps.flatMap((step) => explanation.step(step.value, step.line));
    return { explanation: [...lines, ...explanation.end()], timeline: traced.timeline() };
  }

  private traced() {
    const trace = this.current;
    const variant = trace && (this.kernel ?? kernelNamed(trace.header.kernel.variant));
    if (trace === undefined || variant === undefined) return undefined;
    const whole = { header: trace.header, steps: trace.steps.map(({ value }) => value) };
    return { trace, variant, timeline: () => timelineOf(whole, variant).timeline };
  }
}
