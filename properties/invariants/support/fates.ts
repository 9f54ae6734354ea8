/** What may become of a segment: the rules that decide it, of which exactly one fires for each segment. */

import type { RuleId } from '../../../src/host/rule.js';

/** What became of a segment that no connection took. */
export type Fate = 'dropped' | 'queued' | 'cookie' | 'matched' | 'connected' | 'refused' | 'ignored';

/**
 * By fate. `dropped`: a SYN of which nothing is kept. `queued`: a SYN that became a request or a Fast Open connection. `cookie`: a SYN that
 * was answered with one. `matched`: a segment for a request that is there. `connected`: an ACK that made a connection. `refused`: a segment
 * that only a reset can answer. `ignored`: a segment that means nothing to a listener.
 */
const RULES: Readonly<Record<Fate, readonly RuleId[]>> = {
  dropped: [
    'tcp_v4_conn_request/broadcast',
    'tcp_v4_conn_request/syn-queue-full',
    'tcp_v4_conn_request/accept-queue-full',
    'tcp_v4_conn_request/last-quarter',
    'tcp_v4_conn_request/no-memory',
    'tcp_v4_conn_request/security',
    'tcp_v4_conn_request/old-timestamp',
    'tcp_v4_conn_request/synack-not-sent',
    'tcp_conn_request/syn-queue-full',
    'tcp_conn_request/accept-queue-full',
    'tcp_conn_request/cookie-accept-queue-full',
    'tcp_conn_request/last-quarter',
    'tcp_conn_request/no-memory',
    'tcp_conn_request/security',
    'tcp_conn_request/no-route',
    'tcp_rcv_state_process/listen-syn-fin',
  ],
  queued: ['tcp_v4_conn_request/synack', 'tcp_conn_request/synack', 'tcp_conn_request/fastopen'],
  cookie: ['tcp_v4_conn_request/cookie', 'tcp_conn_request/cookie'],
  matched: [
    'tcp_check_req/duplicate-syn',
    'tcp_check_req/duplicate-syn-fastopen',
    'tcp_check_req/duplicate-syn-rate-limited',
    'tcp_check_req/out-of-window',
    'tcp_check_req/out-of-window-rate-limited',
    'tcp_check_req/reset-out-of-window',
    'tcp_check_req/reset',
    'tcp_check_req/reset-fastopen',
    'tcp_check_req/syn-in-window',
    'tcp_check_req/syn-in-window-fastopen',
    'tcp_check_req/no-ack',
    'tcp_check_req/defer-accept',
    'tcp_check_req/overflow-ignored',
    'tcp_check_req/overflow-aborted',
    'cookie_v4_check/no-memory',
    'cookie_v4_check/security',
    'cookie_v4_check/no-route',
    'get_cookie_sock/no-child',
    'tcp_get_cookie_sock/no-child',
  ],
  connected: [
    'tcp_check_req/handshake-complete',
    'get_cookie_sock/handshake-complete',
    'tcp_get_cookie_sock/handshake-complete',
  ],
  refused: ['tcp_v4_rcv/no-socket', 'tcp_rcv_state_process/listen-ack'],
  ignored: ['tcp_rcv_state_process/listen-reset', 'tcp_rcv_state_process/listen-other'],
};

const FATES: ReadonlyMap<string, Fate> = new Map(
  Object.entries(RULES).flatMap(([fate, rules]) => rules.map((rule) => [rule, fate as Fate] as const)),
);

/** The fates that the rules of one segment tell, each with its rule. */
export function fatesOf(rules: readonly RuleId[]): (readonly [fate: Fate, rule: RuleId])[] {
  return rules.flatMap((rule) => {
    const fate = FATES.get(rule);
    return fate === undefined ? [] : [[fate, rule] as const];
  });
}
