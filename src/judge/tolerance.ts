/** How exactly the times in a trace can be trusted. It belongs to the trace's origin, and is stated here and in spec/README.md. */

import type { TraceHeader } from '../generated/types.js';

/** All in µs. */
export interface Tolerance {
  /** How long after the begin of its tick a timer's segment may be seen. */
  readonly timer: number;
  /** How long after a tick's segment the next one of the same tick may be seen. */
  readonly next: number;
}

/** By a trace header's `origin`. */
export const TOLERANCES: Readonly<Record<TraceHeader['origin'], Tolerance>> = {
  // The guest ran in virtual time: nothing but the recorder's own instructions delays it.
  recorded: { timer: 1300, next: 200 },
  model: { timer: 1300, next: 200 },
};
