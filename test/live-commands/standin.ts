/** What stands in for the adapter to the running kernel, where a test has to know what that does: a model behind the protocol. */

import { join, resolve } from 'node:path';
import type { LiveCommand } from '../../src/live/launch.js';

const ROOT = resolve(import.meta.dirname, '../..');

/** Starts the model of that kernel. */
export const standIn = (kernel: string): LiveCommand => ({
  command: process.execPath,
  args: ['--import', import.meta.resolve('tsx'), join(ROOT, 'examples/typescript/model-subject.ts'), kernel],
});
