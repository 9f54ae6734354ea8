/** `identify`: which kernel do traces, or a program, behave like? */

import { type Identification, Identifier, identifySubject, type TraceFinding } from '../../conformance/identify.js';
import { type ProcessSubject, startProcess } from '../../conformance/process-subject.js';
import { SubjectError } from '../../conformance/subject.js';
import { KERNELS } from '../../kernels.js';
import { identificationInWords, traceInWords } from '../../report/identification.js';
import type { TraceRecord } from '../../trace/decode.js';
import { describeInvalid, readTraceBatches } from '../../trace/read.js';
import { EXIT, UsageError } from '../exit.js';
import type { Output } from '../output.js';

/** What the command line says. */
export interface IdentifyOptions {
  readonly json?: boolean;
  readonly seed: number;
  readonly runs: number;
}

/** Identifies the traces of the files that `words` name, or, with `isCommand`, the program that they start. */
export async function identify(
  words: readonly string[],
  isCommand: boolean,
  options: IdentifyOptions,
  output: Output,
): Promise<number> {
  const [command, ...args] = words;
  if (command === undefined) throw new UsageError('expected files with traces, or -- and a command');
  const result = isCommand
    ? await identified(command, args, options, output)
    : await identifyFiles(words, options, output);
  if (result === undefined) return EXIT.subject;
  if (options.json === true) await output.print(JSON.stringify({ identification: result }));
  else await output.print(identificationInWords(result).join('\n'));
  if (result.invalid.length > 0 || result.traces === 0) return EXIT.invalid;
  return result.verdict === 'none' ? EXIT.violation : EXIT.ok;
}

async function identifyFiles(
  files: readonly string[],
  { json }: IdentifyOptions,
  output: Output,
): Promise<Identification> {
  const identifier = new Identifier();
  const tell = async (file: string, findings: readonly TraceFinding[]): Promise<void> => {
    for (const finding of findings) {
      if (json === true) await output.print(JSON.stringify({ file, ...finding }));
      else await output.print(`${file}:${finding.line}: ${traceInWords(finding)}`);
    }
  };
  for (const file of files) {
    let found = false;
    for await (const records of readTraceBatches(file)) {
      for (const record of records) {
        found ||= isOfTrace(record);
        await tell(file, identifier.take(record));
        if (record.kind === 'invalid') output.note(describeInvalid(file, record));
      }
    }
    await tell(file, identifier.end());
    if (!found) {
      const record = { kind: 'invalid', line: 0, path: '', message: 'no trace in it' } as const;
      identifier.take(record);
      output.note(describeInvalid(file, record));
    }
  }
  return identifier.result();
}

const isOfTrace = ({ kind }: TraceRecord): boolean => kind !== 'step';

/** Undefined: the program failed, which has been told. */
async function identified(
  command: string,
  args: readonly string[],
  { json, seed, runs }: IdentifyOptions,
  output: Output,
): Promise<Identification | undefined> {
  let subject: ProcessSubject | undefined;
  try {
    const onStderr = (line: string): void => output.note(`subject: ${line}`);
    subject = await startProcess(command, args, { kernel: KERNELS.at(-1)?.name ?? '', onStderr });
    const told: Promise<void>[] = [];
    const result = await identifySubject(subject, {
      seed,
      runs,
      onTrace: (finding, tried, of) => {
        output.progress(() => `${tried} of ${of} scenarios`);
        if (json === true) told.push(output.print(JSON.stringify(finding)));
      },
    });
    await Promise.all(told);
    await subject.stop();
    return result;
  } catch (error) {
    if (!(error instanceof SubjectError)) throw error;
    output.note(`tcp-backlog: ${error.message}`);
    await subject?.stop().catch(() => undefined);
    return undefined;
  }
}
