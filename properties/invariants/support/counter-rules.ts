/** Which decisions move which counter: how often each counter rises when a rule fires. Steps with faults are not described. */

import type { CounterName } from '../../../src/host/counters.js';
import { isSince } from '../../../src/host/kernel-spec.js';
import type { RuleId } from '../../../src/host/rule.js';

/** The rules that move a counter, by one each time; a rule that moves it by two is there twice. */
export type CounterRules = Partial<Readonly<Record<CounterName, readonly RuleId[]>>>;

/** In all kernels. */
const COMMON: CounterRules = {
  OutRsts: [
    'tcp_v4_send_reset/for-an-ack',
    'tcp_v4_send_reset/for-no-ack',
    'tcp_disconnect/reset',
    'tcp_close/unread-data',
    'tcp_close/unread-data-after-reset',
  ],
  PassiveOpens: ['tcp_v4_syn_recv_sock/child', 'inet_ehash_insert/taken'],
  EmbryonicRsts: ['tcp_check_req/reset', 'tcp_check_req/syn-in-window', 'tcp_check_req/overflow-aborted'],
  SyncookiesSent: ['tcp_v4_conn_request/cookie', 'tcp_conn_request/cookie'],
  SyncookiesRecv: ['cookie_v4_check/valid'],
  DelayedACKs: ['tcp_delack_timer/send', 'tcp_delack_timer_handler/send'],
  TCPPureAcks: ['tcp_ack/pure'],
  TCPHPHits: ['tcp_rcv_established/predicted-data'],
  TCPAbortOnClose: ['tcp_close/unread-data', 'tcp_close/unread-data-after-reset'],
  TCPAbortOnData: [
    'tcp_close/linger-zero',
    'tcp_close/linger-zero-after-reset',
    'tcp_rcv_state_process/data-after-fin',
  ],
};

const RULES_2_6_32: CounterRules = {
  ...COMMON,
  ListenOverflows: ['tcp_v4_syn_recv_sock/accept-queue-full'],
  ListenDrops: ['tcp_v4_syn_recv_sock/accept-queue-full'],
  AttemptFails: ['tcp_check_req/reset', 'tcp_check_req/syn-in-window'],
  SyncookiesFailed: ['cookie_v4_check/no-recent-cookie', 'cookie_v4_check/not-a-cookie'],
  TCPAbortOnSyn: ['tcp_validate_incoming/syn-in-window'],
  // This kernel has no such counters, or counts no such thing.
  RetransSegs: [],
  TCPTimeouts: [],
  TCPAbortOnTimeout: [],
};

const RULES_4_15: CounterRules = {
  ...COMMON,
  ListenOverflows: [
    'tcp_conn_request/accept-queue-full',
    'tcp_conn_request/cookie-accept-queue-full',
    'tcp_v4_syn_recv_sock/accept-queue-full',
  ],
  ListenDrops: [
    'tcp_conn_request/accept-queue-full',
    'tcp_conn_request/cookie-accept-queue-full',
    'tcp_conn_request/last-quarter',
    'tcp_conn_request/syn-queue-full',
    'tcp_v4_conn_request/broadcast',
    'tcp_v4_syn_recv_sock/accept-queue-full',
  ],
  AttemptFails: [
    'tcp_check_req/reset',
    'tcp_check_req/syn-in-window',
    'tcp_check_req/reset-fastopen',
    'tcp_check_req/reset-fastopen',
    'tcp_check_req/syn-in-window-fastopen',
    'tcp_fastopen_synack_timer/give-up',
  ],
  SyncookiesFailed: ['cookie_v4_check/not-a-cookie'],
  TCPReqQFullDoCookies: ['tcp_conn_request/cookie', 'tcp_conn_request/cookie-accept-queue-full'],
  TCPReqQFullDrop: ['tcp_conn_request/syn-queue-full'],
  TCPTimeouts: [
    'syn_ack_recalc/expire',
    'syn_ack_recalc/resend',
    'syn_ack_recalc/wait-for-data',
    'tcp_fastopen_synack_timer/resend',
    'tcp_fastopen_synack_timer/give-up',
  ],
  RetransSegs: [
    'syn_ack_recalc/resend',
    'tcp_check_req/duplicate-syn',
    'tcp_check_req/duplicate-syn-fastopen',
    'tcp_fastopen_synack_timer/resend',
  ],
  TCPSynRetrans: [
    'syn_ack_recalc/resend',
    'tcp_check_req/duplicate-syn',
    'tcp_check_req/duplicate-syn-fastopen',
    'tcp_fastopen_synack_timer/resend',
  ],
  TCPDeferAcceptDrop: ['tcp_check_req/defer-accept'],
  TCPFastOpenPassive: ['tcp_conn_request/fastopen'],
  TCPFastOpenListenOverflow: ['tcp_fastopen_queue_check/full'],
  TCPFastOpenPassiveFail: ['tcp_try_fastopen/no-child'],
  TCPAbortOnTimeout: ['tcp_fastopen_synack_timer/give-up'],
  TCPSYNChallenge: ['tcp_validate_incoming/syn'],
  TCPChallengeACK: ['tcp_send_challenge_ack/send', 'tcp_reqsk_send_challenge_ack/send'],
  TCPACKSkippedChallenge: ['tcp_send_challenge_ack/socket-limit', 'tcp_reqsk_send_challenge_ack/request-limit'],
  TCPACKSkippedSeq: ['tcp_validate_incoming/outside-window-rate-limited'],
  TCPACKSkippedSynRecv: ['tcp_check_req/duplicate-syn-rate-limited', 'tcp_check_req/out-of-window-rate-limited'],
  TCPOFOQueue: ['tcp_data_queue_ofo/out-of-order'],
  TCPToZeroWindowAdv: ['tcp_select_window/closed'],
  TCPWantZeroWindowAdv: ['tcp_select_window/wants-to-close'],
  TCPAbortOnSyn: [],
};

const RULES_5_10: CounterRules = {
  ...RULES_4_15,
  TCPZeroWindowDrop: ['tcp_data_queue/zero-window'],
  TcpDuplicateDataRehash: ['tcp_rcv_spurious_retrans/number-0'],
};

const RULES_7_2: CounterRules = {
  ...RULES_5_10,
  BeyondWindow: ['tcp_validate_incoming/beyond-window', 'tcp_data_queue/beyond-window'],
};

/** Of a kernel. */
export function counterRules(kernel: string): CounterRules {
  if (isSince(kernel, '7.2')) return RULES_7_2;
  if (isSince(kernel, '5.10')) return RULES_5_10;
  return isSince(kernel, '4.15') ? RULES_4_15 : RULES_2_6_32;
}
