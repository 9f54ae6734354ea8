/** What settings mean, in words: a column for each kernel, or for several of which the same is said. */

import type { AcceptQueueFull, Limits, Schedule, Span, SynQueue } from './limits.js';
import { PROBES, RESENDS } from './limits.js';
import type { PacketLimits } from './packet-limits.js';
import type { Outcome, Reply } from './probe.js';

/** How the text is laid out. */
export interface LimitsTextOptions {
  /** Columns of the terminal. Default 100. */
  readonly width?: number;
}

/** A line of the table: a label and a cell for each column. Without cells it is a heading, or nothing but distance. */
export interface LimitsRow {
  readonly label: string;
  readonly cells: readonly string[];
}

type Row = LimitsRow;

const GAP = 2;

/** How narrow a column may be. */
const NARROWEST = 20;

/** The answers for one or more kernels, side by side; one table below the other where they do not fit. Ends with a line end. */
export function renderLimits(all: readonly Limits[], { width = 100 }: LimitsTextOptions = {}): string {
  const rows = joined(rowsOf(all));
  const first = Math.max(...rows.map(({ label, cells }) => (cells.length === 0 ? 0 : label.length))) + GAP;
  const columns = rows[0]?.cells.length ?? 0;
  const most = Math.max(1, Math.floor((width - first) / (NARROWEST + GAP)));
  const tables = Math.max(1, Math.ceil(columns / most));
  return Array.from({ length: tables }, (_, i) => {
    const [from, to] = [i, i + 1].map((n) => Math.ceil((n * columns) / tables));
    const part = rows.map(({ label, cells }) => ({ label, cells: cells.slice(from, to) })).filter(hasContent);
    return table(part, first, width);
  }).join('\n');
}

/** The table as data, for those who lay it out themselves: the first row names the kernels; neighbours of which the same is said share a column. */
export const limitsRows = (all: readonly Limits[]): readonly LimitsRow[] => joined(rowsOf(all)).filter(hasContent);

function table(rows: readonly Row[], first: number, width: number): string {
  const column = Math.max(NARROWEST, Math.floor((width - first) / Math.max(1, rows[0]?.cells.length ?? 0)) - GAP);
  return rows
    .map(({ label, cells }) =>
      layOut(
        cells.length === 0 ? label : label.padEnd(first),
        cells.map((cell) => wrap(cell, column)),
        column,
      ),
    )
    .join('');
}

/** Neighbouring columns that say the same, made one: the first row names the kernels. */
function joined(rows: readonly Row[]): Row[] {
  const [head, ...body] = rows;
  if (head === undefined) return [];
  const column = (i: number): string => JSON.stringify(body.map(({ cells }) => cells[i]));
  const starts = head.cells.map((_, i) => i).filter((i) => i === 0 || column(i) !== column(i - 1));
  const names = starts.map((start, k) => head.cells.slice(start, starts[k + 1]).join(', '));
  const kept = ({ label, cells }: Row): Row => ({ label, cells: cells.filter((_, i) => starts.includes(i)) });
  return [{ ...head, cells: names.map((name) => `Linux ${name}`) }, ...body.map(kept)];
}

