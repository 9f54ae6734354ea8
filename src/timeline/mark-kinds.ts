/** Which rules leave a mark on a timeline, and of which kind. */

import { ruleSpecs } from '../generated/rules.js';
import type { RuleId } from '../host/rule.js';
import { decides } from '../judge/manner.js';
import type { MarkKind } from './timeline.js';

/** In the order in which marks are shown. */
export const MARK_KINDS: readonly MarkKind[] = [
  'syn-dropped',
  'ack-dropped',
  'cookie',
  'reset',
  'retransmission',
  'expired',
  'accepted',
];

/** Topics all of whose rules do the same, but for those in {@link BY_RULE}. */
const BY_TOPIC: Readonly<Record<string, MarkKind>> = {
  'accept-after-reset': 'accepted',
  'accept-order': 'accepted',
  'cookie-accept-queue-full': 'ack-dropped',
  'cookie-failures': 'ack-dropped',
  'fastopen-duplicate-syn': 'retransmission',
  'fastopen-expiry': 'expired',
  'fastopen-timeout': 'retransmission',
  'queue-expiry': 'expired',
  'queue-synack-not-sent': 'expired',
  'queue-timeout': 'retransmission',
  'request-defer-accept': 'ack-dropped',
  'request-duplicate-syn': 'retransmission',
  'reset-syn-fin': 'syn-dropped',
  'syn-accept-queue-full': 'syn-dropped',
  'syn-broadcast': 'syn-dropped',
  'syn-cookie': 'cookie',
  'syn-last-quarter': 'syn-dropped',
  'syn-no-memory': 'syn-dropped',
  'syn-not-answered': 'syn-dropped',
  'syn-old-timestamp': 'syn-dropped',
  'syn-queue-full': 'syn-dropped',
  'syn-security': 'syn-dropped',
};

/** Rules that differ from the others of their topic; undefined: no mark, since another rule of the same step leaves it, or since nothing is lost. */
const BY_RULE: Partial<Record<RuleId, MarkKind | undefined>> = {
  'inet_csk_reqsk_queue_prune/synack-not-sent-acked': undefined,
  'reqsk_timer_handler/synack-not-sent-acked': undefined,
  'tcp_check_req/duplicate-syn-not-answered': undefined,
  'tcp_check_req/duplicate-syn-rate-limited': 'syn-dropped',
  'tcp_check_req/overflow-ignored': 'ack-dropped',
  'tcp_close/unread-data': 'reset',
  'tcp_close/unread-data-after-reset': 'reset',
  'tcp_conn_request/last-quarter-proven': undefined,
  'tcp_disconnect/reset': 'reset',
  'tcp_v4_send_reset/for-an-ack': 'reset',
  'tcp_v4_send_reset/for-no-ack': 'reset',
};

const KINDS: ReadonlyMap<RuleId, MarkKind> = new Map(
  ruleSpecs.flatMap(({ id, topic }) => {
    const rule = id as RuleId;
    const kind = Object.hasOwn(BY_RULE, rule) ? BY_RULE[rule] : BY_TOPIC[topic];
    return kind === undefined ? [] : [[rule, kind] as const];
  }),
);

/** The kind of the mark that a rule leaves; undefined: it leaves none. */
export const markKind = (rule: RuleId): MarkKind | undefined => KINDS.get(rule);

/** Of `rules`, which fired in that order, the one that decided what `rules[index]` did: itself, or the last before it that decides anything. */
export function decidedBy(rules: readonly RuleId[], index: number): RuleId | undefined {
  for (let i = index; i >= 0; i--) {
    const rule = rules[i];
    if (rule !== undefined && decides(rule)) return rule;
  }
  return rules[index];
}
