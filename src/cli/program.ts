/** The command line: commands, arguments and options, and the status with which the command ends. */

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { DIFF_RUNS, DIFF_SEED } from '../conformance/diff-defaults.js';
import { packagePath } from '../package-root.js';
import { VIEWS } from '../report/views/index.js';
import { withConformOptions } from './commands/conform-options.js';
import { EXIT, UsageError } from './exit.js';
import {
  collectedOption,
  countOption,
  integerOption,
  pathOption,
  seedOption,
  showOption,
  sysctlOption,
} from './options.js';
import type { Output } from './output.js';

/** The commands, each loaded when it is called: none has to wait for what only another one needs. */
const commands = {
  check: () => import('./commands/check.js'),
  conform: () => import('./commands/conform.js'),
  diff: () => import('./commands/diff.js'),
  explain: () => import('./commands/explain.js'),
  identify: () => import('./commands/identify.js'),
  limits: () => import('./commands/limits.js'),
  replay: () => import('./commands/replay.js'),
  run: () => import('./commands/run.js'),
};

const KERNEL = 'the kernel: 2.6.32 or 4.15';
const VIEW_LIST = Object.keys(VIEWS).join(', ');

/** Runs the command that `args` ask for; its exit status. */
export async function runCommand(args: readonly string[], output: Output): Promise<number> {
  let status: number = EXIT.ok;
  try {
    await program(args, output, (result) => {
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

/** Builds the command line for `args`; `done` takes the status of the command that ran. */
function program(args: readonly string[], output: Output, done: (status: number) => void): Command {
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
    .action(async (files: string[], options) => done(await (await commands.replay()).replay(files, options, output)));
  root
    .command('run')
    .description('play a scenario on a model, print its trace')
    .argument('<scenario>', 'NDJSON file of events, or a trace, also compressed (.gz); - is standard input')
    .option('--kernel <name>', `${KERNEL}; by default the one that the scenario names, or 4.15`)
    .option('--seed <n>', 'settles what the kernel leaves to chance', integerOption, 0)
    .option(
      '--show <views[@seconds]>',
      `in place of the trace, what one would see on the machine at the end, or at these times: ${VIEW_LIST}`,
      showOption,
    )
    .action(async (file: string, options) => done(await (await commands.run()).run(file, options, output)));
  root
    .command('explain')
    .description('tell a trace in words: states, rules, and where the kernel says so')
    .argument('<file[:line]>', 'NDJSON file, also compressed (.gz); with a line, only the step on that line')
    .option('--kernel <name>', `${KERNEL}; by default the one that each trace names`)
    .option('--id <id>', 'only the trace with that id')
    .option('--show <views>', `and what one would see on the machine after each step: ${VIEW_LIST}`, showOption)
    .action(async (place: string, options) => done(await (await commands.explain()).explain(place, options, output)));
  root
    .command('limits')
    .description('what given settings mean: queue sizes, when SYNs drop, retry schedule, what the client sees')
    .requiredOption('--backlog <n>', 'the second argument of listen(2)', integerOption)
    .option('--kernel <name...>', `${KERNEL}; several are shown side by side; by default all`)
    .option('--sysctl <name=value>', 'a setting that differs from the default; may be repeated', sysctlOption, {})
    .option('--from-system', 'take the settings of this machine')
    .option('--json', 'print one JSON line a kernel')
    .action(async (options) => done(await (await commands.limits()).limits(options, output)));
  root
    .command('check')
    .description('try what is said of the kernels on their models, with generated scenarios')
    .option('--kernel <name>', `${KERNEL}; by default all`)
    .option('--run <pattern>', 'only properties with such names, as in accept-*; may be repeated', collectedOption)
    .option('--skip <pattern>', 'no properties with such names; may be repeated', collectedOption)
    .option('--seed <n>', 'of the campaigns: a number, or random; by default always the same', seedOption)
    .option('--path <path>', 'only the value that a failure gave this path; needs --seed', pathOption)
    .option('--runs <n>', 'how many values each property is tried on; by default as many as it needs', countOption)
    .option('--bail', 'stop after the first property that fails')
    .option('--json', 'print one JSON line a property and kernel, and a summary')
    .option('--save <folder>', 'write the traces of each failure to a file there, for replay, run and explain')
    .action(async (options) => done(await (await commands.check()).check(options, output)));
  withConformOptions(
    root
      .command('conform')
      .description('test an implementation: a command that speaks the protocol of docs/protocol.md')
      .usage('[options] -- COMMAND [ARGS]')
      .argument('[command...]', 'the command and its arguments, after --'),
  ).action(async (words: string[], options) => done(await (await commands.conform()).conform(words, options, output)));
  root
    .command('diff')
    .description('what changed from kernel A to kernel B, with a minimal scenario for each difference')
    .argument('<a>', 'the older kernel')
    .argument('<b>', 'the newer kernel')
    .option('--seed <n>', 'of the generated scenarios', integerOption, DIFF_SEED)
    .option('--runs <n>', 'how many scenarios are generated of each kind', integerOption, DIFF_RUNS)
    .option('--rule <pattern>', 'only rules, counters and sysctls with such names, as in tcp_check_req/*')
    .option('--save <folder>', 'write the traces of each scenario to a file there, for replay and explain')
    .option('--json', 'print one JSON line a difference')
    .action(async (a: string, b: string, options) => done(await (await commands.diff()).diff(a, b, options, output)));
  root
    .command('identify')
    .description('which kernel traces, or a program that speaks the protocol, behave like')
    .usage('[options] FILE… | [options] -- COMMAND [ARGS]')
    .argument(
      '[words...]',
      'NDJSON files, also compressed (.gz), - is standard input; or, after --, a command and its arguments',
    )
    .option('--seed <n>', 'of the generated scenarios that a program is put through', integerOption, DIFF_SEED)
    .option('--runs <n>', 'how many scenarios of each kind a program is put through', integerOption, 3)
    .option('--json', 'print one JSON line a trace, and the result')
    .action(async (words: string[], options) =>
      done(await (await commands.identify()).identify(words, args.includes('--'), options, output)),
    );
  return root;
}

function version(): string {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));
  return String(version);
}
