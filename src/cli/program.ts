/** The command line: commands, arguments and options, and the status with which the command ends. */

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { packagePath } from '../package-root.js';
import { explain } from './commands/explain.js';
import { limits } from './commands/limits.js';
import { replay } from './commands/replay.js';
import { run } from './commands/run.js';
import { EXIT, UsageError } from './exit.js';
import { integerOption, sysctlOption } from './options.js';
import type { Output } from './output.js';

const KERNEL = 'the kernel: 2.6.32 or 4.15';

/** Runs the command that `args` ask for; its exit status. */
export async function runCommand(args: readonly string[], output: Output): Promise<number> {
  let status: number = EXIT.ok;
  try {
    await program(output, (result) => {
      status = result;
    }).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.invalid;
    if (!(error instanceof UsageError)) throw error;
    output.note(`tcp-backlog: ${error.message}`);
    return EXIT.invalid;
  }
}

/** Builds the command line; `done` takes the status of the command that ran. */
function program(output: Output, done: (status: number) => void): Command {
  const root = new Command('tcp-backlog')
    .description("An executable specification of Linux's TCP listen backlog.")
    .version(version())
    .option('--color', 'colour the verdicts, also where no terminal shows them')
    .option('--no-color', 'do not colour anything; so does NO_COLOR in the environment')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void output.print(text.trimEnd()),
      writeErr: (text) => output.note(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, 'tcp-backlog: ')),
    })
    .exitOverride()
    .hook('preAction', (command) => {
      output.color = command.opts()['color'];
    });
  root
    .command('replay')
    .description('judge traces; without files, the golden ones that ship')
    .argument('[file...]', 'NDJSON files, also compressed (.gz); - is standard input')
    .option('--kernel <name>', `${KERNEL}; by default the one that each trace names`)
    .option('--json', 'print one JSON line a trace, and a summary')
    .action(async (files: string[], options) => done(await replay(files, options, output)));
  root
    .command('run')
    .description('play a scenario on a model, print its trace')
    .argument('<scenario>', 'NDJSON file of events, or a trace, also compressed (.gz); - is standard input')
    .option('--kernel <name>', `${KERNEL}; by default the one that the scenario names, or 4.15`)
    .option('--seed <n>', 'settles what the kernel leaves to chance', integerOption, 0)
    .action(async (file: string, options) => done(await run(file, options, output)));
  root
    .command('explain')
    .description('tell a trace in words: states, rules, and where the kernel says so')
    .argument('<file[:line]>', 'NDJSON file, also compressed (.gz); with a line, only the step on that line')
    .option('--kernel <name>', `${KERNEL}; by default the one that each trace names`)
    .option('--id <id>', 'only the trace with that id')
    .action(async (place: string, options) => done(await explain(place, options, output)));
  root
    .command('limits')
    .description('what given settings mean: queue sizes, when SYNs drop, retry schedule, what the client sees')
    .requiredOption('--backlog <n>', 'the second argument of listen(2)', integerOption)
    .option('--kernel <name...>', `${KERNEL}; several are shown side by side; by default all`)
    .option('--sysctl <name=value>', 'a setting that differs from the default; may be repeated', sysctlOption, {})
    .option('--from-system', 'take the settings of this machine')
    .option('--json', 'print one JSON line a kernel')
    .action(async (options) => done(await limits(options, output)));
  return root;
}

function version(): string {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));
  return String(version);
}
