/** Tests that need the running kernel: they are skipped, and say why, where it cannot be talked to. */

import { it } from 'vitest';
import { liveCommand } from '../../src/live/launch.js';
import { Unsupported } from '../../src/live/unsupported.js';

/** Why this machine cannot run them; undefined: it can. */
export const unsupported: string | undefined = whyNot();

/** As `it`, for a test that needs the running kernel. */
export function liveIt(name: string, test: () => Promise<void>): void {
  const title = unsupported === undefined ? name : `${name} (skipped: ${unsupported})`;
  it.skipIf(unsupported !== undefined)(title, test);
}

function whyNot(): string | undefined {
  try {
    liveCommand();
    return undefined;
  } catch (error) {
    if (error instanceof Unsupported) return error.message;
    throw error;
  }
}
