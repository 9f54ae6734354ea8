/** `diff`: what changed from one kernel to another, with a minimal scenario for each. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedCandidates, goldenCandidates } from '../../conformance/candidates.js';
import { diffKernels } from '../../conformance/diff.js';
import { diffTraces } from '../../conformance/diff-file.js';
import { readReasons } from '../../conformance/diff-reasons.js';
import { type Difference, differencesBetween, labelOf } from '../../conformance/differences.js';
import { matches } from '../../conformance/pattern.js';
import { diffInWords, diffRows, diffSummary } from '../../report/diff-table.js';
import { EXIT, UsageError } from '../exit.js';
import { kernelOption } from '../options.js';
import type { Output } from '../output.js';

/** What the command line says. */
export interface DiffOptions {
  readonly seed: number;
  readonly runs: number;
  readonly json?: boolean;
  readonly save?: string;
  readonly rule?: string;
}

/** Compares the kernels `a` and `b`, the older first. */
export async function diff(a: string, b: string, options: DiffOptions, output: Output): Promise<number> {
  const kernels = [kernelOption(a), kernelOption(b)] as const;
  if (kernels[0] === kernels[1]) throw new UsageError(`${a} and ${b} are the same kernel`);
  const { seed, runs, rule } = options;
  const wanted = (one: Difference): boolean => rule === undefined || matches(labelOf(one), [rule]);
  if (!differencesBetween(a, b).some(wanted)) throw new UsageError(`no difference is called ${rule}`);
  const result = diffKernels(...kernels, {
    candidates: [...(await goldenCandidates(kernels)), ...generatedCandidates(kernels, seed, runs)],
    reasons: readReasons().differences,
    wanted,
    progress: (done, of, what) => output.progress(() => `${done} of ${of} ${what}`),
  });
  if (options.save !== undefined) save(options.save, result.scenarios);
  if (options.json === true) {
    for (const row of diffRows(result)) await output.print(JSON.stringify(row));
  } else {
    await output.print([...diffInWords(result), '', diffSummary(result)].join('\n').trimStart());
  }
  return EXIT.ok;
}

/** Writes the traces of each scenario to a file of its own. */
function save(folder: string, scenarios: Parameters<typeof diffTraces>[0]['scenarios']): void {
  try {
    mkdirSync(folder, { recursive: true });
    for (const one of scenarios) {
      writeFileSync(join(folder, `${one.candidate.id}.ndjson`), diffTraces({ scenarios: [one] }));
    }
  } catch (error) {
    throw new UsageError(`cannot write to ${folder}: ${(error as Error).message}`);
  }
}
