/** Which kernel the running one behaves like, difference by difference: as text, as JSON, and as Markdown. */

import type { Contrast } from '../conformance/contrast.js';
import type { FoundDifference } from '../conformance/diff.js';
import { sentenceIn } from '../conformance/topics.js';
import { tcpRuleSpecs } from '../host/rule.js';
import type { ComparedPair, ComparedScenario, Comparison, Likeness } from '../live/comparison.js';
import { type DiffRow, diffRows } from './diff-table.js';

/** A difference, what each kernel does there, and which of them the running kernel does as. */
export interface ComparisonRow extends Pick<DiffRow, 'heading' | 'kernel' | 'label' | 'events'> {
  /** What the rules of each of the two kernels say, older first; empty where none says anything. */
  readonly sentences: Readonly<Record<string, string>>;
  readonly scenario: string;
  /** What the running kernel does, in words. */
  readonly does: string;
  /** All of the compared kernels that explain it. */
  readonly like: readonly string[];
  /** Where neither explains it: the first thing that each does not allow. Where it can't be told: why. */
  readonly because: readonly string[];
}

/** The rows of a pair, in the order of topics; a rule of both kernels that one scenario shows has one row. */
export function comparisonRows(pair: ComparedPair): ComparisonRow[] {
  const found = new Map<string, ComparisonRow>();
  for (const row of allRows(pair)) {
    const key = JSON.stringify([row.label, row.scenario, row.sentences]);
    if (!found.has(key)) found.set(key, row);
  }
  return [...found.values()];
}

function allRows({ diff, rows }: ComparedPair): ComparisonRow[] {
  const names = diff.kernels.map(({ name }) => name) as [string, string];
  const sides = new Map(diff.scenarios.map(({ candidate, sides }) => [candidate.id, sides]));
  return diffRows(diff).flatMap(({ heading, kernel, label, sentence, events }, i) => {
    const [row, found] = [rows[i], diff.found[i]];
    if (row === undefined || found === undefined) return [];
    const { scenario, likeness } = row;
    const other = counterpart(found, sides.get(scenario.id));
    return {
      heading,
      kernel,
      label,
      ...(events === undefined ? {} : { events }),
      sentences: Object.fromEntries(names.map((name) => [name, name === kernel ? sentence : other])),
      scenario: scenario.id,
      does: likenessInWords(likeness, names),
      like: scenario.like,
      because: likeness === 'neither' || likeness === 'cannot tell' ? reasons(scenario, names) : [],
    };
  });
}

/** What the rules say by which the kernel that lacks the difference does what it does in its place. */
function counterpart({ difference, showing, same }: FoundDifference, sides: Contrast | undefined): string {
  if (difference.kind !== 'rule' || sides === undefined) return '';
  const side = sides.find(({ kernel }) => kernel.name !== difference.kernel);
  if (side === undefined) return '';
  const fired = side.rules[showing?.fired ?? same?.fired ?? 0] ?? [];
  const wanted = same === undefined ? difference.counterparts : fired;
  const rules = tcpRuleSpecs.filter(
    ({ id }) => fired.some((rule) => rule === id) && wanted.some((rule) => rule === id),
  );
  return rules.map((rule) => sentenceIn(rule, side.kernel.name)).join(' ');
}

/** `as 4.15`, `as both`, … */
function likenessInWords(likeness: Likeness, [older, newer]: readonly [string, string]): string {
  switch (likeness) {
    case 'older':
      return `as ${older}`;
    case 'newer':
      return `as ${newer}`;
    case 'both':
      return 'as both';
    case 'neither':
      return 'as neither';
    case 'cannot tell':
      return 'cannot tell';
  }
}

/** Why these kernels do not explain a scenario, or why it was not recorded. */
function reasons({ unable, reports }: ComparedScenario, kernels: readonly string[]): string[] {
  if (unable !== undefined) return [unable];
  return reports
    .filter(({ kernel, verdict }) => kernels.includes(kernel) && verdict !== 'conforms')
    .map(({ kernel, line, message = '', rule }) => {
      const place = line === undefined ? '' : line === 1 ? 'settings: ' : `step ${line - 1}: `;
      return `${kernel}: ${place}${message}${rule === undefined ? '' : ` (${rule})`}`;
    });
}

/** How many scenarios or rows came to what. */
type Tally = ReadonlyMap<string, number>;

function tallyOf(words: readonly string[]): Tally {
  const tally = new Map<string, number>();
  for (const word of words) tally.set(word, (tally.get(word) ?? 0) + 1);
  return tally;
}

const tallyInWords = (tally: Tally): string =>
  [...tally]
    .sort(([, a], [, b]) => b - a)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');

/** What the running kernel did in a scenario, among all that are compared. */
function scenarioInWords({ unable, like, reports }: ComparedScenario, kernels: readonly string[]): string {
  if (unable !== undefined || (like.length === 0 && reports.some(({ verdict }) => verdict === 'undecided'))) {
    return 'cannot tell';
  }
  if (like.length === 0) return 'as neither';
  return like.length === kernels.length ? 'as all' : `as ${like.join(' and ')}`;
}

/** The scenarios that no kernel explains. */
export const unexplained = ({ scenarios, kernels }: Comparison): readonly ComparedScenario[] =>
  scenarios.filter((one) => scenarioInWords(one, kernels) === 'as neither');

