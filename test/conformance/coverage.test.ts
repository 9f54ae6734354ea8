import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitsOf } from '../../properties/arbitraries/limits.js';
import { PROFILES } from '../../properties/profiles/index.js';
import { unmetByProfile } from '../../properties/profiles/profile.js';
import { coverageOf } from '../../src/conformance/coverage.js';
import { casesFor, modelSubject } from '../../src/conformance/index.js';
import type { Capabilities } from '../../src/generated/types.js';
import type { RuleId } from '../../src/host/rule.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { KERNELS, kernelNamed } from '../../src/kernels.js';
import { playScenario } from '../../src/run/scenario.js';

const SEED = Number(process.env['SEED'] ?? 1);
const RUNS = 60;

/** What a subject may lack, a rule that it can then never exercise, and the kernels that have it. */
const LACKING: readonly [string, RuleId, readonly string[]][] = [
  ['shutdown', 'inet_shutdown/listener', ['2.6.32', '4.15']],
  ['cookies', 'cookie_v4_check/valid', ['2.6.32', '4.15']],
  ['faults', 'cookie_v4_check/no-memory', ['2.6.32', '4.15']],
  ['broadcast', 'tcp_v4_send_reset/never-for-broadcast', ['2.6.32', '4.15']],
  ['data', 'tcp_conn_request/fastopen', ['4.15']],
  ['net.ipv4.tcp_fastopen', 'tcp_fastopen_queue_check/off', ['4.15']],
  ['TCP_DEFER_ACCEPT', 'syn_ack_recalc/wait-for-data', ['2.6.32', '4.15']],
  ['TCP_SYNCNT', 'do_tcp_setsockopt/syncnt', ['2.6.32', '4.15']],
];

/** A model that can be put through everything but this. */
function without(kernel: KernelVariant, what: string): Capabilities {
  const all = modelSubject(kernel).capabilities;
  return {
    ...all,
    features: all.features.filter((one) => one !== what),
    sysctls: all.sysctls.filter((one) => one !== what),
    sockopts: all.sockopts.filter((one) => one !== what),
  };
}

/** The rules that it exercises, in what it can be put through. */
function exercised(kernel: KernelVariant, capabilities: Capabilities): Set<RuleId> {
  const limits = limitsOf(capabilities);
  const golden = casesFor(kernel, capabilities).flatMap((one) =>
    one.kind === 'golden' && one.lacking.length === 0 ? [one.scenario] : [],
  );
  const generated = PROFILES.filter(
    (profile) => profile.kernels.includes(kernel.name) && unmetByProfile(profile, limits).length === 0,
  ).flatMap((profile) => fc.sample(profile.scenario(kernel, limits), { seed: SEED, numRuns: RUNS }));
  const played = [...golden, ...generated].flatMap((scenario) => playScenario(kernel, scenario).steps);
  return new Set(played.flatMap(({ rules }) => rules));
}

describe('the reason why a rule was never exercised', () => {
  const cases = LACKING.flatMap(([what, rule, kernels]) =>
    kernels.map((name) => [what, name, rule, kernelNamed(name) as KernelVariant] as const),
  );

  it.each(cases)('is that the subject lacks %s only where nothing else exercises it in %s', (what, _, rule, kernel) => {
    const capabilities = without(kernel, what);
    const blamed = coverageOf(kernel, capabilities, new Set()).never.flatMap((one) =>
      one.reason?.startsWith('needs ') === true ? [one.rule] : [],
    );
    expect(blamed).toContain(rule);
    const met = exercised(kernel, capabilities);
    expect(met.size).toBeGreaterThan(80);
    expect(blamed.filter((one) => met.has(one as RuleId))).toEqual([]);
  });

  it.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))(
    'is none where the subject lacks nothing in %s, but that the kit does not get there',
    (_, kernel) => {
      const { never } = coverageOf(kernel, modelSubject(kernel).capabilities, new Set());
      const reasons = new Set(never.map(({ reason }) => reason));
      expect([...reasons].sort()).toEqual(['no scenario reaches it', undefined]);
    },
  );

  it('is not the want of data for the order of timers', () => {
    const kernel = kernelNamed('4.15') as KernelVariant;
    const { never } = coverageOf(kernel, without(kernel, 'data'), new Set());
    for (const rule of ['__mod_timer/keeps-place', '__run_timers/coarsest-level-first']) {
      expect(never).toContainEqual({ rule });
    }
  });
});
