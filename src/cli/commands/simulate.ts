/** `simulate`: clients and a server around one or more kernels. */

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Step, TraceHeader, Workload } from '../../generated/types.js';
import type { KernelVariant } from '../../host/variant.js';
import { renderFound, renderSimulation } from '../../report/simulate-text.js';
import { findBacklog } from '../../simulate/find-backlog.js';
import type { TraceTaker } from '../../simulate/machine.js';
import { expectedArrivals } from '../../simulate/plan.js';
import type { WorkloadResult } from '../../simulate/result.js';
import { simulate as simulateOn } from '../../simulate/simulate.js';
import { workloadProblem } from '../../simulate/workload.js';
import { bytesOf, SourceError } from '../../trace/source.js';
import { EXIT, UsageError } from '../exit.js';
import { DEFAULT_KERNEL, kernelOption } from '../options.js';
import type { Output } from '../output.js';
import type { SimulateCommandOptions } from './simulate-options.js';

/** With more clients than this, the steps of a trace leave the rows of /proc/net/tcp out. */
const CLIENTS_WITH_ROWS = 1000;

/** With more clients than this there is no trace: it would have gigabytes. */
const MOST_TRACED = 200_000;

/** Runs the workload that the scenario and the options make together on each kernel. */
export async function simulate(options: SimulateCommandOptions, output: Output): Promise<number> {
  const { scenario } = options;
  const base = scenario === undefined ? DEFAULTS : await readScenario(scenario);
  const workload = changed(base, options, scenario === undefined);
  const problem = workloadProblem(workload);
  if (problem !== undefined) {
    throw new UsageError([...(scenario === undefined ? [] : [scenario]), problem.path, problem.message].join(': '));
  }
  const names = options.kernel ?? [workload.kernel ?? DEFAULT_KERNEL];
  const kernels = names.map((name) => kernelOption(name));
  if (options.find !== undefined) return find(kernels, workload, options, output);
  const results = run(kernels, workload, options.trace, output);
  if (options.json === true) {
    for (const result of results) await output.print(JSON.stringify(result));
  } else {
    await output.print(renderSimulation(workload.title, results, output.columns).trimEnd());
  }
  return EXIT.ok;
}

const titleOf = ({ title = 'workload' }: Workload): string => title;

function run(
  kernels: readonly KernelVariant[],
  workload: Workload,
  file: string | undefined,
  output: Output,
): WorkloadResult[] {
  const trace = file === undefined ? undefined : new TraceFile(file, expectedArrivals(workload.clients.arrivals));
  try {
    return kernels.map((kernel) => {
      const progress = (arrived: number, expected: number): void =>
        output.progress(() => `${kernel.name}: ${arrived} of ${Math.round(expected)} clients have come`);
      const taker = trace?.taker(kernels.length === 1 ? titleOf(workload) : `${titleOf(workload)} (${kernel.name})`);
      const result = simulateOn(kernel, workload, { progress, ...(taker === undefined ? {} : { trace: taker }) });
      const unknown = Object.keys(result.refusedSysctls).find((name) => result.refusedSysctls[name] === 'ENOENT');
      if (unknown !== undefined) output.note(`Linux ${kernel.name} has no sysctl ${unknown} here: it is left out`);
      return result;
    });
  } finally {
    trace?.close();
  }
}

async function find(
  kernels: readonly KernelVariant[],
  workload: Workload,
  options: SimulateCommandOptions,
  output: Output,
): Promise<number> {
  if (options.trace !== undefined) throw new UsageError('--find makes many runs: it has no --trace');
  for (const kernel of kernels) {
    const told = (backlog: number): void => output.progress(() => `${kernel.name}: trying a backlog of ${backlog}`);
    try {
      const found = findBacklog(kernel, workload, told);
      const { columns } = output;
      if (options.json === true) {
        await output.print(JSON.stringify(found));
      } else {
        await output.print(renderFound(found, columns).trimEnd());
        await output.print(`\n${renderSimulation(undefined, [found.result], columns).trimEnd()}`);
      }
    } catch (error) {
      if (error instanceof RangeError) throw new UsageError(`--find: ${error.message}`);
      throw error;
    }
  }
  return EXIT.ok;
}

