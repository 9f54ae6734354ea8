/** Relation: model and judge are one specification, seen from the model. */

import * as fc from 'fast-check';
import type { RuleId } from '../../src/host/rule.js';
import { judgeTrace } from '../../src/judge/judge-trace.js';
import type { PlayOptions } from '../../src/run/scenario.js';
import { traceStep } from '../../src/run/scenario.js';
import { EVERY_KERNEL } from '../kernels.js';
import { expectThat, property } from '../property.js';
import { anyPlayed, optionsOf, type Played } from './values.js';
import { describeVerdict } from './verdict.js';

/** A scenario, and the release that it is played as. */
interface Released extends Played {
  readonly release?: string;
}

const chanceOf = (played: Released): PlayOptions => ({
  ...optionsOf(played),
  ...(played.release === undefined ? {} : { release: played.release }),
});

const RULES: readonly RuleId[] = [
  'tcp_check_req/handshake-complete',
  'syn_ack_recalc/resend',
  'syn_ack_recalc/expire',
  'cookie_v4_check/valid',
  'tcp_v4_syn_recv_sock/accept-queue-full',
  'inet_csk_reqsk_queue_prune/half-full',
  'reqsk_timer_handler/half-full',
];

export const judgeAcceptsTheModel = property<Released>({
  id: 'judge-accepts-the-model',
  sentence:
    'Whatever a model does, by whatever chance, at any HZ and as any release that it is for, the judge accepts.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  runs: 600,
  arbitrary: ({ kernel }) =>
    fc.record({ played: anyPlayed(kernel, RULES), mainline: fc.boolean() }).map(({ played, mainline }) => ({
      ...played,
      ...(mainline && kernel.name === '2.6.32' ? { release: '2.6.32.69' } : {}),
    })),
  check(played, bench) {
    const { header, steps } = bench.play(played, chanceOf(played));
    const verdict = judgeTrace(header, steps.map(traceStep));
    expectThat(verdict.verdict === 'conforms', () => describeVerdict(verdict));
  },
  scenarios: (played) => [played],
});
