/** SYN-ACKs that are sent again. */

import * as fc from 'fast-check';
import { accept, ack, changeSetting, connect, pass, syn } from '../arbitraries/events.js';
import { socketOptions } from '../arbitraries/socket-options.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const retransmission = profile({
  id: 'retransmission',
  sentence:
    'Requests that grow old under every number of retries, with waits that end around each timeout and ACKs just before, at and after the end.',
  rules: [
    '__run_timers/exactly-its-jiffy',
    'calc_index/rounded-up',
    'do_tcp_setsockopt/syncnt',
    'do_tcp_setsockopt/syncnt-out-of-range',
    'syn_ack_recalc/expire',
    'syn_ack_recalc/resend',
    'tcp_reqsk_timeout/capped',
  ],
  runs: 400,
  needs: { features: ['segments'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, {
      always: { 'net.ipv4.tcp_syncookies': [0, 1] },
      maybe: ['net.ipv4.tcp_synack_retries', 'net.ipv4.tcp_rto_max_ms'],
    }),
    sockopt: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, socketOptions({ maybe: ['TCP_SYNCNT'] })),
    blocks: 8,
    block: fc.oneof(
      { weight: 4, arbitrary: syn() },
      { weight: 2, arbitrary: ack() },
      { weight: 1, arbitrary: connect() },
      { weight: 6, arbitrary: pass(kernel, { around: ['synack', 'synack', 'short'] }) },
      { weight: 1, arbitrary: changeSetting(kernel, ['net.ipv4.tcp_synack_retries']) },
      { weight: 1, arbitrary: accept() },
    ),
  }),
});