function rowsOf(all: readonly Limits[]): Row[] {
  const row = (label: string, cell: (one: Limits) => string): Row => ({ label, cells: all.map(cell) });
  const heading = (label: string): Row[] => [
    { label: '', cells: [] },
    { label, cells: [] },
  ];
  const names = [...new Set(all.flatMap(({ sysctl, refused }) => [...Object.keys(sysctl), ...Object.keys(refused)]))];
  const someQueue = all.some(({ packetBacklog }) => packetBacklog !== undefined);
  const ifFull = (cell: (one: AcceptQueueFull) => string) => (one: Limits) => {
    const queue = one.acceptQueue?.full;
    return queue === undefined ? '' : cell(queue);
  };
  return [
    row(`listen(fd, ${all[0]?.backlog ?? 0})`, ({ kernel }) => kernel),
    row('  gives', ({ listen }) => (listen === 0 ? '0' : listen)),
    ...names.map((name) => row(`  ${name.replace(/^net\.(core|ipv4)\./, '')}`, (one) => setting(one, name))),
    ...heading('Accept queue'),
    row('  limit (Send-Q of ss -lnt)', ({ acceptQueue }) => number(acceptQueue?.limit)),
    row('  holds', ({ acceptQueue }) => plural(acceptQueue?.capacity, 'connection')),
    row('  full: a new SYN', (one) => (cannotFill(one) ? NEVER_FULL : ifFull(newSyn)(one))),
    row(
      '    the client',
      ifFull(({ syn }) => clientOfSyn(syn.reply)),
    ),
    row(
      "  full: a handshake's last ACK",
      ifFull(({ ack }) => `${answered(ack.reply, 'is ignored')}; ${moved(ack)}`),
    ),
    row(
      '    the client',
      ifFull(({ ack }) => clientOfAck(ack.reply)),
    ),
    row(
      '    when it writes later',
      ifFull(({ write, ack }) => written(write, ack.reply)),
    ),
    ...heading('SYN queue'),
    row('  holds', ({ synQueue }) => held(synQueue)),
    row('  then a new SYN', ({ synQueue }) => refusedSyn(synQueue?.syn)),
    row('    the client', ({ synQueue }) => (synQueue?.syn === undefined ? '' : clientOfSyn(synQueue.syn.reply))),
    row('  last quarter', (one) => lastQuarter(one)),
    row('  old requests dropped early', ({ synQueue }) => early(synQueue)),
    ...heading('A request that nobody acknowledges'),
    row('  SYN-ACK again after', ({ schedule }) => resends(schedule)),
    row('  dropped after', ({ schedule }) => death(schedule)),
    row('  while the SYN queue is full', ({ scheduleWhenFull }) => deathWhenFull(scheduleWhenFull)),
    ...heading('A cookie'),
    row('  is good for', cookieLife),
    ...heading('Packet backlog: a queue for each CPU, in front of both'),
    row('  holds', ({ packetBacklog, listen }) =>
      packetBacklog === undefined && listen === 0 && someQueue ? 'is not modelled' : heldPackets(packetBacklog),
    ),
    row('  a softirq processes', ({ packetBacklog }) => softirqs(packetBacklog)),
    row('  then a new SYN', ({ packetBacklog }) => lostSyn(packetBacklog)),
    row('    the client', ({ packetBacklog }) => (packetBacklog?.full === undefined ? '' : clientOfSyn('nothing'))),
    row('  is passed by', ({ packetBacklog }) => passedBy(packetBacklog)),
  ];
}

/** False for a row whose cells are all empty, and for the heading (and the empty line before it) of a section of nothing but those. */
function hasContent({ cells }: Row, at: number, rows: readonly Row[]): boolean {
  if (cells.length > 0) return cells.some((cell) => cell !== '');
  const section = rows.slice(at).findIndex((row) => row.cells.length > 0) + at;
  const next = rows.findIndex((row, i) => i > section && row.cells.length === 0);
  return rows.slice(section, next < 0 ? rows.length : next).some((row) => row.cells.some((cell) => cell !== ''));
}

const MAX_SYN_BACKLOG = 'net.ipv4.tcp_max_syn_backlog';

const NEVER_FULL = 'it never is: too few SYNs are admitted';

const cannotFill = ({ acceptQueue }: Limits): boolean => acceptQueue !== undefined && acceptQueue.full === undefined;

function setting({ sysctl, asked, refused }: Limits, name: string): string {
  if (!(name in sysctl || name in refused)) return 'is not modelled';
  const value = name in sysctl ? String(sysctl[name]) : 'none';
  if (name === MAX_SYN_BACKLOG && !(name in asked)) return `${value} (the default hangs on memory)`;
  return name in refused ? `${value} (the new value is refused: ${refused[name]})` : value;
}

function newSyn({ admitted, syn, laterSyn }: AcceptQueueFull): string {
  const most = `${answered(syn.reply, 'is dropped')}; ${moved(syn)}`;
  if (admitted === 0) return most;
  const later = laterSyn.reply === 'SYN-ACK' ? '; once those have been answered again, SYNs are admitted again' : '';
  return `${admitted} are admitted, the next one ${most}${later}`;
}

function refusedSyn(syn: Outcome | undefined): string {
  if (syn === undefined) return '';
  const warns = syn.log.length > 0 ? '; the kernel log warns' : '';
  return `${answered(syn.reply, 'is dropped')}; ${moved(syn)}${warns} (${syn.rules.at(-1)})`;
}

/** What became of a segment. `silent`: the words for no answer. */
function answered(reply: Reply, silent: string): string {
  switch (reply) {
    case 'nothing':
      return silent;
    case 'cookie':
      return 'is answered with a cookie, and nothing is kept';
    case 'SYN-ACK':
      return 'is answered';
    case 'reset':
      return 'is answered with a reset';
    case 'ACK':
      return 'is answered with an ACK';
  }
}

function moved({ counters }: Outcome): string {
  return counters.length === 0 ? 'no counter moves' : `counts ${counters.join(', ')}`;
}

function clientOfSyn(reply: Reply): string {
  switch (reply) {
    case 'nothing':
      return 'sends its SYN again and again; connect() fails with ETIMEDOUT unless there is room in time';
    case 'reset':
      return 'connect() fails with ECONNREFUSED';
    default:
      return 'connect() succeeds';
  }
}

function clientOfAck(reply: Reply): string {
  if (reply === 'reset') return 'connect() had succeeded; the next call fails with ECONNRESET';
  return 'believes that it is connected; the server has no connection, and does not acknowledge what it writes';
}

