/** Mistakes about requests: duplicates, resets, and the schedule of their timeouts, in 4.15. */

import type { PlantedFault } from '../fault.js';

export const requests: readonly PlantedFault[] = [
  {
    id: 'duplicate-syn-always-answered',
    sentence: 'A SYN that comes again is answered however soon it comes.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-minisocks.ts',
    from: "if (tcp_oow_rate_limited(host, skb, 'TCPACKSkippedSynRecv', req)) {",
    to: 'if (false) {',
    rules: ['tcp_check_req/duplicate-syn-rate-limited'],
  },
  {
    id: 'duplicate-syn-keeps-the-deadline',
    sentence: 'A SYN that comes again does not put off the next timeout.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-minisocks.ts',
    from: 'else if (req.rsk_timer !== undefined) host.timers.mod_timer_pending(host, req.rsk_timer, expires);',
    to: '',
    rules: ['tcp_check_req/duplicate-syn', 'syn_ack_recalc/resend', 'syn_ack_recalc/expire', '__mod_timer/keeps-place'],
  },
  {
    id: 'duplicate-syn-counts-as-a-timeout',
    sentence: 'A SYN-ACK that answers a SYN which came again counts as one of the retransmissions.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-minisocks.ts',
    from: '  const expires = host.now + host.release.reqsk_timeout(host, req);\n',
    to: '  req.num_timeout++;\n  const expires = host.now + host.release.reqsk_timeout(host, req);\n',
    rules: ['tcp_check_req/duplicate-syn', 'tcp_check_req/duplicate-syn-fastopen'],
  },
  {
    id: 'syn-of-another-number-ignored',
    sentence: 'A SYN with another number leaves a request alone.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-minisocks.ts',
    from: '  if (skb.rst || syn) {',
    to: '  if (skb.rst) {',
    rules: ['tcp_check_req/syn-in-window', 'tcp_check_req/syn-in-window-fastopen'],
  },
  {
    id: 'reset-of-a-request-not-checked',
    sentence: 'A reset ends a request whatever its number is.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-minisocks.ts',
    from: 'if (paws_reject || !tcp_in_window(',
    to: 'if (paws_reject || !skb.rst && !tcp_in_window(',
    rules: ['tcp_check_req/reset-out-of-window'],
  },
  {
    id: 'embryonic-resets-not-counted',
    sentence: 'EmbryonicRsts stays as it is when a request is reset.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-minisocks.ts',
    from: "    host.count('EmbryonicRsts');\n",
    to: '',
    rules: ['tcp_check_req/reset', 'tcp_check_req/syn-in-window', 'tcp_check_req/overflow-aborted'],
  },
  {
    id: 'stray-ack-ignored',
    sentence: 'An ACK that belongs to nothing is not answered.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/tcp-input-child.ts',
    from: "host.rule('tcp_rcv_state_process/listen-ack');\n    return 1;",
    to: "host.rule('tcp_rcv_state_process/listen-ack');\n    return 0;",
    rules: ['tcp_rcv_state_process/listen-ack'],
  },
  {
    id: 'first-timeout-of-three-seconds',
    sentence: 'The first timeout of a request is 3 s, as older kernels have it.',
    kernel: '4.15',
    file: 'linux-4.15/include/net/tcp.ts',
    from: 'TCP_TIMEOUT_INIT = HZ;',
    to: 'TCP_TIMEOUT_INIT = 3 * HZ;',
    rules: ['syn_ack_recalc/resend', 'syn_ack_recalc/expire', 'do_tcp_setsockopt/defer-accept'],
  },
  {
    id: 'interval-not-doubled',
    sentence: 'The time between two SYN-ACKs stays the same.',
    kernel: '4.15',
    file: 'linux-4.15/include/net/tcp.ts',
    from: '((TCP_TIMEOUT_INIT / tick) << shift)',
    to: '(TCP_TIMEOUT_INIT / tick)',
    rules: ['syn_ack_recalc/resend', 'syn_ack_recalc/expire', 'tcp_fastopen_synack_timer/resend'],
  },
  {
    id: 'timers-too-coarse',
    sentence: 'The timer wheel is twice as coarse on its second level, and four times on its third.',
    kernel: '4.15',
    file: 'linux-4.15/kernel/time/timer.ts',
    from: 'const LVL_CLK_SHIFT = 3;',
    to: 'const LVL_CLK_SHIFT = 4;',
    rules: ['calc_index/rounded-up', 'syn_ack_recalc/resend', 'syn_ack_recalc/expire'],
  },
  {
    id: 'one-retry-too-many',
    sentence: 'A request is given one retransmission more than the limit says.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/inet-connection-sock.ts',
    from: 'let expire = req.num_timeout >= thresh;',
    to: 'let expire = req.num_timeout > thresh;',
    rules: ['syn_ack_recalc/expire'],
  },
  {
    id: 'one-retry-too-few',
    sentence: 'A request is given one retransmission less than the limit says.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/inet-connection-sock.ts',
    from: 'let expire = req.num_timeout >= thresh;',
    to: 'let expire = req.num_timeout + 1 >= thresh;',
    rules: ['syn_ack_recalc/resend', 'syn_ack_recalc/acked-outlives-limit', 'syn_ack_recalc/wait-for-data'],
  },
  {
    id: 'retries-of-the-syn',
    sentence: 'A request keeps the tcp_synack_retries of the time of its SYN, whatever is written later.',
    kernel: '4.15',
    file: 'linux-4.15/net/ipv4/inet-connection-sock.ts',
    from: 'req.rsk_timer ??= timer_setup(reqsk_timer_handler, req, TIMER_PINNED);',
    to: `const name = 'net.ipv4.tcp_synack_retries';
  const retries = host.sysctl[name];
  req.rsk_timer ??= timer_setup((machine: Machine, one: request_sock): void => {
    const written = machine.sysctl[name];
    machine.sysctl[name] = retries;
    reqsk_timer_handler(machine, one);
    machine.sysctl[name] = written;
  }, req, TIMER_PINNED);`,
    rules: ['syn_ack_recalc/resend', 'syn_ack_recalc/expire'],
  },
];
