/** For each property of what happens inside of a model, a model with a fault that the property has to find. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODEL_PROPERTIES } from '../../../properties/invariants/index.js';
import { Bench, Falsified } from '../../../properties/property.js';
import type { Host } from '../../../src/host/host.js';
import type { KernelVariant } from '../../../src/host/variant.js';
import { linux_2_6_32 } from '../../../src/linux-2.6.32/index.js';
import type { Machine as Machine_2_6_32 } from '../../../src/linux-2.6.32/machine.js';
import { linux_4_15, variantOf } from '../../../src/linux-4.15/index.js';
import type { Machine as Machine_4_15 } from '../../../src/linux-4.15/machine.js';
import { release as earlier } from '../../../src/linux-4.15/release.js';
import { release as later } from '../../../src/linux-5.10/release.js';

const RETRIES = 'net.ipv4.tcp_synack_retries';

/** The kernel, but that `spoil` follows each segment and each system call. */
function spoilt<M extends Host>(kernel: KernelVariant, spoil: (host: M, flags: string) => void): KernelVariant {
  return {
    ...kernel,
    receive: (host, segment) => {
      kernel.receive(host, segment);
      spoil(host as M, segment.syn ? 'SYN' : segment.ack ? 'ACK' : 'other');
    },
    call: (host, call) => {
      const result = kernel.call(host, call);
      spoil(host as M, call.syscall);
      return result;
    },
  };
}

interface Fault {
  readonly says: string;
  readonly kernel: KernelVariant;
  readonly found: RegExp;
}