/** The file that traces are written to. */
class TraceFile {
  private readonly name: string;
  private readonly descriptor: number;
  private readonly rows: boolean;
  private lines: string[] = [];

  constructor(name: string, clients: number) {
    if (clients > MOST_TRACED) {
      throw new UsageError(
        `--trace: a trace of ${Math.round(clients)} clients is too long; it may have ${MOST_TRACED}`,
      );
    }
    this.name = name;
    this.rows = clients <= CLIENTS_WITH_ROWS;
    try {
      this.descriptor = openSync(name, 'w');
    } catch (error) {
      throw new UsageError(`${name}: ${(error as Error).message}`);
    }
  }

  taker(title: string): TraceTaker {
    return { id: title, rows: this.rows, take: (line) => this.take(line) };
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }

  private take(line: TraceHeader | Step): void {
    this.lines.push(`${JSON.stringify(line)}\n`);
    if (this.lines.length === 1000) this.flush();
  }

  private flush(): void {
    const { lines } = this;
    this.lines = [];
    try {
      for (let bytes = Buffer.from(lines.join('')); bytes.length > 0; ) {
        bytes = bytes.subarray(writeSync(this.descriptor, bytes));
      }
    } catch (error) {
      throw new UsageError(`${this.name}: ${(error as Error).message}`);
    }
  }
}

async function readScenario(file: string): Promise<Workload> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of bytesOf(file)) chunks.push(chunk);
  } catch (error) {
    if (error instanceof SourceError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw new UsageError(`${file}: not JSON: ${(error as SyntaxError).message}`);
  }
  const problem = workloadProblem(value);
  if (problem !== undefined)
    throw new UsageError([file, problem.path, problem.message].filter((part) => part).join(': '));
  return value as Workload;
}

const DEFAULTS: Workload = { workload: 1, backlog: 128, clients: { arrivals: { kind: 'poisson' } } };

/** The workload with what the command line says. `fill`: with the defaults of the command line, too. */
function changed(base: Workload, options: SimulateCommandOptions, fill: boolean): Workload {
  const { clients, server } = base;
  const arrivals = { ...clients.arrivals, ...arrivalsOf(options) };
  if (fill && arrivals.kind !== 'burst') arrivals.rate ??= 1000;
  if (fill && arrivals.count === undefined && arrivals.kind !== 'burst') arrivals.duration ??= 10_000_000;
  const write = options.write ?? clients.data?.bytes;
  const after = options.writeAfter ?? clients.data?.after;
  if (options.writeAfter !== undefined && write === undefined) throw new UsageError('--write-after needs --write');
  return {
    ...base,
    ...given({ backlog: options.backlog, hz: options.hz, seed: options.seed, until: options.until }),
    sysctl: { ...base.sysctl, ...options.sysctl },
    sockopt: { ...base.sockopt, ...options.sockopt },
    clients: {
      ...clients,
      ...given({
        roundTrip: options.rtt,
        loss: options.loss,
        flood: options.flood,
        patience: options.patience,
        synRetries: options.synRetries,
        linearTimeouts: options.linearTimeouts,
      }),
      arrivals,
      ...(write === undefined ? {} : { data: { bytes: write, ...given({ after }) } }),
    },
    server: {
      ...server,
      ...given({
        acceptEvery: options.acceptEvery,
        workers: options.workers,
        service: options.service,
        pauses: options.pause,
        restarts: options.restart,
      }),
    },
  };
}

/** Another kind of arrivals replaces those of the scenario; a number changes them. */
function arrivalsOf(options: SimulateCommandOptions) {
  return given({ kind: options.arrivals, rate: options.rate, count: options.clients, duration: options.for });
}

/** What is there. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const there = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
