/** Plays one scenario on two kernels and holds each one's trace against the other: at which step can they be told apart? */

import type { TraceHeader } from '../generated/types.js';
import { citedRelease, kernelSpec } from '../host/kernel-spec.js';
import type { RuleId } from '../host/rule.js';
import type { KernelVariant } from '../host/variant.js';
import { judgeTrace } from '../judge/judge-trace.js';
import { type PlayedTrace, type Scenario, startScenario, type Trace } from '../run/scenario.js';

/** A scenario on which kernels may differ. */
export interface Candidate {
  readonly id: string;
  readonly scenario: Scenario;
  /** By variant, where it is not the release that the variant is cited from. */
  readonly releases?: Readonly<Record<string, string>>;
  /** Settles what the kernels leave to chance. Default 0. */
  readonly seed?: number;
}

/** Why and where a kernel's judge does not believe a trace. */
export interface Rejection {
  /** The step, counted from 1; 0: when the settings were written. */
  readonly step: number;
  readonly field: string;
  readonly expected: unknown;
  readonly observed: unknown;
  /** The rules of the judging kernel that fired in that step before it was contradicted. */
  readonly rules: readonly RuleId[];
}

/** What one kernel makes of the scenario, and what the other one's judge says about that. */
export interface Side {
  readonly kernel: KernelVariant;
  readonly trace: PlayedTrace;
  /** The rules that fired in each step; at 0 those of the settings before the first. */
  readonly rules: readonly (readonly RuleId[])[];
  /** Undefined: the other kernel might have done the same, or the judge can't tell. */
  readonly rejected: Rejection | undefined;
}

/** Both sides, in the order in which the kernels were given. */
export type Contrast = readonly [Side, Side];

/** Compares two kernels on a scenario. Of the settings that come before the first event each kernel is given those that it knows. */
export function contrast(a: KernelVariant, b: KernelVariant, candidate: Candidate): Contrast {
  return [sideOf(a, b, candidate), sideOf(b, a, candidate)];
}

/** One side of {@link contrast}: `kernel` plays, `other` judges. */
export function sideOf(kernel: KernelVariant, other: KernelVariant, candidate: Candidate): Side {
  const { id, scenario, releases = {}, seed = 0 } = candidate;
  const release = releases[kernel.name] ?? citedRelease(kernel.name);
  const settings = { sysctl: knownTo(kernel, scenario.sysctl), sockopt: scenario.sockopt };
  const { header, simulation } = startScenario(kernel, settings, { id, seed, release });
  const rules: (readonly RuleId[])[] = [simulation.host.fired];
  const steps = scenario.events.map((event) => simulation.step(event));
  for (const step of steps) rules.push(step.rules);
  const trace = { header, steps };
  return { kernel, trace, rules, rejected: rejectionBy(other, trace, releases[other.name]) };
}

/**
 * Where `kernel` can't have made a trace that another kernel made; undefined: it can, or the judge can't tell. Settings before the first
 * event that `kernel` has no use for are left out: that it lacks them says nothing about what it does.
 * @param release the release of `kernel` to judge as; by default the one that it is cited from
 */
export function rejectionBy(
  kernel: KernelVariant,
  { header, steps }: Trace,
  release = citedRelease(kernel.name),
): Rejection | undefined {
  const verdict = judgeTrace(asSeenBy(kernel, header, release), steps, kernel, 0);
  if (verdict.verdict !== 'violates') return undefined;
  const { line: step, field, expected, observed, rules } = verdict;
  return { step, field, expected, observed, rules };
}

/**
 * The header of another kernel's trace as `kernel` can be held against it: settings that it has no use for are left out, and the release
 * is one of its own.
 */
export function asSeenBy(
  kernel: KernelVariant,
  header: TraceHeader,
  release = header.kernel.variant === kernel.name ? header.kernel.release : citedRelease(kernel.name),
): TraceHeader {
  const { sysctlErrors, ...rest } = header;
  return {
    ...rest,
    kernel: { ...header.kernel, release },
    sysctl: knownTo(kernel, header.sysctl),
    ...(sysctlErrors === undefined ? {} : { sysctlErrors: knownTo(kernel, sysctlErrors) }),
  };
}

/** What is said of sysctls that the kernel's model reads. */
function knownTo<T>(kernel: KernelVariant, settings: Readonly<Record<string, T>>): Record<string, T> {
  const known = kernelSpec(kernel.name)?.sysctls ?? {};
  return Object.fromEntries(Object.entries(settings).filter(([name]) => Object.hasOwn(known, name)));
}
