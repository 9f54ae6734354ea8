/** A report as one HTML page that needs nothing else: no network, no script. All that it is given is text, wherever it came from. */

import type { Timeline } from '../timeline/timeline.js';
import { HTML_STYLE } from './html-style.js';
import { timelineSvg } from './timeline-svg.js';
import { timelineInWords } from './timeline-words.js';
import { escaped } from './xml.js';

/** What came of a case on a kernel. */
export interface HtmlResult {
  readonly kernel: string;
  /** In a word: `conforms`. */
  readonly word: string;
  /** How it is marked: as expected, not as expected, not known, or not tried. */
  readonly tone: 'good' | 'bad' | 'unsure' | 'none';
  /** What is to be known, as lines of text. */
  readonly explanation?: readonly string[];
  /** The picture below the explanation. */
  readonly timeline?: Timeline;
}

/** A row of the matrix. */
export interface HtmlCase {
  readonly name: string;
  /** One for each kernel at most. */
  readonly results: readonly HtmlResult[];
}

/** A report. */
export interface HtmlReport {
  readonly title: string;
  /** What came of it all, as lines of text. */
  readonly summary: readonly string[];
  /** What a row is: `case`, `trace`. */
  readonly of: string;
  readonly cases: readonly HtmlCase[];
}

const MARKS: Readonly<Record<HtmlResult['tone'], string>> = { good: '✓', bad: '✗', unsure: '?', none: '–' };
const WEIGHT: Readonly<Record<HtmlResult['tone'], number>> = { bad: 0, unsure: 1, good: 2, none: 2 };

/** The page. */
export function htmlReport({ title, summary, of, cases }: HtmlReport): string {
  const numbered = cases.flatMap(({ name, results }) => results.map((result) => ({ name, result })));
  const ids = new Map(numbered.map(({ result }, i) => [result, `r${i + 1}`]));
  const told = numbered.filter(({ result }) => result.explanation !== undefined).sort(worstFirst);
  const drawn = numbered.filter(({ result }) => result.explanation === undefined && result.timeline !== undefined);
  const kernels = [...new Set(numbered.map(({ result }) => result.kernel))];
  const part = (what: { name: string; result: HtmlResult }): string => section(what, ids.get(what.result) ?? '');
  return `${[
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="generator" content="tcp-backlog-spec">',
    `<title>${escaped(title)}</title>`,
    `<style>${HTML_STYLE}</style>`,
    '</head>',
    '<body>',
    '<header>',
    `<h1>${escaped(title)}</h1>`,
    `<pre class="summary">${lines(summary)}</pre>`,
    `<nav aria-label="Parts of this page"><ul>${contents(of, told.length, drawn.length)}</ul></nav>`,
    '</header>',
    '<main>',
    ...(told.length === 0
      ? []
      : ['<section id="failures">', '<h2>What needs a look</h2>', ...told.map(part), '</section>']),
    '<section id="matrix">',
    `<h2>Every ${escaped(of)}</h2>`,
    matrix(of, kernels, cases, ids),
    '</section>',
    ...(drawn.length === 0
      ? []
      : ['<section id="timelines">', '<h2>Timelines of what is as expected</h2>', ...drawn.map(part), '</section>']),
    '</main>',
    '</body>',
    '</html>',
  ].join('\n')}\n`;
}

type Told = { readonly name: string; readonly result: HtmlResult };

const worstFirst = (a: Told, b: Told): number => WEIGHT[a.result.tone] - WEIGHT[b.result.tone];

const lines = (text: readonly string[]): string => escaped(text.join('\n'));

function contents(of: string, told: number, drawn: number): string {
  const items: (readonly [string, string])[] = [
    ...(told > 0 ? [['failures', `What needs a look (${told})`] as const] : []),
    ['matrix', `Every ${of}`],
    ...(drawn > 0 ? [['timelines', `Timelines (${drawn})`] as const] : []),
  ];
  return items.map(([id, text]) => `<li><a href="#${id}">${escaped(text)}</a></li>`).join('');
}

/** What is told of a result. What is as expected is folded up. */
function section({ name, result }: Told, id: string): string {
  const { kernel, word, tone, explanation, timeline } = result;
  const heading = `<span class="mark ${tone}" aria-hidden="true">${MARKS[tone]}</span> ${escaped(name)} <span class="soft">on ${escaped(kernel)}: ${escaped(word)}</span>`;
  const body = [
    ...(explanation === undefined ? [] : [`<pre tabindex="0">${lines(explanation)}</pre>`]),
    ...(timeline === undefined ? [] : [figure(timeline, id)]),
  ];
  if (explanation === undefined) {
    return [`<details id="${id}">`, `<summary>${heading}</summary>`, ...body, '</details>'].join('\n');
  }
  return [
    `<article id="${id}" aria-labelledby="${id}-name">`,
    `<h3 id="${id}-name">${heading}</h3>`,
    ...body,
    '</article>',
  ].join('\n');
}

const figure = (timeline: Timeline, id: string): string =>
  `<figure>\n<div tabindex="0" role="group" aria-label="timeline">\n${timelineSvg([timeline], { id: `${id}-picture`, width: 900 })}</div>\n<figcaption>${escaped(timelineInWords(timeline))}</figcaption>\n</figure>`;

/** The matrix of cases by kernel; rows with something to look at come first. */
function matrix(
  of: string,
  kernels: readonly string[],
  cases: readonly HtmlCase[],
  ids: ReadonlyMap<HtmlResult, string>,
): string {
  const weight = ({ results }: HtmlCase): number => Math.min(...results.map(({ tone }) => WEIGHT[tone]), 3);
  const rows = [...cases]
    .sort((a, b) => weight(a) - weight(b))
    .map(({ name, results }) => {
      const cells = kernels.map((kernel) => {
        const result = results.find((one) => one.kernel === kernel);
        return result === undefined ? '<td class="none"></td>' : cell(result, ids.get(result) ?? '');
      });
      return `<tr><th scope="row">${escaped(name)}</th>${cells.join('')}</tr>`;
    });
  const heads = kernels.map((kernel) => `<th scope="col">${escaped(kernel)}</th>`).join('');
  return [
    '<div class="wide" role="region" aria-labelledby="matrix-caption" tabindex="0">',
    '<table>',
    `<caption id="matrix-caption">${cases.length} ${escaped(of)}${cases.length === 1 ? '' : 's'} by kernel</caption>`,
    `<thead><tr><th scope="col">${escaped(of)}</th>${heads}</tr></thead>`,
    '<tbody>',
    ...rows,
    '</tbody>',
    '</table>',
    '</div>',
  ].join('\n');
}

function cell(result: HtmlResult, id: string): string {
  const { word, tone, explanation, timeline } = result;
  const mark = `<span class="mark" aria-hidden="true">${MARKS[tone]}</span> ${escaped(word)}`;
  const linked = explanation !== undefined || timeline !== undefined;
  return `<td class="${tone}">${linked ? `<a href="#${id}">${mark}</a>` : mark}</td>`;
}
