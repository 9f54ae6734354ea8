#!/usr/bin/env node
/** The command `tcp-backlog`: reads the command line, runs one command, and ends with its status. */

import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { explain } from './commands/explain.js';
import { limits } from './commands/limits.js';
import { replay } from './commands/replay.js';
import { run } from './commands/run.js';
import { EXIT, UsageError } from './exit.js';
import { sysctlOption } from './options.js';
import { note } from './output.js';

const KERNEL = 'the kernel: 2.6.32 or 4.15';

function integer(text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('expected an integer');
  return value;
}

/** Builds the command line; `done` takes the status of the command that ran. */
function program(done: (status: number) => void): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  const root = new Command('tcp-backlog')
    .description("An executable specification of Linux's TCP listen backlog.")
    .version(version)
    .exitOverride()
    .showHelpAfterError('(tcp-backlog --help tells more)');
  root
    .command('replay')
    .description('judge traces; without files, the golden ones that ship')
    .argument('[file...]', 'NDJSON files, also compressed (.gz); - is standard input')
    .option('--kernel <name>', `${KERNEL}; by default the one that each trace names`)
    .option('--json', 'print one JSON line a trace, and a summary')
    .action(async (files: string[], options) => done(await replay(files, options)));
  root
    .command('run')
    .description('play a scenario on a model, print its trace')
    .argument('<scenario>', 'NDJSON file of events, or a trace; - is standard input')
    .option('--kernel <name>', `${KERNEL}; by default the one that the scenario names, or 4.15`)
    .option('--seed <n>', 'settles what the kernel leaves to chance', integer, 0)
    .action(async (file: string, options) => done(await run(file, options)));
  root
    .command('explain')
    .description('tell a trace in words: states, rules, and where the kernel says so')
    .argument('<file[:line]>', 'NDJSON file, also compressed (.gz); with a line, only the step on that line')
    .option('--kernel <name>', `${KERNEL}; by default the one that each trace names`)
    .option('--id <id>', 'only the trace with that id')
    .action(async (place: string, options) => done(await explain(place, options)));
  root
    .command('limits')
    .description('what given settings mean: queue sizes, when SYNs drop, retry schedule, what the client sees')
    .requiredOption('--backlog <n>', 'the second argument of listen(2)', integer)
    .option('--kernel <name...>', `${KERNEL}; several are shown side by side`)
    .option('--sysctl <name=value>', 'a setting that differs from the default; may be repeated', sysctlOption, {})
    .option('--from-system', 'take the settings of this machine')
    .option('--json', 'print JSON')
    .action(async (options) => done(await limits(options)));
  return root;
}

/** Runs the command line; returns the exit status. */
async function main(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.ok;
  try {
    await program((result) => {
      status = result;
    }).parseAsync(argv);
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.invalid;
    if (error instanceof UsageError) {
      note(`tcp-backlog: ${error.message}`);
      return EXIT.invalid;
    }
    throw error;
  }
}

// A reader that has seen enough closes the pipe; that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

process.exitCode = await main(process.argv);
