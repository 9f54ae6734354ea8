/** Timelines as an SVG picture, one kernel below the other on the same scales. It needs nothing but itself, and nothing of the machine. */

import { scaleLinear } from 'd3-scale';
import { MARK_KINDS } from '../timeline/mark-kinds.js';
import type { Mark, MarkKind, Timeline } from '../timeline/timeline.js';
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
import { STYLE } from './timeline-style.js';
import { countOf, grouped, KIND_WORDS, limitInWords, marksInWords, timelineInWords } from './timeline-words.js';
import { escaped } from './xml.js';

/** How a picture is drawn. */
export interface TimelineSvgOptions {
  /** CSS pixels; at least 280. Default 800. */
  readonly width?: number;
  /** What the ids in the picture begin with: another one for each picture of a page. Default `timeline`. */
  readonly id?: string;
}

const LEFT = 100;
const RIGHT = 56;
const PAD = 12;
const HEAD = 26;
const CAPTION = 18;
const PLOT = 84;
const GAP = 10;
const LANE = 18;
const AXIS = 26;
/** Width of a column of marks. */
const COLUMN = 4;

/** A picture that is not wider has its captions below the levels, too, CSS pixels. */
const NARROW = 380;

/** Where times lie in a picture: from µs to CSS pixels. */
export interface TimelineScale {
  (at: number): number;
  /** The time at a place. */
  invert(x: number): number;
  /** The first and the last time. */
  domain(): number[];
  /** The left and the right edge. */
  range(): number[];
  /** About so many round times. */
  ticks(count: number): number[];
}

/** Where times lie in a picture of that width. */
export function timelineScale(timelines: readonly Timeline[], width = 800): TimelineScale {
  return scaleLinear()
    .domain(spanOf(timelines))
    .range([LEFT, width - RIGHT]);
}

/** A picture of timelines, as an `svg` element. The same timelines give the same text. */
export function timelineSvg(timelines: readonly Timeline[], options: TimelineSvgOptions = {}): string {
  const { width = 800, id = 'timeline' } = options;
  const kinds = MARK_KINDS.filter((kind) => timelines.some(({ marks }) => marks.some((mark) => mark.kind === kind)));
  const picture: Picture = {
    x: timelineScale(timelines, width),
    width,
    id,
    kinds,
    synHeight: heightOf(timelines, SYN_QUEUE),
    acceptHeight: heightOf(timelines, ACCEPT_QUEUE),
  };
  const each = HEAD + 2 * (CAPTION + PLOT + GAP) + kinds.length * LANE + AXIS;
  const height = PAD + timelines.length * each + (timelines.length - 1) * PAD + 4;
  const kernels = timelines.map(({ kernel }) => kernel).join(', ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="tcp-backlog" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc">`,
    `<title id="${id}-title">${escaped(`Queues of a listener over time: Linux ${kernels}`)}</title>`,
    `<desc id="${id}-desc">${escaped(timelines.map(timelineInWords).join('\n'))}</desc>`,
    `<style>${STYLE}</style>`,
    `<defs><pattern id="${id}-young" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="1.6" height="5"/></pattern></defs>`,
    `<rect class="paper" width="${width}" height="${height}" rx="6"/>`,
    ...timelines.map((one, i) => panel(picture, one, PAD + i * (each + PAD))),
    '</svg>',
    '',
  ].join('\n');
}

/** What all timelines of a picture share. */
interface Picture {
  readonly x: TimelineScale;
  readonly width: number;
  readonly id: string;
  readonly kinds: readonly MarkKind[];
  readonly synHeight: number;
  readonly acceptHeight: number;
}

