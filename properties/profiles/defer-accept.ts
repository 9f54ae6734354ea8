/** TCP_DEFER_ACCEPT. */

import * as fc from 'fast-check';
import { accept, ack, complete, connect, flood, odd, pass, syn } from '../arbitraries/events.js';
import type { Block } from '../arbitraries/script.js';
import { socketOptions } from '../arbitraries/socket-options.js';
import { sysctls } from '../arbitraries/sysctls.js';
import { profile } from './profile.js';

/** Twice as many as wait at once finish with data: the last of them find the accept queue full. */
const overflow: fc.Arbitrary<Block> = fc
  .tuple(
    flood({ near: ['few'], most: 4 }),
    complete({ data: [10] }),
    flood({ near: ['few'], most: 4 }),
    complete({ data: [10] }),
  )
  .map((blocks) => (script) => {
    for (const block of blocks) block(script);
  });

export const deferAccept = profile({
  id: 'defer-accept',
  sentence:
    'Handshakes whose last ACK comes without data under TCP_DEFER_ACCEPT, and data that come in time, late or never.',
  rules: [
    '__run_timers/exactly-its-jiffy',
    'do_tcp_setsockopt/defer-accept',
    'do_tcp_setsockopt/syncnt',
    'do_tcp_setsockopt/syncnt-out-of-range',
    'syn_ack_recalc/acked-outlives-limit',
    'syn_ack_recalc/wait-for-data',
    'tcp_check_req/defer-accept',
    'tcp_check_req/duplicate-syn',
  ],
  runs: 600,
  needs: { features: ['segments', 'data'], sockopts: ['TCP_DEFER_ACCEPT'] },
  constraints: (kernel) => ({
    sysctl: sysctls(kernel, { always: { 'net.ipv4.tcp_syncookies': [0, 1] }, maybe: ['net.ipv4.tcp_synack_retries'] }),
    sockopt: socketOptions({ always: { TCP_DEFER_ACCEPT: [1, 3, 4, 9, 10, 30, 600, 0, -1] }, maybe: ['TCP_SYNCNT'] }),
    backlog: fc.constantFrom(4, 2, 1, 0),
    blocks: 9,
    block: fc.oneof(
      { weight: 2, arbitrary: syn() },
      { weight: 3, arbitrary: ack({ data: [0, 0, 10] }) },
      { weight: 4, arbitrary: connect({ data: [0, 0, 0, 10] }) },
      { weight: 5, arbitrary: pass(kernel, { around: ['synack', 'short'] }) },
      { weight: 1, arbitrary: overflow },
      { weight: 2, arbitrary: accept() },
      { weight: 1, arbitrary: odd({ kinds: ['data', 'fin', 'reset'] }) },
    ),
  }),
});
