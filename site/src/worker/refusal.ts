/** What the worker throws where the question is wrong: the page shows it as it is. */

import type { Problem } from '../../../src/trace/problem.js';

/** A problem that whoever asked can do something about. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}
