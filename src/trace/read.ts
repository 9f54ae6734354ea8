/** Traces from files: the reader that everything else uses. */

import type { Step, TraceHeader } from '../generated/types.js';
import { type InvalidRecord, type LineChecker, type LineRecord, TraceDecoder, type TraceRecord } from './decode.js';
import { bytesOf, SourceError } from './source.js';

export type { TraceRecord } from './decode.js';

/**
 * The records of a trace file, one after the other, in memory that does not grow with the file.
 * What is wrong with it comes as records of the kind `invalid`; nothing is thrown.
 * @param source a file's name (`-` for standard input; `.gz` is unpacked), or bytes from elsewhere
 */
export async function* readTraces(source: string | AsyncIterable<Uint8Array>): AsyncGenerator<TraceRecord> {
  for await (const records of readTraceBatches(source)) yield* records;
}

/**
 * As {@link readTraces}, with the records that were read together in one array: a file of many short lines takes less time.
 * @param checker decides what a line has to be; by default part of a complete trace
 */
export async function* readTraceBatches<Header = TraceHeader, Item = Step>(
  source: string | AsyncIterable<Uint8Array>,
  checker?: LineChecker<Header>,
): AsyncGenerator<readonly LineRecord<Header, Item>[]> {
  const decoder = new TraceDecoder<Header, Item>(checker);
  try {
    for await (const chunk of typeof source === 'string' ? bytesOf(source) : source) {
      yield decoder.decode(chunk);
    }
    yield decoder.end();
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    yield [{ kind: 'invalid', line: decoder.line, path: '', message: error.message }];
  }
}

/** `file:line: path: message`, without the parts that there are not. */
export function describeInvalid(file: string, record: InvalidRecord): string {
  const place = record.line > 0 ? `${file}:${record.line}` : file;
  return [place, record.path, record.message].filter((part) => part !== '').join(': ');
}
