import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RuleId, tcpRuleSpecs } from '../src/host/rule.js';
import type { KernelVariant } from '../src/host/variant.js';
import { KERNELS } from '../src/kernels.js';
import { PROFILES } from './profiles/index.js';
import { Bench } from './property.js';

const SEED = Number(process.env['SEED'] ?? 1);
const MAINLINE = '2.6.32.69';

/** The rules that no scenario can reach, and why. */
const BEYOND: Readonly<Partial<Record<RuleId, string>>> = {
  'inet_csk_reqsk_queue_prune/synack-not-sent': 'a wait carries no fault, and only a timer gets there',
  'inet_csk_reqsk_queue_prune/synack-not-sent-acked': 'a wait carries no fault, and only a timer gets there',
  'reqsk_timer_handler/synack-not-sent': 'a wait carries no fault, and only a timer gets there',
  'reqsk_timer_handler/synack-not-sent-acked': 'a wait carries no fault, and only a timer gets there',
  'tcp_check_req/old-timestamp': 'a scenario does not give the values of timestamps',
  'tcp_v4_conn_request/old-timestamp': 'a scenario has no peer in TIME-WAIT',
  'tcp_conn_request/last-quarter-proven': 'a scenario has no peer whose round trip is remembered',
  'tcp_synq_no_recent_overflow/jiffies-near-zero': 'a scenario does not say for how long the machine has been up',
  'tcp_synq_overflow/jiffies-near-zero': 'a scenario does not say for how long the machine has been up',
};

/** The rules that a kernel has in another release than the one that it is cited from, and the profiles that reach them there. */
const ELSEWHERE: Readonly<Record<string, Readonly<Partial<Record<RuleId, string>>>>> = {
  '2.6.32': {
    'tcp_rcv_state_process/listen-syn-fin': 'odd-segments',
    'do_proc_dointvec_minmax_conv/out-of-range': 'sysctl-changes',
  },
};

const rulesOf = ({ name }: KernelVariant): RuleId[] =>
  tcpRuleSpecs.filter(({ kernels }) => kernels[name] !== undefined).map(({ id }) => id as RuleId);

/** Plays the default campaign of each profile, and counts which rules fired in each. */
function campaign(kernel: KernelVariant, release?: string, id?: string): Map<string, Bench> {
  const benches = new Map<string, Bench>();
  for (const profile of PROFILES) {
    if (!profile.kernels.includes(kernel.name) || (id !== undefined && profile.id !== id)) continue;
    const bench = new Bench(kernel);
    for (const scenario of fc.sample(profile.scenario(kernel), { numRuns: profile.runs, seed: SEED })) {
      bench.play(scenario, release === undefined ? {} : { release });
    }
    benches.set(profile.id, bench);
  }
  return benches;
}

describe.each(KERNELS.map((kernel) => [kernel.name, kernel] as const))('the default campaign of %s', (name, kernel) => {
  const benches = campaign(kernel);
  const elsewhere = ELSEWHERE[name] ?? {};

  it('makes every rule fire that a scenario can reach', () => {
    const times = new Map<RuleId, number>();
    for (const { fired } of benches.values())
      for (const [rule, n] of fired) times.set(rule, (times.get(rule) ?? 0) + n);
    const rarest = [...times].sort((a, b) => a[1] - b[1]).slice(0, 12);
    process.stdout.write(`SEED=${SEED} ${name}: ${rarest.map(([rule, n]) => `${rule} ${n}`).join(', ')}\n`);
    const missing = rulesOf(kernel).filter((rule) => !times.has(rule));
    const excused = rulesOf(kernel).filter((rule) => BEYOND[rule] !== undefined || elsewhere[rule] !== undefined);
    expect(missing.sort()).toEqual(excused.sort());
  });

  it('makes the rules of each profile fire in that profile', () => {
    const known = new Set(rulesOf(kernel));
    const silent = PROFILES.filter(({ id }) => benches.has(id)).flatMap(({ id, rules }) =>
      rules
        .filter((rule) => known.has(rule) && elsewhere[rule] === undefined && benches.get(id)?.fired.has(rule) !== true)
        .map((rule) => `${id}: ${rule}`),
    );
    expect(silent).toEqual([]);
  });

  it.each(Object.entries(elsewhere))('in mainline makes %s fire in %s', (rule, id) => {
    expect(
      campaign(kernel, MAINLINE, id)
        .get(id)
        ?.fired.has(rule as RuleId),
    ).toBe(true);
  });
});
