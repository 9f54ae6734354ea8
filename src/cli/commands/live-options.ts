/** The options of `live`. */

import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_SEED } from '../../../properties/seed.js';
import { collectedOption, countOption, seedOption } from '../options.js';

/** What the command line says. */
export interface LiveCommandOptions {
  readonly kernel?: string;
  readonly compare?: readonly string[];
  readonly golden?: boolean;
  readonly profile?: readonly string[];
  readonly seed?: number;
  readonly runs?: number;
  readonly jobs: number;
  /** Seconds. */
  readonly longest?: number;
  readonly json?: boolean;
  readonly markdown?: string;
  readonly save?: string;
}

/** How many adapters run side by side, if nobody says otherwise. They mostly wait. */
export const JOBS = 16;

/** How many scenarios are generated of each profile, if nobody says otherwise. */
export const LIVE_RUNS = 12;

/** Seconds that the waits of a scenario may add up to, if nobody says otherwise: alone, and in a comparison, where they are few. */
export const LONGEST = { campaign: 20, comparison: 70 } as const;

/** Adds them. */
export function withLiveOptions(command: Command): Command {
  return command
    .option('--kernel <name>', 'the model that it is held against; by default the one that fits its release')
    .option(
      '--compare <names>',
      'which of these models, as in 2.6.32,4.15, explains it where they differ',
      modelsOption,
    )
    .option('--golden', 'only recorded scenarios; by default generated ones, too')
    .option('--profile <name>', 'only generated scenarios of this kind; may be repeated', collectedOption)
    .option('--seed <n>', `of the generated scenarios: a number, or random; by default ${DEFAULT_SEED}`, seedOption)
    .option('--runs <n>', `how many scenarios are generated of each kind; by default ${LIVE_RUNS}`, countOption)
    .option('--jobs <n>', 'how many scenarios are played side by side', countOption, JOBS)
    .option(
      '--longest <seconds>',
      `skip scenarios that wait for longer; by default ${LONGEST.campaign}, with --compare ${LONGEST.comparison}`,
      countOption,
    )
    .option('--json', 'print one JSON line a scenario, or with --compare a difference, and a summary')
    .option('--markdown <file>', 'with --compare: write the table in Markdown')
    .option('--save <folder>', 'write the trace of each failure, or with --compare each trace, to a file there');
}

/** Names with commas between them, of two kernels or more. */
function modelsOption(text: string): string[] {
  const names = text.split(',');
  if (names.length < 2 || new Set(names).size < names.length) {
    throw new InvalidArgumentError('Expected two names or more with commas, as in 2.6.32,4.15.');
  }
  return names;
}
