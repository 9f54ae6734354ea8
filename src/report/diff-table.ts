/** The differences between two kernels as a table: for people at a terminal, and as Markdown for the repository. */

import type { Contrast, Side } from '../conformance/contrast.js';
import type { FoundDifference, KernelDiff, Showing } from '../conformance/diff.js';
import type { Reasons } from '../conformance/diff-reasons.js';
import { labelOf } from '../conformance/differences.js';
import { AREAS, areaOf, titleOf } from '../conformance/topics.js';
import type { TraceEvent } from '../generated/types.js';
import { kernelSpec } from '../host/kernel-spec.js';
import { eventInWords, resultInWords, sentInWords } from './words.js';

/** A row: a difference, the scenario that shows it, and what either kernel does. */
export interface DiffRow {
  readonly heading: string;
  /** The kernel that has it, and what it is. */
  readonly kernel: string;
  readonly label: string;
  readonly sentence: string;
  /** Name of the scenario; absent: none shows it. */
  readonly scenario?: string;
  readonly events?: string;
  /** Which step shows it, and what to know of that. */
  readonly step?: string;
  /** What each kernel does in that step, older first. */
  readonly does?: readonly [string, string];
  /** Where no scenario shows it: why. */
  readonly reason?: string;
}

/** One row for each difference, in the order of topics. */
export function diffRows(diff: KernelDiff): DiffRow[] {
  const scenarios = new Map(diff.scenarios.map((one) => [one.candidate.id, one]));
  return diff.found.map((found) => {
    const { difference, showing, same, reason } = found;
    const row = {
      heading: headingOf(found),
      kernel: difference.kernel,
      label: labelOf(difference),
      sentence: difference.kind === 'rule' ? difference.sentence : SENTENCES[difference.kind],
    };
    const other = diff.kernels.find(({ name }) => name !== difference.kernel)?.name ?? '';
    if (reason !== undefined) {
      const see = reason.see === undefined ? '' : ` See \`${reason.see}\`.`;
      return { ...row, reason: `${reason.reason}${see}` };
    }
    if (same !== undefined) {
      const rules = same.rules.map((rule) => `\`${rule}\``).join(', ');
      const by = rules === '' ? 'without any rule' : `by ${rules}`;
      return { ...row, reason: `Where it fires, ${other} does the same, ${by}: \`${same.scenario}\`.` };
    }
    const shown = showing === undefined ? undefined : scenarios.get(showing.scenario);
    if (showing === undefined || shown === undefined) return { ...row, reason: 'No scenario was found that shows it.' };
    const { candidate, sides } = shown;
    const { sysctl, sockopt, events } = candidate.scenario;
    const settings = Object.entries({ ...sysctl, ...sockopt }).map(([name, value]) => `${name}=${value}`);
    const told = [...settings.sort(), ...eventsInWords(events)].join('; ');
    return {
      ...row,
      scenario: candidate.id,
      events: `${told}${releasesInWords(candidate.releases)}`,
      step: stepInWords(showing),
      does: outcomes(sides, showing),
    };
  });
}

const SENTENCES = {
  counter: 'Only this kernel has the counter.',
  sysctl: 'What the sysctl accepts, or has by default.',
} as const;

function headingOf({ difference }: FoundDifference): string {
  switch (difference.kind) {
    case 'rule':
      return `${AREAS[areaOf(difference.topic)] ?? difference.topic}: ${titleOf(difference.topic)}`;
    case 'counter':
      return 'Counters';
    case 'sysctl':
      return 'Sysctls';
  }
}

/** The events; those that follow each other and differ only in their peers, or each go on where the one before ends, are told once. */
function eventsInWords(events: readonly TraceEvent[]): string[] {
  const runs: Run[] = [];
  for (const event of events) {
    const shape = shapeOf(event);
    const run = runs.at(-1);
    if (run !== undefined && run.shape === shape && goesOn(run, event)) run.events.push(event);
    else runs.push({ shape, events: [event] });
  }
  return runs.flatMap((run) => {
    const [first, ...more] = run.events;
    if (first === undefined) return [];
    if (more.length === 0) return [eventInWords(first)];
    const isSame = more.every((event) => JSON.stringify(event) === JSON.stringify(first));
    const where = isSame || !isStream(run.events) ? '' : ', each where the one before ends';
    const rest = isSame && more.length === 1 ? 'the same again' : `${more.length} more like that${where}`;
    return [eventInWords(first), rest];
  });
}