/** One timeline. */
function panel(picture: Picture, timeline: Timeline, top: number): string {
  const { width, kinds, x } = picture;
  const synTop = HEAD;
  const acceptTop = synTop + CAPTION + PLOT + GAP;
  const lanesTop = acceptTop + CAPTION + PLOT + GAP;
  const bottom = lanesTop + kinds.length * LANE;
  const ticks = x.ticks(Math.max(2, Math.floor((width - LEFT - RIGHT) / 90)));
  const grid = ticks.map((at) => {
    const lines = [synTop + CAPTION, acceptTop + CAPTION].map((y) => `M${px(x(at))} ${y}v${PLOT}`);
    return lines.join('') + (kinds.length === 0 ? '' : `M${px(x(at))} ${lanesTop}v${kinds.length * LANE}`);
  });
  return [
    `<g transform="translate(0 ${top})">`,
    `<text class="head" x="${PAD}" y="14">Linux ${escaped(timeline.kernel)}${named(timeline.title, width)}</text>`,
    `<path class="grid" d="${grid.join('')}"/>`,
    queue(picture, timeline, SYN_QUEUE, 'syn', synTop),
    queue(picture, timeline, ACCEPT_QUEUE, 'accept', acceptTop),
    ...kinds.map((kind, i) => lane(picture, timeline, kind, lanesTop + i * LANE)),
    ...axis(x, ticks, bottom),
    '</g>',
  ].join('\n');
}

/** The title behind the kernel's name, as much of it as there is room for. */
function named(title: string, width: number): string {
  const room = Math.floor((width - 2 * PAD) / 6.6) - 14;
  const shown = [...title].length > room ? `${[...title].slice(0, room - 1).join('')}…` : title;
  return `<tspan class="soft" dx="8">${escaped(shown)}</tspan>`;
}

function axis(x: TimelineScale, ticks: readonly number[], y: number): string[] {
  const [from = 0, until = 0] = x.domain();
  const [unit, name] = until - from < 5_000 ? [1, 'µs'] : until - from < 5_000_000 ? [1000, 'ms'] : [1_000_000, 's'];
  const step = ((ticks[1] ?? 1) - (ticks[0] ?? 0)) / unit;
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const labels = ticks.map((at) => `<text x="${px(x(at))}" y="${y + 16}">${number(at / unit, decimals)}</text>`);
  const [left, right] = x.range();
  return [
    `<path class="axis" d="M${left} ${y + 0.5}H${right}${ticks.map((at) => `M${px(x(at))} ${y}v4`).join('')}"/>`,
    `<g class="times">${labels.join('')}</g>`,
    `<text class="unit" x="${(right ?? 0) + 18}" y="${y + 16}">${name}</text>`,
  ];
}

const number = (value: number, decimals: number): string => {
  const [whole = '', fraction] = value.toFixed(decimals).split('.');
  return grouped(Number(whole)) + (fraction === undefined ? '' : `.${fraction}`);
};

/** A queue's caption, and the queue over time. */
function queue(picture: Picture, timeline: Timeline, what: Queue, name: 'syn' | 'accept', top: number): string {
  const { x, id } = picture;
  const most = name === 'syn' ? picture.synHeight : picture.acceptHeight;
  const plot = top + CAPTION;
  const y = scaleLinear()
    .domain([0, most])
    .range([plot + PLOT, plot + 4]);
  const [left = 0, right = 0] = x.range();
  const columns = Math.ceil(right - left) + 1;
  const column = (at: number): number => Math.floor(x(at) - left);
  const draw = (value: (sample: Timeline['samples'][number]) => number | undefined): Run[] =>
    runs(columnsOf(timeline, value, column, columns));
  const shape = (line: readonly Run[], close: boolean): string => line.map((run) => path(run, left, y, close)).join('');
  const length = draw(what.length);
  const inside = (limit: number | undefined): number | undefined =>
    limit !== undefined && limit <= most ? limit : undefined;
  const limit = draw((sample) => inside(what.limit(sample)));
  const levels = y.ticks(Math.min(3, most)).filter(Number.isInteger);
  const part =
    what.part === undefined
      ? []
      : [`<path style="fill:url(#${id}-young)" d="${shape(draw(what.part.length), true)}"/>`];
  return [
    caption(picture, timeline, what, name, top, most),
    `<path class="grid" d="${levels.map((at) => `M${left} ${px(y(at))}H${right}`).join('')}"/>`,
    `<g class="levels">${levels.map((at) => `<text x="${left - 6}" y="${px(y(at) + 4)}">${grouped(at)}</text>`).join('')}</g>`,
    `<path class="${name} area" d="${shape(length, true)}"/>`,
    ...part,
    `<path class="${name} line" d="${shape(length, false)}"/>`,
    `<path class="limit" d="${shape(limit, false)}"/>`,
  ].join('\n');
}