/** The whole comparison for a terminal. `files`: where the traces are, by scenario; none: they were not saved. */
export function comparisonInWords(comparison: Comparison, files: ReadonlyMap<string, string>): string[] {
  return [
    ...comparison.pairs.flatMap((pair) => pairInWords(pair, files)),
    ...goldenInWords(comparison, files),
    '',
    ...comparisonSummary(comparison),
  ];
}

function pairInWords(pair: ComparedPair, files: ReadonlyMap<string, string>): string[] {
  const names = pair.diff.kernels.map(({ name }) => name);
  const width = Math.max(...names.map((name) => name.length), 'live'.length);
  let heading = '';
  return comparisonRows(pair).flatMap((row) => {
    const lines = row.heading === heading ? [] : ['', row.heading];
    heading = row.heading;
    const file = files.get(row.scenario);
    return [
      ...lines,
      `  ${row.label}`,
      ...names.map((name) => `    ${name.padEnd(width)}  ${row.sentences[name] || '–'}`),
      `    ${'live'.padEnd(width)}  ${row.does} (${file ?? row.scenario})`,
      ...row.because.map((why) => `    ${' '.repeat(width)}    ${why}`),
    ];
  });
}

/** The recorded scenarios that no kernel explains. */
function goldenInWords(comparison: Comparison, files: ReadonlyMap<string, string>): string[] {
  const none = unexplained(comparison).filter(({ kind }) => kind === 'golden');
  if (none.length === 0) return [];
  const told = none.flatMap((one) => [
    `  ${files.get(one.id) ?? one.id}`,
    ...reasons(one, comparison.kernels).map((why) => `    ${why}`),
  ]);
  return ['', 'Recorded scenarios that no kernel explains', ...told];
}

/** What it comes to, in a few lines. */
export function comparisonSummary({ pairs, scenarios, kernels, running, milliseconds }: Comparison): string[] {
  const golden = scenarios.filter(({ kind }) => kind === 'golden');
  const all = tallyOf(scenarios.map((one) => scenarioInWords(one, kernels)));
  return [
    ...pairs.map((pair) => {
      const [a, b] = pair.diff.kernels;
      const rows = comparisonRows(pair);
      const words = tallyInWords(tallyOf(rows.map(({ does }) => does)));
      const untold = pair.untold === 0 ? '' : `; ${pair.untold} more that no trace tells`;
      return `${a.name} and ${b.name}: ${rows.length} differences: ${words}${untold}`;
    }),
    `recorded scenarios: ${golden.length}: ${tallyInWords(tallyOf(golden.map((one) => scenarioInWords(one, kernels))))}`,
    ...kernels.map((kernel) => {
      const explained = scenarios.filter(({ like }) => like.includes(kernel)).length;
      const rejected = scenarios.filter(({ reports }) =>
        reports.some((one) => one.kernel === kernel && one.verdict === 'violates'),
      ).length;
      return `${kernel} explains ${explained} of ${scenarios.length} scenarios, and rejects ${rejected}`;
    }),
    `This machine's Linux ${nameOf(running)}: ${tallyInWords(all)}, in ${(milliseconds / 1000).toFixed(1)} s`,
  ];
}

const nameOf = ({ release, upstream }: Comparison['running']): string =>
  upstream === undefined ? release : `${release} (${upstream})`;

/** Lines of JSON: one a difference, one a recorded scenario, and a summary. */
export function comparisonLines(comparison: Comparison, files: ReadonlyMap<string, string>): string[] {
  const { pairs, scenarios, kernels, running, milliseconds } = comparison;
  const fileOf = (scenario: string): { readonly file?: string } => {
    const file = files.get(scenario);
    return file === undefined ? {} : { file };
  };
  const rows = pairs.flatMap((pair) => {
    const between = pair.diff.kernels.map(({ name }) => name);
    return comparisonRows(pair).map((row) => ({ between, ...row, ...fileOf(row.scenario) }));
  });
  const golden = scenarios
    .filter(({ kind }) => kind === 'golden')
    .map((one) => ({
      golden: one.id,
      does: scenarioInWords(one, kernels),
      like: one.like,
      ...(one.unable === undefined ? {} : { unable: one.unable }),
      reports: one.reports,
      ...fileOf(one.id),
    }));
  const summary = {
    kernels,
    running,
    scenarios: Object.fromEntries(tallyOf(scenarios.map((one) => scenarioInWords(one, kernels)))),
    milliseconds,
  };
  return [...rows, ...golden, { summary }].map((line) => JSON.stringify(line));
}

/** A page in Markdown: a table for each pair, and the summary. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { kernels, running } = comparison;
  const sections = comparison.pairs.map((pair) => {
    const names = pair.diff.kernels.map(({ name }) => name);
    const cells = comparisonRows(pair).map((row) => [
      row.heading,
      `${row.kernel} \`${row.label}\``,
      ...names.map((name) => row.sentences[name] || '–'),
      row.because.length === 0 ? row.does : `${row.does}: ${row.because.join('; ')}`,
      `\`${row.scenario}\`: ${row.events ?? ''}`,
    ]);
    const head = ['question', 'rule', ...names, 'live', 'scenario'];
    return `## ${names.join(' and ')}\n\n${table([head, head.map(() => '---'), ...cells])}`;
  });
  const summary = comparisonSummary(comparison).map((line) => `- ${line}`);
  return `# Linux ${nameOf(running)} beside the models of ${kernels.join(', ')}\n\n${sections.join('\n\n')}\n\n## Summary\n\n${summary.join('\n')}\n`;
}

function table(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return rows.map(line).join('\n');
}
