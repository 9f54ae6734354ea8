/** Relation: model and judge are one specification, seen from what the model never does. */

import * as fc from 'fast-check';
import type { Step } from '../../src/generated/types.js';
import type { RuleId } from '../../src/host/rule.js';
import type { KernelVariant } from '../../src/host/variant.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import { SeededEnvironment } from '../../src/run/environment.js';
import { traceStep } from '../../src/run/scenario.js';
import { type Corruption, corruptions, type Mutable } from '../corruptions/corruptions.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, type Property, property } from '../property.js';
import { anyPlayed, optionsOf, type Played } from './values.js';

interface Lie {
  readonly played: Played;
  readonly kind: string;
  /** Settles which of the facts is falsified, and how. */
  readonly which: number;
}

/** Kinds of lies that another bucket of the SYN queue could make true, where there are buckets (2.6.32). */
const MAY_BE_TRUE = new Set(['move-retransmission', 'drop-row']);

const kindsFor = ({ synTable }: KernelVariant, lies: readonly Corruption[]): string[] =>
  lies.map(({ kind }) => kind).filter((kind) => synTable === undefined || !MAY_BE_TRUE.has(kind));

const RULES: readonly RuleId[] = [
  'tcp_check_req/handshake-complete',
  'syn_ack_recalc/resend',
  'inet_csk_accept/oldest-first',
];

/** The property, of lies of these kinds. */
export function rejecting(lies: readonly Corruption[]): Property {
  return property<Lie>({
    id: 'judge-rejects-falsified',
    sentence:
      'The judge rejects every trace of a model in which one observed fact was falsified, unless chance could have made it so.',
    kernels: EVERY_KERNEL,
    rules: RULES,
    runs: 600,
    arbitrary: ({ kernel }) =>
      fc.record({
        played: anyPlayed(kernel, RULES),
        kind: fc.constantFrom(...kindsFor(kernel, lies)),
        which: fc.integer(),
      }),
    check({ played, kind, which }, bench) {
      const { header, steps } = bench.play(played, optionsOf(played));
      const told = structuredClone(steps.map(traceStep)) as Mutable<Step>[];
      const chance = new SeededEnvironment(which);
      const { corrupt, sentence } = lies.find((one) => one.kind === kind) as Corruption;
      if (!corrupt(told, (n) => chance.choose(n))) return;
      const { verdict } = judgeTrace(header, told);
      expectThat(verdict === 'violates', () => {
        const changed = told.findIndex(
          (step, i) => JSON.stringify(step) !== JSON.stringify(traceStep(steps[i] as (typeof steps)[number])),
        );
        return `${verdict}: a lie of the kind ${kind} (${sentence}) in step ${changed + 1}: ${JSON.stringify(told[changed])}`;
      });
    },
    scenarios: ({ played }) => [played],
  });
}

export const judgeRejectsFalsified = rejecting(corruptions);
