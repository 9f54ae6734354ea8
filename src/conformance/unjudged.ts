/** What a report leaves open, in words: whoever reads that something passed has to know what was not looked at. */

import { FEATURES, limitsOf } from '../../properties/arbitraries/limits.js';
import type { Capabilities, CaseResult, Feature, Level } from '../generated/types.js';
import { kernelSpec } from '../host/kernel-spec.js';
import { LEVELS, sees } from '../trace/level.js';

/** What each level adds. */
const SHOWN: Readonly<Record<Level, string>> = {
  results: 'results of system calls',
  segments: 'the segments that it sends',
  counters: 'counters',
  queues: "the listener's state, queue length and limit",
  sockets: 'the rows of requests and connections',
};

/** What could not be judged of a subject with these capabilities. `kernel`: its name. `cases`: what came of those that were chosen. */
export function unjudgedOf(
  kernel: string,
  capabilities: Capabilities,
  cases: readonly Pick<CaseResult, 'status'>[],
): string[] {
  const { observes, sysctls, sockopts, clock, peers } = capabilities;
  const { features } = limitsOf(capabilities);
  const hidden = LEVELS.filter((level) => !sees(capabilities, level)).map((level) => SHOWN[level]);
  const lacking = (Object.keys(FEATURES) as Feature[]).filter((feature) => !features.has(feature));
  const unknown = Object.keys(kernelSpec(kernel)?.sysctls ?? {}).filter((sysctl) => !sysctls.includes(sysctl));
  const unset = (['TCP_DEFER_ACCEPT', 'TCP_SYNCNT', 'TCP_FASTOPEN'] as const).filter((one) => !sockopts.includes(one));
  const skipped = cases.filter(({ status }) => status === 'skipped').length;
  return [
    ...(hidden.length > 0 ? [`not seen, as its level is "${observes.level}": ${hidden.join('; ')}`] : []),
    ...(observes.counters !== undefined && sees(capabilities, 'counters')
      ? [`of the counters only these are seen: ${observes.counters.join(', ')}`]
      : []),
    ...(lacking.length > 0 ? [`not supported: ${lacking.map((one) => `${one} (${FEATURES[one]})`).join('; ')}`] : []),
    ...(unknown.length > 0 ? [`sysctls that it does not know: ${unknown.join(', ')}`] : []),
    ...(unset.length > 0 ? [`socket options that it does not know: ${unset.join(', ')}`] : []),
    ...(clock.kind === 'real'
      ? [
          `scenarios of more than ${clock.longest / 1e6} s, and delays of timers below ${clock.tolerance.timer / 1e3} ms`,
        ]
      : []),
    ...(peers !== undefined ? [`scenarios with more than ${peers} peers`] : []),
    ...(skipped > 0 ? [`${skipped} of ${cases.length} cases, skipped for want of what they need`] : []),
  ];
}
