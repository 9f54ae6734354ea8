/** `adapter`: the adapter to the running kernel on this process's standard input and output, for whatever speaks the conformance protocol. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { liveCommand } from '../../live/launch.js';
import { EXIT } from '../exit.js';
import type { Output } from '../output.js';

/** What the command line says. */
export interface AdapterOptions {
  /** Seconds. */
  readonly longest?: number;
}

/**
 * Runs it until it ends; its status is ours. It ends with this process.
 * @throws Unsupported where this machine lacks what it needs
 */
export async function adapter({ longest }: AdapterOptions, output: Output): Promise<number> {
  const { command, args } = liveCommand(longest === undefined ? {} : { longest: longest * 1e6 });
  const child = spawn(command, args, { stdio: 'inherit' });
  const kill = (): boolean => child.kill('SIGKILL');
  process.on('exit', kill);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return signal === null ? (code ?? EXIT.subject) : 128 + constants.signals[signal];
  } catch (error) {
    output.note(`tcp-backlog: ${command} cannot be started: ${(error as Error).message}`);
    return EXIT.subject;
  } finally {
    process.off('exit', kill);
  }
}
