/** Writes a report to a file that somebody named. */

import { writeFileSync } from 'node:fs';
import { UsageError } from './exit.js';

/**
 * Writes `text` to `file`, in the place of what is there.
 * @throws UsageError where that cannot be done
 */
export function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
  }
}
