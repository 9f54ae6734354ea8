/** A file of traces: what was said of each, and one of them step by step. */

import { html, nothing, type TemplateResult } from 'lit';
import type { TraceReport } from '../../../src/generated/types.js';
import type { OpenTrace, StepTold, ToldRules, Violation } from '../protocol.js';
import { counted, grouped, seconds } from '../words.js';
import { ruleTold } from './rule.js';

/** How many reports of what is wrong are shown. */
const TOLD = 20;

/** What the command line would say of a file, in one line. */
export function verdictsInWords(reports: readonly TraceReport[]): string {
  const count = (verdict: TraceReport['verdict']): number => reports.filter((one) => one.verdict === verdict).length;
  const some = [
    [count('conforms'), 'conforms', 'conform'],
    [count('violates'), 'violates', 'violate'],
    [count('undecided'), 'is undecided', 'are undecided'],
    [count('invalid'), 'is invalid', 'are invalid'],
  ] as const;
  const words = some.flatMap(([n, one, many]) => (n === 0 ? [] : [`${grouped(n)} ${n === 1 ? one : many}`]));
  return `${counted(reports.length, 'trace')}: ${words.join(', ')}`;
}

/** What cannot be read, each with its line, as on the command line. */
export function invalid(name: string, reports: readonly TraceReport[]): TemplateResult | typeof nothing {
  const lines = reports
    .filter(({ verdict }) => verdict === 'invalid')
    .map(({ line, message }) => {
      return [line === undefined ? name : `${name}:${line}`, message].join(': ');
    });
  if (reports.length === 0) lines.push(`${name}: no trace in it`);
  if (lines.length === 0) return nothing;
  const more = lines.length - TOLD;
  return html`
    <div class="problem" role="alert">
      ${lines.slice(0, TOLD).map((line) => html`<p>${line}</p>`)}
      ${more > 0 ? html`<p>and ${grouped(more)} more</p>` : nothing}
    </div>
  `;
}

/** What the specification does not allow in a trace, with a way there. */
export function violation(found: Violation, open: OpenTrace, go: () => void): TemplateResult {
  const { step, line, field, expected, observed, rules } = found;
  const rule = rules.at(-1);
  return html`
    <section class="card violation" aria-label="Violation">
      <h3>
        Violates the specification of ${open.kernel}
        ${step < 0 ? 'in its settings' : `at step ${grouped(step + 1)} of ${grouped(open.steps)}`}, line ${grouped(line)}
      </h3>
      ${rule === undefined ? nothing : ruleTold(open.rules, open.kernel, rule)}
      <dl class="contrast">
        <div><dt>field</dt><dd><code>${field}</code></dd></div>
        <div><dt>expected</dt><dd><code>${expected}</code></dd></div>
        <div><dt>observed</dt><dd><code>${observed}</code></dd></div>
      </dl>
      ${step < 0 ? nothing : html`<button @click=${go}>Show the step</button>`}
    </section>
  `;
}

/** One step in words; undefined: it is not there yet. */
export function step(
  told: StepTold | undefined,
  index: number,
  open: OpenTrace,
  rules: ToldRules,
  isPassing: boolean,
): TemplateResult {
  if (told === undefined) return html`<section class="card" aria-label="Step" aria-busy="true"></section>`;
  const isWrong = open.violation?.step === index;
  return html`
    <section class="card ${isWrong ? 'violation' : ''}" aria-label="Step" aria-live=${isPassing ? 'off' : 'polite'}>
      <h3>
        Step ${grouped(index + 1)} of ${grouped(open.steps)}
        <span class="soft">line ${grouped(told.line)}, ${seconds(told.at)}${isWrong ? ': violates' : ''}</span>
      </h3>
      <p class="what">${told.event}</p>
      <dl class="sections">
        ${told.sections.map(
          ([label, lines]) => html`<div><dt>${label}</dt><dd>${lines.map((line) => html`<p>${line}</p>`)}</dd></div>`,
        )}
      </dl>
      ${told.rules.map(([rule, times]) => ruleTold(rules, open.kernel, rule, times))}
    </section>
  `;
}
