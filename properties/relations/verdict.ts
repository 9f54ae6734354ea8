/** Verdicts in words. */

import type { Verdict } from '../../src/judge/judge.js';

/** A verdict in a sentence. */
export function describeVerdict(verdict: Verdict): string {
  switch (verdict.verdict) {
    case 'conforms':
      return 'the judge accepts it';
    case 'undecided':
      return `the judge gives up at line ${verdict.line}: ${verdict.reason}`;
    case 'violates': {
      const { line, field, expected, observed, rules } = verdict;
      const by = rules.at(-1);
      return `the judge rejects line ${line}, ${field}: expected ${JSON.stringify(expected)}, observed ${JSON.stringify(observed)}${by === undefined ? '' : ` (${by})`}`;
    }
  }
}
