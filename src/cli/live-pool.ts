/** Adapters to the running kernel for as long as a command needs them. */

import { SubjectError } from '../conformance/subject.js';
import { type LiveCommand, liveCommand } from '../live/launch.js';
import { Pool, type PoolProgress } from '../live/pool.js';
import { EXIT } from './exit.js';
import type { Output } from './output.js';

/** What starts an adapter that takes scenarios whose waits add up to at most `longest` µs; tests put another program in its place. */
export type AdapterFor = (options: { readonly longest: number }) => LiveCommand;

/** The adapter to the kernel of this machine. */
export const runningKernelAdapter: AdapterFor = (options) => liveCommand(options);

/** What a command asks for. */
export interface PoolRequest {
  /** Name of the variant that the adapters are held against. */
  readonly kernel: string;
  readonly jobs: number;
  /** µs. */
  readonly longest: number;
  readonly adapter: AdapterFor;
}

/**
 * Does something with adapters and ends them, whatever comes of it. The status of `work`, or 3 where adapters could not be started or ended.
 * @throws Unsupported where this machine lacks what they need
 */
export async function withPool(
  { kernel, jobs, longest, adapter }: PoolRequest,
  output: Output,
  work: (pool: Pool) => Promise<number>,
): Promise<number> {
  const command = adapter({ longest });
  let pool: Pool;
  try {
    pool = await Pool.start({ adapter: command, kernel, jobs, onNote: (line) => output.note(`adapter: ${line}`) });
  } catch (error) {
    if (!(error instanceof SubjectError)) throw error;
    output.note(`tcp-backlog: ${error.message}`);
    return EXIT.subject;
  }
  let status: number;
  try {
    status = await work(pool);
  } catch (error) {
    await pool.stop();
    throw error;
  }
  const problems = await pool.stop();
  for (const { message } of problems) output.note(`tcp-backlog: ${message}`);
  return problems.length > 0 ? EXIT.subject : status;
}

/** `recorded 12 of 400, about 75 s left`. */
export function progressInWords(done: string, progress: Omit<PoolProgress, 'left'>, left?: number): string {
  const rest = left === undefined ? '' : `, about ${Math.ceil(left)} s left`;
  return `${done} ${progress.done} of ${progress.of}${rest}`;
}
