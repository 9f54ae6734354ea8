/** Relation: where no rule changed, the kernel did not change. */

import * as fc from 'fast-check';
import type { KernelSpec, TraceEvent } from '../../src/generated/types.js';
import { isSince, kernelSpec } from '../../src/host/kernel-spec.js';
import type { RuleId } from '../../src/host/rule.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { KERNELS } from '../../src/kernels.js';
import { type PlayedTrace, playScenario } from '../../src/run/scenario.js';
import type { PlayedStep } from '../../src/run/simulation.js';
import { EVERY_KERNEL } from '../kernels.js';
import { property } from '../property.js';
import { burst, burstScenario } from './burst.js';
import { changedRules } from './changed-rules.js';
import { expectSame, factsOf } from './compare.js';
import { anyPlayed, optionsOf, type Played } from './values.js';

/**
 * Rules that differ, but not in the step in which they fire: what they change is seen when another one fires, of which the kernels make something
 * different as well.
 */
const SEEN_LATER: ReadonlySet<RuleId> = new Set<RuleId>([
  // Where the requests of an earlier listener are, how many requests there may be, and when they are due again.
  'inet_listen/start',
  'inet_listen/adjust-limit',
  'reqsk_queue_alloc/size',
  'tcp_v4_conn_request/synack',
  'tcp_conn_request/synack',
  // A somaxconn below 0, which only one of them has, and which the other refuses.
  'sys_listen/backlog-above-somaxconn',
  'do_proc_dointvec_conv/any-int',
  // For how many timeouts a bare ACK is ignored.
  'do_tcp_setsockopt/defer-accept',
  // What the listener makes of an ACK of another number; and which other numbers are taken for the same cookie.
  'tcp_check_req/bad-ack',
  'cookie_v4_check/cookies-off',
  'cookie_v4_check/valid',
  // Fast Open, as long as it is not used.
  'inet_listen/fastopen-for-all',
  'tcp_fastopen_queue_check/off',
  'tcp_try_fastopen/cookie-required',
  // A reset by another name, and the log, which no trace has.
  'tcp_v4_do_rcv/reset-from-connection',
  'tcp_v4_do_rcv/reset-from-listener',
  '__ratelimit/passed',
  '__ratelimit/suppressed',
  '__ratelimit/tells-what-it-suppressed',
]);

/** Rules that say the same of a window that is not: how much of it memory is good for is a constant. */
const OF_WINDOWS: ReadonlySet<RuleId> = new Set<RuleId>([
  'tcp_check_req/reset-out-of-window',
  'tcp_validate_incoming/outside-window',
  'tcp_validate_incoming/reset-outside-window',
]);

/**
 * Up to so many bytes of data the kernels do the same with them; beyond, other constants show, although the rules are the same: how much memory a
 * segment takes, and for how much window memory is good.
 */
const SMALL = 536;

const sysctlsOf = (kernel: string): KernelSpec['sysctls'] => kernelSpec(kernel)?.sysctls ?? {};

const countersOf = (kernel: string): ReadonlySet<string> =>
  new Set(Object.values(kernelSpec(kernel)?.counters ?? {}).flat());

/** The counters that are moved alike. Whether small segments fit into one buffer hangs on how large its head is, which is a constant. */
function sharedCounters(one: string, other: string): ReadonlySet<string> {
  const theirs = countersOf(other);
  const [head, theirHead] = [one, other].map((name) => kernelSpec(name)?.constants['SKB_SMALL_HEAD_CACHE_SIZE']?.value);
  const shared = [...countersOf(one)].filter((name) => theirs.has(name));
  return new Set(head === theirHead ? shared : shared.filter((name) => name !== 'TCPRcvCoalesce'));
}

/** Whether a sysctl that a kernel has means anything to it: tcp_adv_win_scale has been without effect since 6.12. */
const means = (name: string, kernel: string): boolean =>
  name !== 'net.ipv4.tcp_adv_win_scale' || !isSince(kernel, '6.12');

