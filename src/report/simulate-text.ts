/** What came of a workload, as text: the kernels side by side, and for each what began when. */

import type { FoundBacklog } from '../simulate/find-backlog.js';
import type { Fates, Latency, QueueUse, Trouble, WorkloadResult } from '../simulate/result.js';
import type { Sign } from '../simulate/signs.js';

/** A line of the table. Without cells it is a heading. */
export interface SimulationRow {
  readonly label: string;
  readonly cells: readonly string[];
}

type Row = SimulationRow;

const FATES: readonly (readonly [keyof Fates, string])[] = [
  ['accepted', 'accepted'],
  ['waiting', 'wait in the accept queue'],
  ['refused', 'refused (ECONNREFUSED)'],
  ['reset', 'reset (ECONNRESET)'],
  ['connectTimedOut', 'connect() timed out (ETIMEDOUT)'],
  ['writeTimedOut', 'write timed out (ETIMEDOUT)'],
  ['gaveUp', 'lost patience'],
  ['hanging', 'connected on their side only'],
  ['connecting', 'still in connect()'],
];

const SIGN_WORDS: Readonly<Record<Sign, string>> = {
  'syn-dropped': 'SYN dropped',
  'ack-dropped': 'ACK ignored',
  'ack-deferred': 'ACK put off',
  cookie: 'cookie sent',
  reset: 'reset sent',
  retransmission: 'SYN-ACK sent again',
  expired: 'request forgotten',
};

/** The results of one workload, which may have a title, on one or more kernels; ends with a line end. `width`: columns of the terminal, for the sentences. */
export function renderSimulation(title: string | undefined, results: readonly WorkloadResult[], width = 100): string {
  const parts = [...(title === undefined ? [] : [`${title}\n`]), table(simulationRows(results))];
  for (const result of results) parts.push(story(result, width));
  return parts.join('\n');
}

/** What a search for the smallest backlog found; ends with a line end. */
export function renderFound(found: FoundBacklog, width = 100): string {
  return wrapped(`Linux ${found.kernel}: ${foundInWords(found)}`, '', '  ', width).concat('\n');
}

function foundInWords({ backlog, caps, exceptions, result, sameSynQueueUpTo, runs }: FoundBacklog): string {
  if (backlog === undefined) {
    return `no backlog is enough, not even ${result.backlog} with ${Object.entries(result.sysctl)
      .filter(([name]) => /somaxconn|max_syn_backlog/.test(name))
      .map(([name, value]) => `${name}=${value}`)
      .join(' and ')} (${runs} runs)`;
  }
  const raised = caps.map(
    ({ sysctl, inForce, needed }) => `${sysctl} caps it at ${inForce} and has to be at least ${needed}`,
  );
  const same =
    sameSynQueueUpTo === undefined
      ? ''
      : `; its SYN queue holds ${count(result.synQueue.limit ?? 0)}, as with every backlog up to ${sameSynQueueUpTo}`;
  const odd = exceptions.length === 0 ? '' : `; against expectation it is otherwise with ${exceptions.join(', ')}`;
  const needs = raised.length === 0 ? '' : `; ${raised.join('; ')}`;
  return `a backlog of ${backlog} is the smallest that loses nothing${needs}${same}${odd} (${runs} runs)`;
}

