/** The options of `simulate`. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { countOption, integerOption, KERNEL_NAMES, kernelsOption, sysctlOption } from '../options.js';

/** What the command line says. Times are µs. What is absent is left as the scenario or the defaults have it. */
export interface SimulateCommandOptions {
  readonly scenario?: string;
  readonly kernel?: readonly string[];
  readonly backlog?: number;
  readonly sysctl: Readonly<Record<string, number>>;
  readonly sockopt: Readonly<Record<string, number>>;
  readonly hz?: number;
  readonly seed?: number;
  readonly arrivals?: 'poisson' | 'constant' | 'burst';
  readonly rate?: number;
  readonly clients?: number;
  readonly for?: number;
  readonly rtt?: number;
  readonly loss?: number;
  readonly flood?: number;
  readonly patience?: number;
  readonly synRetries?: number;
  readonly linearTimeouts?: number;
  readonly write?: number;
  readonly writeAfter?: number;
  readonly acceptEvery?: number;
  readonly workers?: number;
  readonly service?: number;
  readonly pause?: readonly { readonly from: number; readonly to?: number }[];
  readonly restart?: readonly { readonly at: number; readonly down: number }[];
  readonly until?: number;
  readonly find?: 'backlog';
  readonly trace?: string;
  readonly json?: boolean;
}

const UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1_000_000 };

/** A length of time with its unit, in µs. */
export function timeOption(text: string): number {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,6})?)(us|ms|s)$/.exec(text) ?? [];
  const time = Number(number) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (!(time <= 1e12)) throw new InvalidArgumentError('Expected a time with its unit, as in 500us, 20ms or 1.5s.');
  return Math.round(time);
}

function pauseOption(text: string, earlier: readonly object[] = []): object[] {
  const [from, to, ...rest] = text.split('-');
  if (from === undefined || to === undefined || rest.length > 0) {
    throw new InvalidArgumentError('Expected its begin and its end, as in 1s-3s, or only its begin, as in 1s-.');
  }
  return [...earlier, { from: timeOption(from), ...(to === '' ? {} : { to: timeOption(to) }) }];
}

function restartOption(text: string, earlier: readonly object[] = []): object[] {
  const [at, down, ...rest] = text.split('+');
  if (at === undefined || down === undefined || rest.length > 0) {
    throw new InvalidArgumentError('Expected when, and for how long nobody listens, as in 5s+200ms.');
  }
  return [...earlier, { at: timeOption(at), down: timeOption(down) }];
}

function shareOption(text: string): number {
  const [, number, percent] = /^(\d{1,3}(?:\.\d{1,9})?)(%?)$/.exec(text) ?? [];
  const share = Number(number) / (percent === '%' ? 100 : 1);
  if (!(share <= 1)) throw new InvalidArgumentError('Expected a share, as in 0.05 or 5%.');
  return share;
}

function rateOption(text: string): number {
  if (!/^\d{1,8}(\.\d{1,6})?$/.test(text) || Number(text) === 0) {
    throw new InvalidArgumentError('Expected a number a second, as in 250 or 0.5.');
  }
  return Number(text);
}

function sockoptOption(text: string, earlier: Readonly<Record<string, number>>): Record<string, number> {
  const [, name, value] = /^([A-Z_]+)=(-?\d+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Expected NAME=INTEGER.');
  return { ...earlier, [name]: integerOption(value) };
}

/** Adds them to the command. */
export function withSimulateOptions(command: Command): Command {
  return command
    .option('--scenario <file>', 'a workload as JSON, which the other options change; - is standard input')
    .option('--kernel <names>', `the kernel: ${KERNEL_NAMES}; several with commas, side by side`, kernelsOption)
    .option('--backlog <n>', 'the second argument of listen(2); by default 128', integerOption)
    .option(
      '--sysctl <name=value>',
      'a setting of the server that differs from the default; may be repeated',
      sysctlOption,
      {},
    )
    .option(
      '--sockopt <name=value>',
      'an option of the listener, as TCP_DEFER_ACCEPT=5; may be repeated',
      sockoptOption,
      {},
    )
    .option('--hz <n>', 'jiffies per second of the server; by default 1000', countOption)
    .option('--seed <n>', 'settles all that is left to chance; by default 0', integerOption)
    .addOption(
      new Option('--arrivals <kind>', 'how clients come; by default poisson').choices(['poisson', 'constant', 'burst']),
    )
    .option('--rate <n>', 'how many clients come a second; by default 1000', rateOption)
    .option('--clients <n>', 'how many come in all', countOption)
    .option('--for <time>', 'how long they come; without --clients by default 10s', timeOption)
    .option('--rtt <time>', 'the round trip between client and server; by default 200us', timeOption)
    .option('--loss <share>', 'of the segments that the network loses, each way', shareOption)
    .option('--flood <share>', 'of the arrivals that are SYNs from made-up addresses', shareOption)
    .option('--patience <time>', 'after which a client that is not accepted closes', timeOption)
    .option('--syn-retries <n>', 'how often a client sends its SYN again; by default 6', integerOption)
    .option(
      '--linear-timeouts <n>',
      'how many timeouts of a SYN come before they double, as since 6.5; by default 0',
      integerOption,
    )
    .option('--write <bytes>', 'what a client writes once it is connected; by default nothing', countOption)
    .option('--write-after <time>', 'how long after', timeOption)
    .option('--accept-every <time>', 'the least time from one accept to the next', timeOption)
    .option('--workers <n>', 'how many connections are served at a time', countOption)
    .option(
      '--service <time>',
      'how long a connection is served, and then closed; by default it stays open',
      timeOption,
    )
    .option(
      '--pause <from-to>',
      'when the server does nothing, as in 1s-3s, or 1s- for ever; may be repeated',
      pauseOption,
    )
    .option(
      '--restart <at+down>',
      'when the listener is closed and for how long, as in 5s+200ms; may be repeated',
      restartOption,
    )
    .option('--until <time>', 'when the run ends; by default when all clients know what became of them', timeOption)
    .addOption(new Option('--find <what>', 'search the smallest backlog that loses nothing').choices(['backlog']))
    .option('--trace <file>', 'write all that happened as a trace, for replay, explain and export')
    .option('--json', 'print one JSON line a kernel');
}
