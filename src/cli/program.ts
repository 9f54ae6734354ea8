/** The command line: commands, arguments and options, and the status with which the command ends. */

import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { DIFF_RUNS, DIFF_SEED } from '../conformance/diff-defaults.js';
import { Unsupported } from '../live/unsupported.js';
import { packagePath } from '../package-root.js';
import { VIEWS } from '../report/views/index.js';
import { withConformOptions } from './commands/conform-options.js';
import { JOBS, withLiveOptions } from './commands/live-options.js';
import { withSimulateOptions } from './commands/simulate-options.js';
import { EXIT, UsageError } from './exit.js';
import {
  collectedOption,
  countOption,
  DEFAULT_KERNEL,
  integerOption,
  KERNEL_NAMES,
  kernelsOption,
  pathOption,
  peerOption,
  seedOption,
  showOption,
  sysctlOption,
} from './options.js';
import type { Output } from './output.js';

/** The commands, each loaded when it is called: none has to wait for what only another one needs. */
const commands = {
  adapter: () => import('./commands/adapter.js'),
  check: () => import('./commands/check.js'),
  conform: () => import('./commands/conform.js'),
  diff: () => import('./commands/diff.js'),
  explain: () => import('./commands/explain.js'),
  export: () => import('./commands/export.js'),
  identify: () => import('./commands/identify.js'),
  limits: () => import('./commands/limits.js'),
  live: () => import('./commands/live.js'),
  record: () => import('./commands/record.js'),
  replay: () => import('./commands/replay.js'),
  run: () => import('./commands/run.js'),
  simulate: () => import('./commands/simulate.js'),
  timeline: () => import('./commands/timeline.js'),
};

const KERNEL = `the kernel: ${KERNEL_NAMES}`;
const EXPORT_FORMATS = ['packetdrill', 'pcapng', 'itf', 'csv'];
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
    if (!(error instanceof UsageError || error instanceof Unsupported)) throw error;
    output.note(`tcp-backlog: ${error.message}`);
    return error instanceof UsageError ? EXIT.invalid : EXIT.subject;
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
    .option('--html <file>', 'write a report as one HTML page, with timelines')
    .action(async (files: string[], options) => done(await (await commands.replay()).replay(files, options, output)));
  root
    .command('run')
    .description('play a scenario on a model, print its trace')
    .argument('<scenario>', 'NDJSON file of events, or a trace, also compressed (.gz); - is standard input')
    .option('--kernel <name>', `${KERNEL}; by default the one that the scenario names, or ${DEFAULT_KERNEL}`)
    .option('--seed <n>', 'settles what the kernel leaves to chance', integerOption, 0)
    .option(
      '--show <views[@seconds]>',
      `in place of the trace, what one would see on the machine at the end, or at these times: ${VIEW_LIST}`,
      showOption,
    )
    .action(async (file: string, options) => done(await (await commands.run()).run(file, options, output)));
  root
    .command('timeline')
    .description("draw a listener's queues over time: of traces as they were recorded, or of scenarios on any kernels")
    .argument(
      '<file[:line]...>',
      'NDJSON files of traces or events, also compressed (.gz); with a line, only what it is in',
    )
    .option('--kernel <names>', `play the events on these kernels, as in 2.6.32,4.15: ${KERNEL_NAMES}`, kernelsOption)
    .option('--svg <file>', 'write one SVG picture of all to a file')
    .option(
      '--width <n>',
      'columns, by default those of the terminal or 80; of a picture pixels, by default 800',
      countOption,
    )
    .option('--peer <n>', 'with --mermaid: whose segments', peerOption)
    .option('--mermaid', 'print a sequence diagram of one peer, for Markdown')
    .option('--json', 'print one JSON line a timeline')
    .action(async (places: string[], options) =>
      done(await (await commands.timeline()).timeline(places, options, output)),
    );
  root
    .command('explain')
    .description('tell a trace in words: states, rules, and where the kernel says so')
    .argument('<file[:line]>', 'NDJSON file, also compressed (.gz); with a line, only the step on that line')
    .option('--kernel <name>', `${KERNEL}; by default the one that each trace names`)
    .option('--id <id>', 'only the trace with that id')
    .option('--show <views>', `and what one would see on the machine after each step: ${VIEW_LIST}`, showOption)
    .action(async (place: string, options) => done(await (await commands.explain()).explain(place, options, output)));
  root
    .command('export')
    .description('write traces in the formats of other tools')
    .argument(
      '<file[:line]...>',
      'NDJSON files, also compressed (.gz); with a line, only the trace that it is in; - is standard input',
    )
    .addOption(
      new Option(
        '--to <format>',
        'packetdrill: a script; pcapng: a capture, for Wireshark; itf: states, for Apalache and Quint; csv: lengths of the queues',
      )
        .choices(EXPORT_FORMATS)
        .makeOptionMandatory(),
    )
    .option(
      '-o, --output <path>',
      'a file, or a folder for a file each (one that is there, or a name that ends in /); by default standard output',
    )
    .action(async (places: string[], options) =>
      done(await (await commands.export()).exportTraces(places, options, output)),
    );
  withSimulateOptions(
    root
      .command('simulate')
      .description(
        'let clients and a server happen to a kernel: who connects when, what is dropped, how deep the queues are',
      ),
  ).action(async (options) => done(await (await commands.simulate()).simulate(options, output)));
  root
    .command('limits')
    .description('what given settings mean: queue sizes, when SYNs drop, retry schedule, what the client sees')
    .requiredOption('--backlog <n>', 'the second argument of listen(2)', integerOption)
    .option(
      '--kernel <name...>',
      `${KERNEL}; several are shown side by side, those that say the same in one column; by default all`,
    )
    .option('--sysctl <name=value>', 'a setting that differs from the default; may be repeated', sysctlOption, {})
    .option('--from-system', 'take the settings of this machine, and the model that fits its kernel')
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
  root
    .command('record')
    .description('put the running kernel through scenarios, and write what it did as traces')
    .argument('<scenario...>', 'NDJSON files of events, or traces, also compressed (.gz); - is standard input')
    .option('-o, --output <folder>', 'write a file there for each; by default all goes to standard output')
    .option('--force', 'overwrite files that are there')
    .option('--kernel <name>', 'the model that is meant to explain it; by default the one that fits its release')
    .option('--jobs <n>', 'how many scenarios are played side by side', countOption, JOBS)
    .action(async (files: string[], options) => done(await (await commands.record()).record(files, options, output)));
  withLiveOptions(
    root
      .command('live')
      .description('hold the running kernel against a model, or find out which of several explains it'),
  ).action(async (options) => done(await (await commands.live()).live(options, output)));
  root
    .command('adapter')
    .description('the running kernel as a program that speaks the protocol, as in conform -- tcp-backlog adapter')
    .option('--longest <seconds>', 'what the waits of a scenario may add up to', countOption)
    .action(async (options) => done(await (await commands.adapter()).adapter(options, output)));
  return root;
}

function version(): string {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));
  return String(version);
}
