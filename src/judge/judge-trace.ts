/** Judges whole traces: one that is at hand, or a file of any length, record by record. */

import type { Step, TraceHeader, TraceReport } from '../generated/types.js';
import type { KernelVariant } from '../host/variant.js';
import { readTraceBatches } from '../trace/read.js';
import { TraceJudge, type Verdict } from './judge.js';
import { RecordJudge, variantFor } from './record-judge.js';

export { RecordJudge } from './record-judge.js';

/**
 * Judges one trace. Its steps are taken to be on the lines after the header's `line`.
 * @param kernel the variant that judges; by default the one that the header names
 * @throws RangeError when the header names an unknown variant and no kernel is given
 */
export function judgeTrace(header: TraceHeader, steps: Iterable<Step>, kernel?: KernelVariant, line = 1): Verdict {
  const judge = new TraceJudge(variantFor(header, kernel), header, line);
  let at = line;
  for (const step of steps) {
    at += 1;
    if (judge.step(step, at) !== undefined) break;
  }
  return judge.end();
}

/**
 * Judges all traces of a file or a stream, and yields a report for each as soon as it is read to its end. What cannot be read is reported
 * as invalid; nothing is thrown.
 * @param source a file's name (`-` for standard input; `.gz` is unpacked), or bytes from elsewhere
 * @param kernel the variant that judges; by default the one that each header names
 */
export async function* judgeTraces(
  source: string | AsyncIterable<Uint8Array>,
  kernel?: KernelVariant,
): AsyncGenerator<TraceReport> {
  const judge = new RecordJudge(kernel);
  for await (const records of readTraceBatches(source)) for (const record of records) yield* judge.take(record);
  yield* judge.end();
}
