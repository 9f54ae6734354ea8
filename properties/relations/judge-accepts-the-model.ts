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

/** A scenario, the release that it is played as, and for how long the machine has been up. */
interface Released extends Played {
  readonly release?: string;
  readonly uptime?: number;
}

const chanceOf = (played: Released): PlayOptions => ({
  ...optionsOf(played),
  ...(played.release === undefined ? {} : { release: played.release }),
  ...(played.uptime === undefined ? {} : { uptime: played.uptime }),
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
    'Whatever a model does, by whatever chance, at any HZ, at any time after boot and as any release that it is for, the judge accepts.',
  kernels: EVERY_KERNEL,
  rules: RULES,
  runs: 600,
  arbitrary: ({ kernel }) =>
    fc
      .record({
        played: anyPlayed(kernel, RULES),
        mainline: fc.boolean(),
        // Where it matters most; the rest of the first minutes is reached in the course of the scenario.
        uptime: fc.option(fc.integer({ min: 170_000_000, max: 425_000_000 }), { nil: undefined }),
      })
      .map(({ played, mainline, uptime }) => ({
        ...played,
        ...(mainline && kernel.name === '2.6.32' ? { release: '2.6.32.69' } : {}),
        ...(uptime === undefined ? {} : { uptime }),
      })),
  check(played, bench) {
    const { header, steps } = bench.play(played, chanceOf(played));
    const verdict = judgeTrace(header, steps.map(traceStep));
    expectThat(verdict.verdict === 'conforms', () => describeVerdict(verdict));
  },
  scenarios: (played) => [played],
});
