/** What a request of 4.15 does not do. */

import { describe, expect, it } from 'vitest';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import { Server } from '../support/server.js';

describe('under TCP_DEFER_ACCEPT', () => {
  it('an acknowledged request outlives the limit only once it is reached', () => {
    const s = new Server(linux_4_15, { sockopt: { TCP_DEFER_ACCEPT: 30 }, sysctl: { tcp_synack_retries: 2 } });
    s.connect(1);
    s.rules();
    s.waitUntil(4000);
    expect(s.rules()).not.toContain('syn_ack_recalc/acked-outlives-limit');
    s.waitUntil(10_000);
    expect(s.rules()).toContain('syn_ack_recalc/acked-outlives-limit');
  });
});

describe('an ACK to a broadcast address', () => {
  it('gets no reset from a listener, since none can leave from there', () => {
    const s = new Server(linux_4_15);
    expect(s.ack(1, { broadcast: true })).toEqual([]);
    expect(s.rules()).toContain('ip_send_unicast_reply/not-from-broadcast');
  });

  it('gets none where nobody listens', () => {
    const s = new Server(linux_4_15);
    s.call({ syscall: 'close' });
    s.rules();
    expect(s.ack(1, { broadcast: true })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_v4_rcv/no-socket', 'tcp_v4_send_reset/never-for-broadcast']);
  });
});

describe('a bad acknowledgement for a Fast Open child', () => {
  const child = (): Server => {
    const s = new Server(linux_4_15, { sysctl: { tcp_fastopen: 0x202 }, sockopt: { TCP_FASTOPEN: 3 } });
    s.syn(1, { len: 10 });
    s.rules();
    return s;
  };

  it('is left to the child where the window allows it', () => {
    const s = child();
    expect(s.ack(1, { seq: 11, ack: 5 })).toEqual(['RST 5 to 1']);
    expect(s.rules()).not.toContain('tcp_check_req/bad-ack');
  });

  it('is answered like any segment outside of the window', () => {
    const s = child();
    expect(s.ack(1, { seq: 100_000, ack: 5 })).toEqual(['ACK 1 ack 11 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/out-of-window']);
  });
});