function written(write: Outcome | undefined, ack: Reply): string {
  if (ack === 'reset') return '';
  if (write === undefined) return 'the request does not expire';
  return `what it writes once nothing is left of the request ${answered(write.reply, 'is ignored')}; ${moved(write)}`;
}

function held(queue: SynQueue | undefined): string {
  if (queue === undefined) return '';
  return queue.capacity === undefined ? `more than ${PROBES} requests` : plural(queue.capacity, 'request');
}

function lastQuarter({ synQueue, sysctl }: Limits): string {
  if (synQueue === undefined) return '';
  const { lastQuarterFrom: from, capacity } = synQueue;
  const kept = from === undefined ? `more than ${PROBES}` : String(from);
  if (sysctl['net.ipv4.tcp_syncookies'] !== 0)
    return `not kept while cookies are on (without them: from ${kept} requests on)`;
  const reached = from !== undefined && from === capacity;
  return `kept for known clients from ${kept} requests on${reached ? '' : ', which the queue does not reach'}`;
}

function early(queue: SynQueue | undefined): string {
  if (queue === undefined) return '';
  return queue.earlyDropsFrom === undefined ? 'never' : `from ${plural(queue.earlyDropsFrom, 'request')} on`;
}

function resends(schedule: Schedule | undefined): string {
  if (schedule === undefined) return '';
  if (schedule.resends.length === 0) return 'never';
  const shown = schedule.resends.slice(0, 10).map(range);
  const more = schedule.resends.length > shown.length ? `, … (${schedule.resends.length} times or more)` : '';
  return `${shown.join(', ')} s${more}`;
}

function death(schedule: Schedule | undefined): string {
  if (schedule === undefined) return '';
  return schedule.dies === undefined ? `not within ${RESENDS} retransmissions` : `${range(schedule.dies)} s`;
}

function deathWhenFull(schedule: Schedule | undefined): string {
  if (schedule === undefined) return '';
  return schedule.dies === undefined ? death(schedule) : `${range(schedule.dies)} s`;
}

function cookieLife({ cookies: life, listen }: Limits): string {
  if (listen !== 0) return '';
  if (life === undefined) return 'is never sent';
  const alone = `${range(life.alone)} s`;
  const others = `${range(life.amongOthers)} s`;
  return alone === others ? alone : `${alone}; ${others} while the listener goes on sending cookies`;
}

function heldPackets(queue: PacketLimits | undefined): string {
  if (queue === undefined) return '';
  const { capacity, whileProcessing } = queue;
  if (capacity === undefined) return `more than ${PROBES} packets`;
  return `${plural(capacity, 'packet')}${whileProcessing > 0 ? ', and as many again while softirqs process those' : ''}`;
}

function softirqs(queue: PacketLimits | undefined): string {
  if (queue === undefined) return '';
  const { perSoftirq, runs } = queue;
  const all = runs === undefined ? '' : `; a full queue takes ${plural(runs, 'softirq')}`;
  return `${plural(perSoftirq, 'packet')} of a full queue, if time allows${all}`;
}

function lostSyn(queue: PacketLimits | undefined): string {
  if (queue?.full === undefined) return '';
  const { columns, rule, tcpSawIt } = queue.full;
  const seen = tcpSawIt ? 'though TCP sees it' : 'before TCP sees it: no counter of TCP moves';
  return `is dropped ${seen}; counts ${columns.join(' and ')} in /proc/net/softnet_stat (${rule})`;
}

const passedBy = (queue: PacketLimits | undefined): string =>
  queue?.passedByPolls === true
    ? 'packets of drivers with a poll of their own (NAPI), unless they are steered (RPS)'
    : '';

/** `1.0` or `1.0-1.1`, in seconds, to the tenth. */
function range({ least, most }: Span): string {
  const [a, b] = [least.toFixed(1), most.toFixed(1)];
  return a === b ? a : `${a}-${b}`;
}

const number = (value: number | undefined): string => (value === undefined ? '' : String(value));

const plural = (value: number | undefined, noun: string): string =>
  value === undefined ? '' : `${value} ${noun}${value === 1 ? '' : 's'}`;

/** The lines of a row. */
function layOut(label: string, cells: readonly (readonly string[])[], column: number): string {
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  const lines = Array.from({ length: height }, (_, i) => {
    const texts = cells.map((cell) => (cell[i] ?? '').padEnd(column + GAP));
    return `${i === 0 ? label : ' '.repeat(label.length)}${texts.join('')}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

/** Breaks at spaces, and after a slash where a word is too long for a line. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => (one.length > width ? one.split(/(?<=\/)/) : one))) {
    const glued = line === '' || line.endsWith('/') ? `${line}${word}` : `${line} ${word}`;
    if (glued.length <= width || line === '') line = glued;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}
