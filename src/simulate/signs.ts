/** The rules by which clients of a busy listener lose something, or nearly. */

import { ruleSpecs } from '../generated/rules.js';
import type { RuleId } from '../host/rule.js';

/** What it is for the client. */
export type Sign = 'syn-dropped' | 'ack-dropped' | 'ack-deferred' | 'cookie' | 'reset' | 'retransmission' | 'expired';

/** What a rule means for a client; rules that are not listed are no trouble. */
export const SIGNS: ReadonlyMap<RuleId, Sign> = new Map<RuleId, Sign>([
  ['tcp_v4_conn_request/syn-queue-full', 'syn-dropped'],
  ['tcp_v4_conn_request/accept-queue-full', 'syn-dropped'],
  ['tcp_v4_conn_request/last-quarter', 'syn-dropped'],
  ['tcp_conn_request/syn-queue-full', 'syn-dropped'],
  ['tcp_conn_request/accept-queue-full', 'syn-dropped'],
  ['tcp_conn_request/cookie-accept-queue-full', 'syn-dropped'],
  ['tcp_conn_request/last-quarter', 'syn-dropped'],
  ['tcp_check_req/overflow-ignored', 'ack-dropped'],
  ['get_cookie_sock/no-child', 'ack-dropped'],
  ['tcp_get_cookie_sock/no-child', 'ack-dropped'],
  ['tcp_check_req/defer-accept', 'ack-deferred'],
  ['tcp_v4_conn_request/cookie', 'cookie'],
  ['tcp_conn_request/cookie', 'cookie'],
  ['tcp_check_req/overflow-aborted', 'reset'],
  ['inet_csk_listen_stop/reset-child', 'reset'],
  ['tcp_rcv_state_process/listen-ack', 'reset'],
  ['tcp_v4_do_rcv/reset-from-listener', 'reset'],
  ['cookie_v4_check/not-a-cookie', 'reset'],
  ['cookie_v4_check/no-recent-cookie', 'reset'],
  ['tcp_v4_rcv/no-socket', 'reset'],
  ['syn_ack_recalc/resend', 'retransmission'],
  ['syn_ack_recalc/expire', 'expired'],
  ['reqsk_queue_destroy/requests-vanish', 'expired'],
  ['reqsk_timer_handler/listener-gone', 'expired'],
]);

/** The sentence of a rule. */
export const sentenceOf = (rule: RuleId): string => ruleSpecs.find(({ id }) => id === rule)?.sentence ?? rule;
