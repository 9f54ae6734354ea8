/** `explain`: tells a trace, or one step of it, in words. */

import type { TraceHeader } from '../../generated/types.js';
import type { KernelVariant } from '../../host/variant.js';
import { kernelNamed } from '../../kernels.js';
import { Explanation } from '../../report/explanation.js';
import type { ViewName } from '../../report/views/index.js';
import type { InvalidRecord } from '../../trace/decode.js';
import { describeInvalid, readTraces } from '../../trace/read.js';
import { readCitations } from '../citations.js';
import { EXIT, UsageError } from '../exit.js';
import { kernelOption, type Shown, shellWord } from '../options.js';
import type { Output } from '../output.js';
import { placeOf, traceAround } from '../place.js';

/** What the command line says. */
export interface ExplainOptions {
  readonly kernel?: string;
  readonly id?: string;
  /** Views that are shown after each step. */
  readonly show?: Shown;
}

/** Explains the traces of a file, the one with an id, or the step on a line. */
export async function explain(place: string, options: ExplainOptions, output: Output): Promise<number> {
  const { file, line } = placeOf(place);
  const kernel = kernelOption(options.kernel);
  const { views = [], times = [] } = options.show ?? {};
  if (times.length > 0)
    throw new UsageError('explain shows views after its steps, not at times: leave @ and what follows');
  if (line === undefined) return explainTraces(file, options.id, kernel, views, output);
  if (options.id !== undefined) throw new UsageError('a line and --id exclude each other');
  return explainStep(file, line, kernel, views, output);
}

async function explainTraces(
  file: string,
  id: string | undefined,
  kernel: KernelVariant | undefined,
  views: readonly ViewName[],
  output: Output,
): Promise<number> {
  const citations = readCitations();
  let status: number = EXIT.ok;
  let told = 0;
  let current: Explanation | undefined;
  let skipped: InvalidRecord | undefined;
  const print = async (lines: readonly string[]): Promise<void> => {
    if (lines.length > 0) await output.print(lines.join('\n'));
  };
  const endCurrent = async (): Promise<void> => {
    if (current === undefined) return;
    await print(current.end());
    if (current.verdict?.verdict !== 'conforms') status = Math.max(status, EXIT.violation);
    current = undefined;
  };
  for await (const record of readTraces(file)) {
    if (record.kind === 'step') {
      if (current !== undefined) await print(current.step(record.value, record.line));
    } else if (record.kind === 'header') {
      await endCurrent();
      if (id !== undefined && record.value.id !== id) continue;
      if (told > 0) await output.print('');
      const { line, value } = record;
      const variant = kernel ?? variantOf(file, line, value);
      current = new Explanation(variant, value, { file, line, only: undefined, citations, views });
      told += 1;
    } else {
      if (record.header === true) await endCurrent();
      if (id === undefined || current !== undefined) {
        output.note(describeInvalid(file, record));
        status = EXIT.invalid;
      } else {
        skipped ??= record;
      }
      current = undefined;
    }
  }
  await endCurrent();
  if (told > 0 || status !== EXIT.ok) return status;
  if (skipped !== undefined) throw new UsageError(`no trace ${JSON.stringify(id)}; ${describeInvalid(file, skipped)}`);
  throw new UsageError(`${file}: ${id === undefined ? 'no trace in it' : `no trace has the id ${JSON.stringify(id)}`}`);
}

async function explainStep(
  file: string,
  line: number,
  kernel: KernelVariant | undefined,
  views: readonly ViewName[],
  output: Output,
): Promise<number> {
  const trace = await traceAround(file, line);
  const { header, steps } = trace;
  const variant = kernel ?? variantOf(file, trace.line, header);
  const explanation = new Explanation(variant, header, {
    file,
    line: trace.line,
    only: line,
    citations: readCitations(),
    views,
  });
  const lines: string[] = [];
  // The steps after it are there to be looked at: a step is judged when it is known what follows.
  for (const { value, line: at } of steps) {
    if (explanation.judgedUpTo >= line || explanation.verdict !== undefined) break;
    lines.push(...explanation.step(value, at));
  }
  if (explanation.judgedUpTo < line) lines.push(...explanation.end());
  if (trace.line === line) lines.push(...headerOnly(`${file}:${line}`, file, explanation, header));
  const { verdict } = explanation;
  await output.print(lines.join('\n'));
  return verdict === undefined || verdict.verdict === 'conforms' ? EXIT.ok : EXIT.violation;
}

/** A header is no step, but what it says may violate the specification by itself. */
function headerOnly(place: string, file: string, explanation: Explanation, { id }: TraceHeader): string[] {
  const lines = explanation.end();
  if (explanation.verdict?.verdict === 'violates') return lines;
  const whole = `tcp-backlog explain ${shellWord(file)} --id ${shellWord(id)}`;
  throw new UsageError(`${place}: a header, not a step; the whole trace: ${whole}`);
}

function variantOf(file: string, line: number, { kernel }: TraceHeader): KernelVariant {
  const variant = kernelNamed(kernel.variant);
  if (variant !== undefined) return variant;
  throw new UsageError(`${file}:${line}: $.kernel.variant: unknown kernel variant ${JSON.stringify(kernel.variant)}`);
}