const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  'lengths-equal-contents': [
    {
      says: 'accept forgets to count',
      kernel: spoilt<Machine_2_6_32>(linux_2_6_32, ({ listener }, what) => {
        if (what === 'accept' && listener?.sk_state === 10) listener.sk_ack_backlog++;
      }),
      found: /the accept queue counts \d+ and holds \d+/,
    },
    {
      says: 'all requests are taken for young ones',
      kernel: spoilt<Machine_4_15>(linux_4_15, ({ listener }) => {
        if (listener !== undefined) listener.icsk_accept_queue.young = listener.icsk_accept_queue.qlen;
      }),
      found: /the SYN queue counts \d+ young ones and holds \d+/,
    },
    {
      says: 'a request is counted twice',
      kernel: spoilt<Machine_4_15>(linux_4_15, ({ listener }, what) => {
        if (what === 'SYN' && listener !== undefined) listener.icsk_accept_queue.qlen++;
      }),
      found: /the SYN queue counts \d+ and holds \d+/,
    },
  ],
  'syn-table-power-of-two': [
    {
      says: 'the queue takes only half of its table',
      kernel: spoilt<Machine_2_6_32>(linux_2_6_32, ({ listener }, what) => {
        const lopt = listener?.icsk_accept_queue.listen_opt;
        if (what === 'listen' && lopt !== undefined) lopt.max_qlen_log = 3;
      }),
      found: /\d+ buckets take 2\^3 requests/,
    },
  ],
  'fastopen-queue-bounded': [
    {
      says: 'a handshake is counted twice',
      kernel: spoilt<Machine_4_15>(linux_4_15, ({ listener }, what) => {
        const queue = listener?.icsk_accept_queue.fastopenq;
        if (what === 'SYN' && queue !== undefined && queue.qlen > 0) queue.qlen++;
      }),
      found: /\d+ Fast Open handshakes are unfinished, of at most \d+/,
    },
  ],
  'accept-queue-keeps-order': [
    {
      says: 'the two oldest change places',
      kernel: spoilt<Machine_2_6_32>(linux_2_6_32, ({ listener }, what) => {
        const queue = listener?.icsk_accept_queue;
        const first = queue?.rskq_accept_head;
        const second = first?.dl_next;
        if (what !== 'SYN' || queue === undefined || first === undefined || second === undefined) return;
        first.dl_next = second.dl_next;
        second.dl_next = first;
        queue.rskq_accept_head = second;
        if (queue.rskq_accept_tail === second) queue.rskq_accept_tail = first;
      }),
      found: /lost its place in the accept queue/,
    },
    {
      says: 'a connection that waits is closed in silence when the listener is',
      kernel: {
        ...linux_4_15,
        call: (host, call) => {
          const head = (host as Machine_4_15).listener?.icsk_accept_queue.rskq_accept_head?.sk;
          if (call.syscall === 'close' && !('peer' in call) && head !== undefined) head.sk_state = 7;
          return linux_4_15.call(host, call);
        },
      },
      found: /waited, and .* were reset/,
    },
  ],
  'every-syn-has-one-fate': [
    {
      says: 'a SYN is decided twice',
      kernel: spoilt(linux_2_6_32, (host, what) => {
        if (what === 'SYN') host.rule('tcp_v4_conn_request/synack');
      }),
      found: /a segment has 2 fates and not 1 to 1/,
    },
    {
      says: 'a SYN that is dropped is answered',
      kernel: {
        ...linux_4_15,
        receive: (host, segment) => {
          linux_4_15.receive(host, segment);
          if (!host.fired.includes('tcp_conn_request/syn-queue-full')) return;
          const { peer, seq } = segment;
          const numbers = { seq: 0, ack_seq: seq + 1, len: 0 };
          const rule = 'tcp_conn_request/syn-queue-full';
          host.transmit({ peer, syn: false, ack: true, rst: true, fin: false, psh: false, ...numbers, rule });
        },
      },
      found: /a segment is dropped by tcp_conn_request\/syn-queue-full, but it was answered/,
    },
    {
      says: 'a cookie leaves a connection',
      kernel: {
        ...linux_4_15,
        receive: (host, segment) => {
          linux_4_15.receive(host, segment);
          const { listener } = host as Machine_4_15;
          if (host.fired.includes('tcp_conn_request/cookie') && listener !== undefined) listener.sk_ack_backlog++;
        },
      },
      found: /a segment is cookie by tcp_conn_request\/cookie, but the accept queue grew by 1/,
    },
  ],
  'every-ack-has-one-fate': [
    {
      says: 'an ACK is decided twice',
      kernel: spoilt(linux_4_15, (host, what) => {
        if (what === 'ACK') host.rule('tcp_rcv_state_process/listen-ack');
      }),
      found: /a segment has [12] fates and not \d to \d/,
    },
    {
      says: 'a completed handshake never reaches the accept queue',
      kernel: spoilt<Machine_2_6_32>(linux_2_6_32, (host) => {
        const { listener } = host;
        if (host.fired.includes('tcp_check_req/handshake-complete') && listener !== undefined)
          listener.sk_ack_backlog = 0;
      }),
      found: /a segment is connected by tcp_check_req\/handshake-complete, but the accept queue grew by 0/,
    },
  ],
  'counters-count-decisions': [
    {
      says: 'a SYN moves ListenDrops',
      kernel: spoilt(linux_2_6_32, (host, what) => {
        if (what === 'SYN') host.count('ListenDrops');
      }),
      found: /ListenDrops moved by \d+, and \d+ rules fired that move it/,
    },
  ],
  'synack-count': [
    {
      says: 'one more retransmission is allowed',
      kernel: spoilt(linux_4_15, (host) => {
        host.sysctl[RETRIES] = (host.sysctl[RETRIES] ?? 0) + 1;
      }),
      found: /the SYN-ACK is sent again \d+ times, and not \d+/,
    },
  ],
  'young-survive-pressure': [
    {
      says: 'one retransmission is enough',
      kernel: spoilt(linux_2_6_32, (host) => {
        host.sysctl[RETRIES] = Math.min(1, host.sysctl[RETRIES] ?? 0);
      }),
      found: /the SYN-ACK to peer \d+ is sent 1 times again/,
    },
  ],
  'nothing-outlives-its-timers': [
    {
      says: 'the limit of timeouts is not looked at',
      kernel: spoilt(linux_4_15, (host, what) => {
        if (what === 'SYN') host.sysctl[RETRIES] = 1000;
      }),
      found: /'s request is still there, after \d+ timeouts/,
    },
  ],
  'cookie-stamp-wraps': [
    {
      says: 'a stamp of 0 is always far in the past',
      kernel: variantOf('5.10', { ...later, tcp_synq_no_recent_overflow: earlier.tcp_synq_no_recent_overflow }),
      found: /the listener looks for cookies in the ACKs: (.*false.*), and not (.*true.*)/,
    },
    {
      says: 'the stamp has 32 bits in 4.15, too',
      kernel: variantOf('4.15', { ...earlier, tcp_synq_no_recent_overflow: later.tcp_synq_no_recent_overflow }),
      found: /the listener looks for cookies in the ACKs: (.*true.*), and not (.*false.*)/,
    },
    {
      says: 'a cookie is noted whenever it is sent',
      kernel: variantOf('5.10', { ...later, tcp_synq_overflow: earlier.tcp_synq_overflow }),
      found: /the listener looks for cookies in the ACKs: (.*true.*), and not (.*false.*)/,
    },
  ],
};

describe.each(MODEL_PROPERTIES)('$id', (property) => {
  it.each(FAULTS[property.id] ?? [])('finds that $says', ({ kernel, found }) => {
    const { failed, errorInstance } = fc.check(property.on(new Bench(kernel)), {
      seed: 1,
      numRuns: property.runs,
      endOnFailure: true,
    }) as fc.RunDetails<[unknown]>;
    expect(failed).toBe(true);
    expect(errorInstance).toBeInstanceOf(Falsified);
    expect((errorInstance as Falsified).message).toMatch(found);
  });

  it('is among those for which there is a fault', () => {
    expect(Object.keys(FAULTS)).toContain(property.id);
  });
});
