/** What came of holding the running kernel against a model, for people at a terminal. */

import type { LiveReport, LiveResult } from '../live/campaign.js';
import { explained } from './conformance-words.js';

/** How many kinds of reasons for skipping are told before the rest is only counted. */
const REASONS_SHOWN = 12;

/** A scenario that needs somebody to look at it: a line, and what is to be known below. Empty for one that conforms or was skipped. */
export function liveResultInWords(
  { scenario, sentence, verdict, reason, failure, again }: LiveResult,
  kernel: string,
): string[] {
  switch (verdict) {
    case 'violates': {
      const repeated = again === false ? ['  it did not fail when it was played once more'] : [];
      return [
        `${scenario} fails: ${sentence}`,
        ...repeated,
        ...(failure === undefined ? [] : explained(failure, kernel)),
      ];
    }
    case 'undecided':
      return [`${scenario} is undecided: ${reason ?? ''}`];
    case 'broken':
      return [`${scenario} could not be recorded: ${reason ?? ''}`];
    default:
      return [];
  }
}

/** The end: how many scenarios came to what, what was skipped and why, and how long it took. */
export function liveSummaryInWords({
  kernel,
  running,
  totals,
  seed,
  coverage,
  unjudged,
  milliseconds,
  results,
}: LiveReport): string[] {
  const steps = results.reduce((sum, one) => sum + one.steps, 0);
  const { conforms, violates, undecided, broken, skipped } = totals;
  const played = conforms + violates + undecided;
  const built = running.upstream === undefined ? '' : ` (${running.upstream})`;
  const others = [...(broken > 0 ? [`${broken} not recorded`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])];
  const once = results.filter(({ again }) => again === false).length;
  const rules = coverage.exercised.length + coverage.never.length;
  return [
    `Linux ${running.release}${built} against ${kernel}: ${played} scenarios: ${[`${conforms} conform`, `${violates} violate`, `${undecided} undecided`, ...others].join(', ')}`,
    `  ${steps} steps, seed ${seed}, ${(milliseconds / 1000).toFixed(1)} s`,
    ...(once > 0 ? [`  ${once} of those that violate did not when they were played once more`] : []),
    `  rules exercised: ${coverage.exercised.length} of ${rules}`,
    ...skippedInWords(results),
    ...(unjudged.length > 0 ? ['  left unjudged:', ...unjudged.map((what) => `    ${what}`)] : []),
    ...(played === 0 ? ['  nothing was judged'] : []),
  ];
}

/** Why scenarios were skipped, by reason. */
function skippedInWords(results: readonly LiveResult[]): string[] {
  const tally = new Map<string, number>();
  for (const { verdict, reason = '' } of results) {
    if (verdict !== 'skipped') continue;
    const kind = reason.replace(/waits of [\d.]+ s in all, at most ([\d.]+) s/, 'waits of more than $1 s in all');
    tally.set(kind, (tally.get(kind) ?? 0) + 1);
  }
  const reasons = [...tally].sort(([, a], [, b]) => b - a);
  const more = reasons.slice(REASONS_SHOWN).reduce((sum, [, count]) => sum + count, 0);
  return [
    ...(reasons.length > 0 ? ['  skipped:'] : []),
    ...reasons.slice(0, REASONS_SHOWN).map(([kind, count]) => `    ${count}: ${kind}`),
    ...(more > 0 ? [`    ${more} for other reasons`] : []),
  ];
}
