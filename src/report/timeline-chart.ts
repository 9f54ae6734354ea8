/** What the pictures of timelines have in common, whatever they are drawn with: which queues, how high, and what falls into a column. */

import type { Mark, QueueSample, Timeline } from '../timeline/timeline.js';

/** A queue that is drawn. */
export interface Queue {
  readonly name: string;
  readonly length: (sample: QueueSample) => number;
  /** A part of it that is drawn, too. */
  readonly part?: { readonly name: string; readonly length: (sample: QueueSample) => number };
  readonly limit: (sample: QueueSample) => number | undefined;
}

export const SYN_QUEUE: Queue = {
  name: 'SYN queue',
  length: ({ synQueue }) => synQueue,
  part: { name: 'young', length: ({ young }) => young },
  limit: ({ synLimit }) => synLimit,
};

export const ACCEPT_QUEUE: Queue = {
  name: 'accept queue',
  length: ({ acceptQueue }) => acceptQueue,
  limit: ({ acceptLimit }) => acceptLimit,
};

/** The first and the last moment of several timelines, µs: never the same. What begins soon after 0 begins at 0. */
export function spanOf(timelines: readonly Timeline[]): readonly [number, number] {
  const until = timelines.reduce((last, one) => Math.max(last, one.until), 0);
  const first = timelines.reduce((least, { from }) => Math.min(least, from), until);
  const from = first < (until - first) / 20 ? 0 : first;
  return [from, until > from ? until : from + 1000];
}

/** Up to what length a queue is drawn: the longest that it gets, and its limits where they do not make that look like nothing. */
export function heightOf(timelines: readonly Timeline[], { length, limit }: Queue): number {
  let longest = 0;
  for (const { samples } of timelines) for (const sample of samples) longest = Math.max(longest, length(sample));
  let height = Math.max(1, longest);
  for (const { samples } of timelines) {
    for (const sample of samples) {
      const most = limit(sample);
      if (most !== undefined && most <= Math.max(4, 4 * longest)) height = Math.max(height, most);
    }
  }
  return height;
}

/** What a line does within a column: where it comes in and goes out, and how low and high it gets. */
export interface ColumnOfLine {
  readonly first: number;
  readonly least: number;
  readonly most: number;
  readonly last: number;
}

/** A line by columns, of which there are `columns`; undefined: it does not reach into the column, or is interrupted there. */
export function columnsOf(
  { samples, from, until }: Timeline,
  value: (sample: QueueSample) => number | undefined,
  column: (at: number) => number,
  columns: number,
): (ColumnOfLine | undefined)[] {
  const line: (ColumnOfLine | undefined)[] = new Array(columns).fill(undefined);
  const put = (index: number, length: number | undefined): void => {
    if (length === undefined || index < 0 || index >= columns) return;
    const { first = length, least = length, most = length } = line[index] ?? {};
    line[index] = { first, least: Math.min(least, length), most: Math.max(most, length), last: length };
  };
  samples.forEach((sample, i) => {
    const length = value(sample);
    // What lasts no time at all is drawn as if it stayed so.
    const end = samples[i + 1]?.at ?? (until > from ? until : Number.MAX_SAFE_INTEGER);
    const first = column(sample.at);
    const last = Math.min(column(end), columns - 1);
    for (let index = first; index <= last; index++) put(index, length);
  });
  return line;
}

/** Marks by the column that they fall into. */
export function marksByColumn(marks: readonly Mark[], column: (at: number) => number): Map<number, Mark[]> {
  const columns = new Map<number, Mark[]>();
  for (const mark of marks) {
    const index = column(mark.at);
    const some = columns.get(index);
    if (some === undefined) columns.set(index, [mark]);
    else some.push(mark);
  }
  return columns;
}
