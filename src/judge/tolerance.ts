/** How exactly the times in a trace can be trusted. It belongs to the trace's origin, and is stated here and in spec/README.md. */

import type { Tolerance, TraceHeader } from '../generated/types.js';

/** By a trace header's `origin`, where the header does not say it itself. */
export const TOLERANCES: Readonly<Record<TraceHeader['origin'], Tolerance>> = {
  // The guest ran in virtual time: nothing but the recorder's own instructions delays it.
  recorded: { timer: 1300, next: 200 },
  model: { timer: 1300, next: 200 },
  subject: { timer: 1300, next: 200 },
};
