/** Thrown when what was observed is not what this hypothesis allows. */

/** One observed fact that does not fit. */
export interface Mismatch {
  /** JSON path of the fact within the step, for example `out[2].flags`. */
  readonly field: string;
  /** What the specification allows here, in words or as the value. */
  readonly expected: unknown;
  /** What the trace says. */
  readonly observed: unknown;
}

/** Ends a hypothesis. */
export class Contradiction extends Error {
  readonly mismatch: Mismatch;

  constructor(field: string, expected: unknown, observed: unknown) {
    // An everyday event of the search: collecting a stack for each would cost more than the rest of it.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(field);
    Error.stackTraceLimit = limit;
    this.mismatch = { field, expected, observed };
  }
}
Contradiction.prototype.name = 'Contradiction';
