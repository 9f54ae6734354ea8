/** Timelines in a terminal: queues as columns of block characters, their limits as lines, and a row of letters for each kind of mark. */

import { scaleLinear } from 'd3-scale';
import type { MarkKind, Timeline } from '../timeline/timeline.js';
import {
  ACCEPT_QUEUE,
  type ColumnOfLine,
  columnsOf,
  heightOf,
  marksByColumn,
  type Queue,
  SYN_QUEUE,
  spanOf,
} from './timeline-chart.js';
import { countOf, grouped, KIND_WORDS, limitInWords, marksByKind } from './timeline-words.js';

/** How timelines are printed. */
export interface TimelineTextOptions {
  /** Columns of the terminal; at least {@link NARROWEST}. Default 80. */
  readonly width?: number;
  /** Colours the letters of a kind; by default they stay as they are. */
  readonly paint?: (kind: MarkKind, letters: string) => string;
}

/** The least width in which a timeline can be read. */
export const NARROWEST = 40;

/** Lines of a queue. */
const ROWS = 5;
const LABEL = 17;
const EIGHTHS = ' ▁▂▃▄▅▆▇█';

/** Timelines as lines, one below the other on the same scales, none longer than the width. */
export function timelineText(timelines: readonly Timeline[], options: TimelineTextOptions = {}): string[] {
  const { width = 80, paint = (_, letters) => letters } = options;
  const [from, until] = spanOf(timelines);
  // At the right there is room for how many marks a row has.
  const most = timelines.flatMap(({ marks }) =>
    [...marksByKind(marks).values()].map((some) => grouped(countOf(some)).length),
  );
  const columns = Math.max(NARROWEST, width) - LABEL - Math.max(0, ...most) - 1;
  const time = scaleLinear().domain([from, until]).range([0, columns]);
  const page: Page = {
    width: Math.max(NARROWEST, width),
    columns,
    column: (at) => Math.min(columns - 1, Math.floor(time(at))),
  };
  const heights = [SYN_QUEUE, ACCEPT_QUEUE].map((queue) => heightOf(timelines, queue));
  const lines = timelines.flatMap((timeline, i) => [
    ...(i > 0 ? [''] : []),
    cut(`Linux ${timeline.kernel}: ${timeline.title}`, page.width),
    ...chart(page, timeline, SYN_QUEUE, heights[0] ?? 1),
    ...chart(page, timeline, ACCEPT_QUEUE, heights[1] ?? 1),
    ...lanes(page, timeline, paint),
    ...axis(page, time),
  ]);
  return lines.map((line) => line.trimEnd());
}

interface Page {
  readonly width: number;
  readonly columns: number;
  readonly column: (at: number) => number;
}

const cut = (text: string, width: number): string => {
  const characters = [...text.replaceAll(/\p{C}/gu, '\uFFFD')];
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : characters.join('');
};

/** A queue: its longest length in each column, and below that the most of the part of it that is young. */
function chart({ columns, column, width }: Page, timeline: Timeline, queue: Queue, most: number): string[] {
  const whole = columnsOf(timeline, queue.length, column, columns);
  const part = queue.part === undefined ? whole : columnsOf(timeline, queue.part.length, column, columns);
  const limits = columnsOf(timeline, queue.limit, column, columns);
  const rows = Math.min(ROWS, Math.max(2, most));
  const lines: string[] = [];
  for (let row = rows - 1; row >= 0; row--) {
    const cells = Array.from({ length: columns }, (_, i) => cell(row, rows / most, whole[i], part[i], limits[i]));
    const label = row === rows - 1 ? grouped(most) : row === 0 ? '0' : '';
    lines.push(`${label.padStart(LABEL - 2)} ${row === 0 ? '└' : '│'}${cells.join('')}`);
  }
  return [caption(timeline, queue, most, width), ...lines];
}

/** A cell, which reaches from `row` to one above it; a request is `unit` rows high. */
function cell(
  row: number,
  unit: number,
  whole: ColumnOfLine | undefined,
  part: ColumnOfLine | undefined,
  limit: ColumnOfLine | undefined,
): string {
  const filled = eighths(whole?.most ?? 0, unit, row);
  const dark = eighths(part?.most ?? 0, unit, row);
  if (dark >= 8 || (dark > 0 && dark >= filled)) return EIGHTHS[Math.min(8, dark)] ?? ' ';
  if (dark <= 0 && (filled >= 4 || (filled > 0 && row === 0))) return '░';
  if (dark > 0) return filled >= 4 && dark < 4 ? '░' : (EIGHTHS[dark] ?? ' ');
  // Its line is at the top of what fits, and so in the cell below that.
  const isLimit = limit !== undefined && Math.ceil(limit.last * unit) - 1 === row;
  return isLimit || (limit?.last === 0 && row === 0) ? '╌' : ' ';
}

/** How much of a row so many fill; one of however many is to be seen. */
const eighths = (length: number, unit: number, row: number): number =>
  length > 0 && row === 0 ? Math.max(1, Math.round(length * unit * 8)) : Math.round((length * unit - row) * 8);

function caption({ samples }: Timeline, { name, part, limit }: Queue, most: number, width: number): string {
  const limits = samples.map(limit);
  const words = limitInWords(limits);
  const above = limits.some((one) => one !== undefined && one > most) ? ' ↑' : '';
  const full = words === undefined ? 'nobody listens' : `╌ full at ${words}${above}`;
  const young = part === undefined ? '' : `  █ ${part.name}  ░ older`;
  return cut(`${name}${young}  ${full}`, width);
}

/** A row for each kind of mark: a letter where there are some, and how many there are. */
function lanes(
  { columns, column }: Page,
  { marks }: Timeline,
  paint: NonNullable<TimelineTextOptions['paint']>,
): string[] {
  return [...marksByKind(marks)].map(([kind, some]) => {
    const { label, letter } = KIND_WORDS[kind];
    const places = marksByColumn(some, column);
    const letters = Array.from({ length: columns }, (_, i) => (places.has(i) ? letter : ' ')).join('');
    return `${label.padStart(LABEL - 4)} ${letter} │${letters === '' ? '' : paint(kind, letters)} ${grouped(countOf(some))}`;
  });
}

/** Times below the columns that they belong to, as many as there is room for. */
function axis({ columns, column }: Page, time: ReturnType<typeof scaleLinear<number, number>>): string[] {
  const [from = 0, until = 0] = time.domain();
  const [unit, name] = until - from < 5_000 ? [1, 'µs'] : until - from < 5_000_000 ? [1000, 'ms'] : [1_000_000, 's'];
  let line = '';
  let ticks = '';
  for (const at of time.ticks(Math.floor(columns / 12))) {
    const place = column(at);
    const label = `${Number((at / unit).toPrecision(12))} ${name}`;
    if (place < line.length + (line === '' ? 0 : 1) || place + label.length > columns) continue;
    line = line.padEnd(place) + label;
    ticks = `${ticks.padEnd(place, '─')}┬`;
  }
  const indent = ' '.repeat(LABEL - 1);
  return [`${indent}└${ticks.padEnd(columns, '─')}`, `${indent} ${line}`];
}
