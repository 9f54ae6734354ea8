/** The sysctls of the machine that the command runs on. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './exit.js';

/** The values of those of `names` that this machine has. `folder` is where they are to be read. */
export function systemSysctls(names: readonly string[], folder = '/proc/sys'): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of names) {
    const value = read(join(folder, ...name.split('.')));
    if (value !== undefined) found[name] = value;
  }
  if (Object.keys(found).length === 0) throw new UsageError(`${folder} has none of ${names.join(', ')}`);
  return found;
}

function read(file: string): number | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return /^-?\d+$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}
