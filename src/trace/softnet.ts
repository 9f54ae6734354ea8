/** Files of measurements of the packet backlog: how they are told from traces, and how they are read. */

import type { SoftnetHeader, SoftnetMeasurement } from '../generated/types.js';
import type { LineChecker, LineRecord } from './decode.js';
import { type Problem, problemAt } from './problem.js';
import { readTraceBatches } from './read.js';
import { bytesOf, SourceError } from './source.js';
import { validateMeasurement, validateSoftnetHeader } from './validate.js';

/** A line of such a file. */
export type SoftnetRecord = LineRecord<SoftnetHeader, SoftnetMeasurement>;

/** Looks at the measurements line by line. */
class SoftnetChecker implements LineChecker<SoftnetHeader> {
  readonly key = 'softnet';

  header(value: object): Problem | undefined {
    return validateSoftnetHeader(value);
  }

  step(value: object): Problem | undefined {
    return validateMeasurement(value) ?? checkNumbers(value as SoftnetMeasurement);
  }
}

function checkNumbers({ burst, delivered, order }: SoftnetMeasurement): Problem | undefined {
  if (delivered > burst) return problemAt(['delivered'], `more than the burst has: ${burst}`);
  if (order.length > delivered) return problemAt(['order'], `more packets than were delivered: ${delivered}`);
  return undefined;
}

/** The records of a file of measurements. What is wrong with it comes as records of the kind `invalid`; nothing is thrown. */
export function readSoftnet(
  source: string | AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly SoftnetRecord[], void, undefined> {
  return readTraceBatches<SoftnetHeader, SoftnetMeasurement>(source, new SoftnetChecker());
}

/** What a source has in it, and a source with the same bytes: one that is no file can be read only once. */
export interface Opened {
  /** It begins with the header of measurements; otherwise it is to be read as traces. */
  readonly isSoftnet: boolean;
  readonly source: AsyncIterable<Uint8Array> | string;
}

/**
 * Looks at the beginning of a file.
 * @param file its name (`-` for standard input; `.gz` is unpacked)
 */
export async function openRecording(file: string): Promise<Opened> {
  const chunks = bytesOf(file)[Symbol.asyncIterator]();
  try {
    const first = await chunks.next();
    if (first.done === true) return { isSoftnet: false, source: noBytes() };
    const beginning = Buffer.from(first.value).subarray(0, 64).toString('latin1');
    return { isSoftnet: /^\s*\{\s*"softnet"/.test(beginning), source: joined(first.value, chunks) };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { isSoftnet: false, source: file };
  }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