/** The settings of which both kernels know, with the default of the first where theirs differ. */
function common(played: Played, one: string, other: string): Played {
  const [mine, theirs] = [sysctlsOf(one), sysctlsOf(other)];
  const known = (name: string): boolean => name in mine && name in theirs && means(name, one) === means(name, other);
  const only = (settings: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => known(name)));
  const defaults = Object.entries(mine).flatMap(([name, { default: value }]) =>
    known(name) && theirs[name]?.default !== value ? [[name, value] as const] : [],
  );
  return {
    ...played,
    sysctl: { ...Object.fromEntries(defaults), ...only(played.sysctl) },
    events: played.events.flatMap((event): TraceEvent[] => {
      if (!('sysctl' in event)) return [event];
      const sysctl = only(event.sysctl);
      return Object.keys(sysctl).length === 0 ? [] : [{ sysctl }];
    }),
  };
}

/** What can be compared of a step: the counters that both have, and rows in any order, since a hash orders them. */
function comparable(step: PlayedStep, shared: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  const { counters = {}, sockets = [] } = step.observed;
  const known = Object.entries(counters).filter(([name]) => shared.has(name));
  const rows = [...sockets].sort((a, b) => a.peer - b.peer);
  const fresh = new Set(step.out.filter(({ newIsn = false }) => newIsn).map(({ peer }) => peer));
  const out = step.out.map(({ seq, ...segment }) =>
    // What lies between a number that a client made up and a random one is random, too.
    segment.flags.includes('RST') && fresh.has(segment.peer) ? segment : { ...segment, seq },
  );
  return { ...factsOf(step), out, counters: Object.fromEntries(known), sockets: rows };
}

const bytesOf = (event: TraceEvent): number =>
  'segments' in event ? event.segments.reduce((sum, { len = 0 }) => sum + len, 0) : 0;

/** The kernel before it; of the oldest, the one after it. */
function neighbourOf({ name }: KernelVariant): KernelVariant {
  const place = KERNELS.findIndex((one) => one.name === name);
  return KERNELS[place === 0 ? 1 : place - 1] as KernelVariant;
}

const RULES: readonly RuleId[] = [
  'tcp_check_req/handshake-complete',
  'tcp_check_req/overflow-ignored',
  'tcp_check_req/overflow-aborted',
  'tcp_check_req/syn-in-window',
  'inet_csk_accept/oldest-first',
  'inet_csk_listen_stop/reset-child',
  'tcp_v4_rcv/no-socket',
  'tcp_data_queue/in-order',
];

export const kernelsAgree = property<Played>({
  id: 'kernels-agree',
  sentence:
    'Until a rule fires that a kernel and the one before it do not share, they do the same: results, segments, queues, counters and rows.',
  kernels: EVERY_KERNEL,
  // In steps that were compared.
  rules: RULES,
  runs: 3000,
  arbitrary: ({ kernel }) =>
    fc.oneof(
      anyPlayed(kernel, RULES),
      burst({ settings: { 'net.ipv4.tcp_abort_on_overflow': [0, 1] } }).map((one) => ({
        ...burstScenario(one),
        seed: 0,
        hz: 1000,
      })),
    ),
  check(played, bench) {
    const { kernel } = bench;
    const other = neighbourOf(kernel);
    const changed = changedRules(kernel.name, other.name);
    const differs = ({ rules }: PlayedStep): boolean =>
      rules.some((rule) => OF_WINDOWS.has(rule) || (changed.has(rule) && !SEEN_LATER.has(rule)));
    const same = common(played, kernel.name, other.name);
    const [mine, theirs] = [kernel, other].map((one) => playScenario(one, same, optionsOf(played))) as [
      PlayedTrace,
      PlayedTrace,
    ];
    if (mine.header.sysctlErrors !== undefined || theirs.header.sysctlErrors !== undefined) return;
    const shared = sharedCounters(kernel.name, other.name);
    let data = 0;
    for (const [i, step] of mine.steps.entries()) {
      const twin = theirs.steps[i] as PlayedStep;
      data += bytesOf(step.event);
      if (data > SMALL || differs(step) || differs(twin)) return;
      expectSame(comparable(step, shared), comparable(twin, shared), step.event, i, `on ${other.name}`);
      for (const rule of step.rules) bench.fired.set(rule, (bench.fired.get(rule) ?? 0) + 1);
    }
  },
  scenarios: (played, { kernel }) => [common(played, kernel.name, neighbourOf(kernel).name)],
});
