/** Which timer fires first. */

import * as fc from 'fast-check';
import { isSince } from '../../src/host/kernel-spec.js';
import { connect, flood, pass, requestTie, syn, timerTie } from '../arbitraries/events.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

export const timerEdges = profile({
  id: 'timer-edges',
  sentence: 'Timers of requests and of delayed ACKs that run out in the same tick, or one before.',
  rules: [
    '__run_timers/coarsest-level-first',
    'cascade/behind-those-armed-directly',
    'enqueue_timer/newest-first',
    'internal_add_timer/first-in-first-out',
    'internal_add_timer/in-the-past',
    'run_timer_softirq/pinned-first',
    'tcp_data_queue/duplicate',
    'tcp_data_queue/in-order',
    'tcp_delack_timer/send',
    'tcp_delack_timer_handler/send',
    'tcp_fin/close-wait',
    'tcp_rcv_state_process/data-after-fin',
    'tcp_send_delayed_ack/later',
    'tcp_send_dupack/old-data',
    'tcp_v4_do_rcv/reset-from-connection',
    'tcp_validate_incoming/outside-window-rate-limited',
  ],
  runs: 300,
  needs: { features: ['segments', 'segments-after-handshake', 'data'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, { always: { 'net.ipv4.tcp_syncookies': [0, 1] }, maybe: [] }),
    sockopt: fc.constant({}),
    backlog: isSince(kernel.name, '6.12') ? fc.constantFrom(8, 16, 64) : fc.constantFrom(8, 16),
    blocks: 2,
    block: fc.oneof(
      { weight: 6, arbitrary: timerTie(kernel) },
      // Where requests have a wheel of their own, connections are no rivals for their ticks.
      ...(isSince(kernel.name, '6.12') ? [{ weight: 1, arbitrary: requestTie() }] : []),
      { weight: 1, arbitrary: syn() },
      { weight: 1, arbitrary: connect() },
      { weight: 1, arbitrary: flood({ near: ['few'], most: 5 }) },
      { weight: 2, arbitrary: pass(kernel, { around: ['synack', 'ack', 'short'], longest: 10_000_000 }) },
    ),
  }),
});
