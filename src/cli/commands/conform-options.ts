/** The options of `conform`. */

import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_SEED } from '../../../properties/seed.js';
import type { Shard } from '../../generated/types.js';
import { collectedOption, countOption, DEFAULT_KERNEL, KERNEL_NAMES, pathOption, seedOption } from '../options.js';

/** What the command line says. */
export interface ConformOptions {
  readonly kernel: string;
  readonly run?: readonly string[];
  readonly skip?: readonly string[];
  readonly seed?: number;
  readonly path?: string;
  readonly runs?: number;
  readonly bail?: boolean;
  readonly shard?: Shard;
  readonly deviations?: string;
  /** ms. */
  readonly timeout: number;
  readonly json?: boolean;
  readonly report?: string;
  readonly junit?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly save?: string;
  readonly merge?: readonly string[];
}

/** Adds them. */
export function withConformOptions(command: Command): Command {
  return command
    .option('--kernel <name>', `the kernel that it is held against: ${KERNEL_NAMES}`, DEFAULT_KERNEL)
    .option('--run <pattern>', 'only cases with such names, as in campaign/*; may be repeated', collectedOption)
    .option('--skip <pattern>', 'no cases with such names; may be repeated', collectedOption)
    .option('--seed <n>', `of the campaigns: a number, or random; by default ${DEFAULT_SEED}`, seedOption)
    .option('--path <path>', 'only the scenario that a failure of a campaign gave this path', pathOption)
    .option('--runs <n>', 'how many scenarios each campaign tries; by default as many as its kind needs', countOption)
    .option('--bail', 'stop after the first case that fails')
    .option('--shard <i/n>', 'only the i-th of n parts of the cases', shardOption)
    .option('--deviations <file>', 'JSON list of known deviations, with the reason and a link for each')
    .option('--timeout <ms>', 'how long an answer may take, beside the time that a wait lasts', countOption, 10_000)
    .option('--json', 'print one JSON line a case, and a summary')
    .option('--report <file>', 'write these lines to a file, also to be merged')
    .option('--junit <file>', 'write a JUnit XML file')
    .option('--markdown <file>', 'write a summary in Markdown')
    .option('--html <file>', 'write a report as one HTML page, with timelines of the failures')
    .option('--save <folder>', 'write the trace of each failure to a file there, for replay and explain')
    .option('--merge <file...>', 'instead of a test: put the reports of all shards of one together');
}

function shardOption(text: string): Shard {
  const [, index = '', count = ''] = /^([1-9]\d{0,4})\/([1-9]\d{0,4})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (shard.index < 1 || shard.index > shard.count) throw new InvalidArgumentError('Expected i/n, as in 1/3.');
  return shard;
}
