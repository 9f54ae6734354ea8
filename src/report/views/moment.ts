/** What a view is of: a machine at an instant, and what its kernel has logged so far. */

import type { Host } from '../../host/host.js';
import type { KernelVariant } from '../../host/variant.js';

/** A line of the kernel log, with the time of the step that wrote it. */
export interface LogEntry {
  /** µs since the start. */
  readonly at: number;
  /** `<level> text`, as models log it. */
  readonly line: string;
}

/** A machine that somebody looks at. */
export interface Moment {
  readonly variant: KernelVariant;
  readonly host: Host;
  /** When, in µs since the start. Not before `host.now`. */
  readonly at: number;
  /** The oldest first. */
  readonly log: readonly LogEntry[];
}