/** The table of results as data: the first row names the kernels. */
export function simulationRows(results: readonly WorkloadResult[]): readonly SimulationRow[] {
  const row = (label: string, cell: (one: WorkloadResult) => string): Row => ({ label, cells: results.map(cell) });
  const some = (rows: readonly Row[]): Row[] =>
    rows.filter(({ cells }) => cells.some((cell) => cell !== '0' && cell !== ''));
  const heading = (label: string): Row => ({ label, cells: [] });
  const share = (part: number, { clients }: WorkloadResult): string =>
    part === 0 ? '0' : `${count(part)} (${percent(part / clients)})`;
  const afters = [...new Set(results.flatMap(({ connects }) => connects.map(({ after }) => after)))].sort(
    (a, b) => a - b,
  );
  const counters = [
    ...new Set(results.flatMap((one) => Object.keys(one.counters))),
  ] as (keyof WorkloadResult['counters'])[];
  const refused = [...new Set(results.flatMap((one) => Object.keys(one.refusedSysctls)))];
  return [
    row('', ({ kernel }) => `Linux ${kernel}`),
    row('listen()', ({ backlog, listen }) => (listen === 0 ? `backlog ${backlog}` : `fails with ${listen}`)),
    ...refused.map((name) => row(`  ${name}`, (one) => one.refusedSysctls[name] ?? 'set')),
    row('clients', ({ clients }) => count(clients)),
    row('lasts', ({ until }) => time(until)),
    ...some([
      row('SYNs of the flood', ({ flood }) => count(flood.syns)),
      row('  answered', ({ flood }) => count(flood.answered)),
    ]),
    heading('connect() succeeded'),
    ...afters.map((after) =>
      row(after === 0 ? '  with the first SYN' : `  with the SYN after ${time(after)}`, (one) =>
        share(one.connects.find((connects) => connects.after === after)?.clients ?? 0, one),
      ),
    ),
    heading('what came of the clients'),
    ...some(FATES.map(([fate, label]) => row(`  ${label}`, (one) => share(one.fates[fate], one)))),
    heading('from the first SYN: median, 90 %, 99 %, longest'),
    row('  until connected', ({ connectLatency }) => latency(connectLatency)),
    row('  until accepted', ({ acceptLatency }) => latency(acceptLatency)),
    heading('queues: deepest, of what is full'),
    row('  SYN queue', ({ synQueue }) => depth(synQueue)),
    row('    young', ({ synQueue }) => count(synQueue.deepestYoung)),
    ...some([row('    full for', ({ synQueue }) => fullFor(synQueue))]),
    row('  accept queue', ({ acceptQueue }) => depth(acceptQueue)),
    ...some([row('    full for', ({ acceptQueue }) => fullFor(acceptQueue))]),
    heading('counters'),
    ...counters.map((name) => row(`  ${name}`, (one) => count(one.counters[name] ?? 0))),
    ...some([row('lines in the kernel log', ({ logLines }) => count(logLines))]),
  ];
}

/** What went wrong on one kernel, in order of the first time; and its log. */
function story({ kernel, troubles, log, logLines }: WorkloadResult, width: number): string {
  const lines = [`Linux ${kernel}`];
  if (troubles.length === 0) lines.push('  nothing was dropped, repeated or reset');
  for (const { first, rule, sentence, sign, times } of troubles satisfies readonly Trouble[]) {
    const what = `${SIGN_WORDS[sign]}${times === 1 ? ' once' : `, ${count(times)} times`}`;
    lines.push(wrapped(`from ${seconds(first)} on: ${what}. ${sentence} (${rule})`, '  ', '    ', width));
  }
  for (const { at, line } of log.slice(0, 3)) lines.push(`  log at ${seconds(at)}: ${line}`);
  if (logLines > 3) lines.push(`  and ${count(logLines - 3)} more lines in the log`);
  return `${lines.join('\n')}\n`;
}

function table(rows: readonly Row[]): string {
  const columns = rows[0]?.cells.length ?? 0;
  const first = Math.max(...rows.map(({ label, cells }) => (cells.length === 0 ? 0 : label.length))) + 2;
  const widths = Array.from(
    { length: columns },
    (_, i) => Math.max(...rows.map(({ cells }) => cells[i]?.length ?? 0)) + 2,
  );
  return rows
    .map(({ label, cells }) => {
      const line = label.padEnd(first) + cells.map((cell, i) => cell.padEnd(widths[i] as number)).join('');
      return `${line.trimEnd()}\n`;
    })
    .join('');
}

function wrapped(text: string, first: string, other: string, width: number): string {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = other;
    }
    line += line.trim() === '' ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

const count = (value: number): string => value.toLocaleString('en-US');

const percent = (share: number): string => `${(100 * share).toFixed(share >= 0.1 || share === 0 ? 0 : 1)} %`;

const seconds = (us: number): string => `${(us / 1_000_000).toFixed(6)} s`;

/** A length of time with the unit that fits it. */
function time(us: number): string {
  if (us < 1000) return `${us} us`;
  if (us < 1_000_000) return `${Number((us / 1000).toPrecision(3))} ms`;
  return `${Number((us / 1_000_000).toPrecision(us < 1e9 ? 3 : 6))} s`;
}

const latency = (one: Latency | undefined): string =>
  one === undefined ? '-' : [one.p50, one.p90, one.p99, one.max].map(time).join(', ');

const depth = ({ deepest, limit }: QueueUse): string =>
  `${count(deepest)} of ${limit === undefined ? '-' : count(limit)}`;

const fullFor = ({ full }: QueueUse): string => (full === 0 ? '0' : time(full));