/** What the lines of a queue are, with samples of them. */
function caption(
  { id, width, x }: Picture,
  { samples }: Timeline,
  what: Queue,
  name: string,
  top: number,
  most: number,
): string {
  const [left = 0] = x.range();
  const y = top + 11;
  const items: string[] = [];
  // Where there is little room, it begins at the edge.
  let at = width < NARROW ? PAD : left;
  const item = (sample: string, text: string): void => {
    items.push(
      `<g transform="translate(${px(at)} 0)">${sample}<text class="caption" x="24" y="${y}">${text}</text></g>`,
    );
    at += 24 + text.length * 6.1 + 14;
  };
  item(`<path class="${name} line" d="M0 ${y - 4}h18"/>`, what.name);
  if (what.part !== undefined)
    item(`<rect style="fill:url(#${id}-young)" y="${y - 9}" width="18" height="10"/>`, what.part.name);
  const limits = samples.map(what.limit);
  const words = limitInWords(limits);
  const above = limits.some((limit) => limit !== undefined && limit > most) ? ' ↑' : '';
  if (words !== undefined) item(`<path class="limit" d="M0 ${y - 4}h18"/>`, `full at ${words}${above}`);
  return items.join('');
}

/** A row of marks of one kind, and how many there are. */
function lane({ x }: Picture, { marks, kernel }: Timeline, kind: MarkKind, top: number): string {
  const [left = 0, right = 0] = x.range();
  const some = marks.filter((mark) => mark.kind === kind);
  const columns = [...marksByColumn(some, (at) => Math.floor((x(at) - left) / COLUMN))];
  const most = columns.reduce((max, [, those]) => Math.max(max, countOf(those)), 1);
  const bars = columns.map(([index, those]) => {
    const height = Math.round(
      (LANE - 5) * (most === 1 ? 1 : 0.35 + (0.65 * Math.log(countOf(those))) / Math.log(most)),
    );
    const at = left + index * COLUMN;
    return `<rect x="${px(at)}" y="${top + LANE - 1 - height}" width="3" height="${height}">${titleOf(those, kernel)}</rect>`;
  });
  return [
    `<path class="lane" d="M${left} ${top + LANE - 0.5}H${right}"/>`,
    `<text class="name" x="${left - 6}" y="${top + LANE - 4}">${KIND_WORDS[kind].label}</text>`,
    `<text class="count" x="${right + 6}" y="${top + LANE - 4}">${grouped(countOf(some))}</text>`,
    `<g class="${kind}">${bars.join('')}</g>`,
  ].join('\n');
}

const titleOf = (marks: readonly Mark[], kernel: string): string =>
  `<title>${escaped(marksInWords(marks, kernel))}</title>`;

/** A line from a column on, without a gap. */
interface Run {
  readonly start: number;
  readonly columns: readonly ColumnOfLine[];
}

function runs(columns: readonly (ColumnOfLine | undefined)[]): Run[] {
  const found: { start: number; columns: ColumnOfLine[] }[] = [];
  columns.forEach((column, i) => {
    if (column === undefined) return;
    const last = found.at(-1);
    if (last !== undefined && last.start + last.columns.length === i) last.columns.push(column);
    else found.push({ start: i, columns: [column] });
  });
  return found;
}

/** The path of a line, or of the area below it. */
function path({ start, columns }: Run, left: number, y: (value: number) => number, close: boolean): string {
  const steps: string[] = [];
  let at: number | undefined;
  const moveTo = (value: number): void => {
    if (value === at) return;
    steps.push(at === undefined ? '' : `V${px(y(value))}`);
    at = value;
  };
  let drawnTo = left + start;
  columns.forEach(({ first, least, most, last }, i) => {
    if (first === last && least === most && first === at) return;
    const x = left + start + i;
    if (at === undefined) steps.push(`M${px(x)} ${px(y(close ? 0 : first))}${close ? `V${px(y(first))}` : ''}`);
    else if (x > drawnTo) steps.push(`H${px(x)}`);
    drawnTo = x;
    at ??= first;
    const inward = first <= last ? [first, least, most, last] : [first, most, least, last];
    for (const value of inward) moveTo(value);
  });
  const end = left + start + columns.length - 1;
  return `${steps.join('')}H${px(Math.max(end, left + start + 1))}${close ? `V${px(y(0))}Z` : ''}`;
}

/** A coordinate with one decimal at most. */
const px = (value: number): string => String(Math.round(value * 10) / 10);
