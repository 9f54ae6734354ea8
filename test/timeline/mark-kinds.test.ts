import { describe, expect, it } from 'vitest';
import { type RuleId, tcpRuleSpecs } from '../../src/host/rule.js';
import { decidedBy, MARK_KINDS, markKind } from '../../src/timeline/mark-kinds.js';

/** What a rule says when it drops, resets, or sends again. */
const TELLING = /\bdropp?(s|ed)\b|\bresets?\b|\bignored\b|\bagain\b|\bforgotten\b|\bgiven up\b|\bcomes to nothing\b/;

/** Topics whose rules say such things and leave no mark, and why. */
const OTHER_TOPICS: Readonly<Record<string, string>> = {
  'close-after-reset': 'nothing is sent, but for the rule that leaves a mark',
  'close-connection': 'tcp_disconnect/reset leaves the mark',
  'close-listener': 'tcp_disconnect/reset leaves the mark',
  'close-shutdown': 'the connections that are reset leave the marks',
  'cookie-bad': 'the reset that answers leaves the mark',
  'fastopen-ack': 'the reset that answers leaves the mark',
  'fastopen-reset': 'the peer resets, or the reset that answers leaves the mark',
  'fastopen-slot': 'says whose slot is free again',
  'handshake-accept-queue-full': 'the rule of tcp_check_req that says what becomes of the ACK leaves the mark',
  'handshake-no-route': 'the rule of tcp_check_req that says what becomes of the ACK leaves the mark',
  'handshake-port': 'the rule of tcp_check_req that says what becomes of the ACK leaves the mark',
  'log-syn-flood': 'says what is logged',
  'queue-half-full': 'the expiries leave the marks',
  'queue-defer-accept': 'says when a SYN-ACK is sent again',
  'queue-without-listener': 'nobody listens any more',
  'request-bad-ack': 'the listener answers, and its reset leaves the mark',
  'request-no-ack': 'neither SYN nor ACK is lost',
  'request-old-timestamp': 'answered with an ACK',
  'request-out-of-window': 'answered with an ACK, or a reset that is ignored',
  'request-reset': 'the peer resets',
  'request-syn-in-window': 'the reset that answers leaves the mark',
  'reset-broadcast': 'nothing is sent',
  'reset-stray': 'the reset that answers leaves the mark',
  'timer-order': 'says in which order timers fire',
};

describe('marks', () => {
  it('are left by every rule that drops, resets, or sends again, but for those whose topic says why not', () => {
    const telling = tcpRuleSpecs.filter(({ sentence }) => TELLING.test(sentence));
    expect(telling.length).toBeGreaterThan(60);
    const unmarked = telling.filter(({ id, topic }) => {
      const isOther = OTHER_TOPICS[topic] !== undefined || topic.startsWith('connection-');
      return markKind(id as RuleId) === undefined && !isOther;
    });
    expect(unmarked.map(({ id }) => id)).toEqual(
      [
        'inet_csk_reqsk_queue_prune/synack-not-sent-acked',
        'reqsk_timer_handler/synack-not-sent-acked',
        'tcp_conn_request/last-quarter-proven',
        'tcp_check_req/duplicate-syn-not-answered',
        'tcp_v4_send_reset/never-for-a-reset',
      ].filter((id) => telling.some((rule) => rule.id === id)),
    );
  });

  it('are left by rules of each kind, and by no rule that only lets something in', () => {
    const kinds = new Set(tcpRuleSpecs.map(({ id }) => markKind(id as RuleId)));
    for (const kind of MARK_KINDS) expect(kinds).toContain(kind);
    for (const rule of ['tcp_conn_request/synack', 'tcp_check_req/handshake-complete', 'tcp_ack/pure'] as const) {
      expect(markKind(rule)).toBeUndefined();
    }
  });

  it('name the rule that decided, not the one that says how', () => {
    const rules: RuleId[] = ['tcp_check_req/overflow-aborted', 'calc_index/rounded-up', 'tcp_v4_send_reset/for-an-ack'];
    expect(decidedBy(rules, 2)).toBe('tcp_check_req/overflow-aborted');
    expect(decidedBy(rules, 0)).toBe('tcp_check_req/overflow-aborted');
    expect(decidedBy(['tcp_v4_send_reset/for-an-ack'], 0)).toBe('tcp_v4_send_reset/for-an-ack');
  });
});