/** Events that are alike. */
interface Run {
  readonly shape: string;
  readonly events: TraceEvent[];
}

/** An event without its peers and their numbers. */
const shapeOf = (event: TraceEvent): string =>
  JSON.stringify(event, (key, value: unknown) => (key === 'peer' || key === 'seq' ? 0 : value));

/** Whether an event of the same shape is one more of the run: alike in its numbers, or, in a stream of data, the next piece. */
function goesOn({ events }: Run, event: TraceEvent): boolean {
  const last = events.at(-1) as TraceEvent;
  if (JSON.stringify(numbersOf(last)) === JSON.stringify(numbersOf(event))) return !isStream(events);
  return isStream([last, event]) && (events.length === 1 || isStream(events));
}

const numbersOf = (event: TraceEvent): number[] => ('segments' in event ? event.segments.map(({ seq }) => seq) : []);

/** Whether each of two or more events is a piece of one peer's data that begins where the one before ends. */
function isStream(events: readonly TraceEvent[]): boolean {
  if (events.length < 2 || !events.every((event) => 'segments' in event)) return false;
  const pieces = events.flatMap(({ segments }) => segments);
  return pieces.every(({ peer, seq, len = 0 }, i) => {
    const before = pieces[i - 1];
    if (len === 0 || before === undefined) return len > 0;
    return peer === before.peer && seq === (before.seq + (before.len ?? 0)) >>> 0;
  });
}

function releasesInWords(releases: Readonly<Record<string, string>> | undefined): string {
  return releases === undefined ? '' : ` (on ${Object.values(releases).join(', ')})`;
}

function stepInWords({ step, fired, evidence }: Showing): string {
  if (evidence === 'log') return `${fired} (kernel log)`;
  if (fired < step) return `${step} (it fires in ${fired === 0 ? 'the settings' : fired})`;
  if (fired > step) return `${fired} (they part in ${step === 0 ? 'the settings' : step})`;
  return step === 0 ? 'the settings' : String(step);
}

/** What tells the two sides apart, of each. */
function outcomes(sides: Contrast, { step, fired, evidence }: Showing): readonly [string, string] {
  const at = evidence === 'log' ? fired : Math.max(step, fired);
  const [a, b] = [seenIn(sides[0], at, evidence), seenIn(sides[1], at, evidence)];
  const cell = (own: Seen, other: Seen): string => {
    const told = own.flatMap((items, i) => {
      const only = items.filter((item) => other[i]?.includes(item) !== true);
      return only.length === 0 ? [] : [shortened(only.join(', '))];
    });
    return told.length === 0 ? 'nothing of that' : told.join('; ');
  };
  return [cell(a, b), cell(b, a)];
}

/** What a step shows, by kind. */
type Seen = readonly (readonly string[])[];

function seenIn({ trace }: Side, at: number, evidence: Showing['evidence']): Seen {
  const step = trace.steps[at - 1];
  if (step === undefined) {
    const refused = Object.entries(trace.header.sysctlErrors ?? {}).map(([name, errno]) => `refuses ${name}: ${errno}`);
    return [refused.length === 0 ? ['accepts the settings'] : refused];
  }
  if (evidence === 'log') return [step.log.length === 0 ? ['logs nothing'] : [`logs ${step.log.join(' / ')}`]];
  const { listener, counters, sockets = [] } = step.observed;
  return [
    [resultInWords(step) ?? ''],
    step.out.length === 0 ? ['sends nothing'] : sentInWords(step.out),
    Object.entries(counters).map(([name, by]) => `${name} +${by}`),
    listener === undefined ? [] : [`${listener.state}, queue ${listener.acceptQueue} of ${listener.maxAcceptQueue}`],
    sockets.map((row) => `row ${row.state} of peer ${row.peer}${row.accepted ? ', accepted' : ''}`),
    [`${sockets.length} ${sockets.length === 1 ? 'row' : 'rows'}`],
  ];
}

const LONGEST = 160;

const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** The table for a terminal, without those rows that `wanted` leaves out. */
export function diffInWords(diff: KernelDiff): string[] {
  const [a, b] = diff.kernels;
  let heading = '';
  return diffRows(diff).flatMap((row) => {
    const lines = row.heading === heading ? [] : ['', row.heading];
    heading = row.heading;
    lines.push(`  ${row.kernel}  ${row.label}: ${row.sentence}`);
    if (row.does === undefined) return [...lines, `    not told apart: ${row.reason ?? ''}`];
    return [
      ...lines,
      `    scenario  ${row.scenario ?? ''}: ${row.events ?? ''}`,
      `    step      ${row.step ?? ''}`,
      ...[a, b].map(({ name }, i) => `    ${name.padEnd(8)}  ${row.does?.[i] ?? ''}`),
    ];
  });
}

/** How many differences are shown, and how the others are explained. */
export function diffSummary({ found, scenarios }: KernelDiff): string {
  const shown = found.filter(({ showing }) => showing !== undefined).length;
  const same = found.filter((one) => one.same !== undefined).length;
  const reasons = found.filter((one) => one.reason !== undefined).length;
  const missing = found.length - shown - same - reasons;
  return `${found.length} differences: ${shown} shown by ${scenarios.length - same} scenarios, ${same} where the other kernel does the same, ${reasons} explained, ${missing} not found`;
}

/** The page of spec/diff. */
export function diffMarkdown(diff: KernelDiff, { constants }: Reasons): string {
  const [a, b] = diff.kernels;
  const rows = diffRows(diff);
  const headings = [...new Set(rows.map(({ heading }) => heading))];
  const sections = headings.map((heading) => {
    const own = rows.filter((row) => row.heading === heading);
    const shown = own.filter(({ does }) => does !== undefined);
    const others = own.filter(({ does }) => does === undefined);
    const cells = shown.map((row) => [
      `${row.kernel} \`${row.label}\``,
      `\`${row.scenario ?? ''}\`: ${row.events ?? ''}`,
      row.step ?? '',
      ...(row.does ?? []),
    ]);
    const list = others.map((row) => `- ${row.kernel} \`${row.label}\`: ${row.reason ?? ''}`);
    const parts = [
      ...(cells.length === 0 ? [] : [markdownTable(['rule', 'scenario', 'step', a.name, b.name], cells)]),
      ...(list.length === 0 ? [] : [list.join('\n')]),
    ];
    return `## ${heading}\n\n${parts.join('\n\n')}`;
  });
  return `# ${a.name} and ${b.name}, scenario by scenario

Generated by \`npm run diff-kernels\`; do not edit. For each difference of [differences.md](../differences.md) the smallest scenario that was
found to show it: what one kernel does there, the other cannot. ${a.name}-${b.name}.ndjson has the scenarios as traces of both kernels;
\`tcp-backlog explain\` tells them, and \`tcp-backlog diff ${a.name} ${b.name}\` finds them again. A step is the one that shows the difference, with what
differs in it. Where a rule fires in another step than the one in which the kernels part, that is said.

${diffSummary(diff)}.

${[...sections, ...constantsSection(a.name, b.name, constants)].join('\n\n')}
`;
}

/** The constants in which two kernels differ, by name. */
export function differingConstants(a: string, b: string): string[] {
  const [before, after] = [kernelSpec(a)?.constants ?? {}, kernelSpec(b)?.constants ?? {}];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .filter((name) => before[name]?.value !== after[name]?.value || before[name]?.unit !== after[name]?.unit);
}

/** Nothing where no constant differs. */
function constantsSection(a: string, b: string, rules: Reasons['constants']): string[] {
  const value = (kernel: string, name: string): string => {
    const constant = kernelSpec(kernel)?.constants[name];
    return constant === undefined ? '–' : `${constant.value} ${constant.unit}`;
  };
  const rows = differingConstants(a, b).map((name) => [
    `\`${name}\``,
    value(a, name),
    value(b, name),
    (rules[name] ?? []).map((rule) => `\`${rule}\``).join(', '),
  ]);
  if (rows.length === 0) return [];
  const table = markdownTable(['constant', a, b, 'matters to'], rows);
  return [
    `## Constants\n\nWhat the models read, and the rules in which that matters; – means that the model of that kernel has no use for it.\n\n${table}`,
  ];
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
