/** Segments for a listener of 2.6.32 that are not what they seem. */

import { describe, expect, it } from 'vitest';
import type { KernelVariant } from '../../src/host/variant.js';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import { Server } from '../support/server.js';

const mainline: KernelVariant = {
  ...linux_2_6_32,
  boot: (env, clock, options) => linux_2_6_32.boot(env, clock, options, '2.6.32.69'),
};

describe('a segment for a listener', () => {
  it('with RST and SYN is ignored as a reset', () => {
    const s = new Server(linux_2_6_32);
    expect(s.send(1, 'RS', { seq: 0 })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_rcv_state_process/listen-reset']);
    expect(s.rows()).toEqual([]);
  });

  it('with SYN and FIN is ignored in mainline', () => {
    const s = new Server(mainline);
    expect(s.send(1, 'SF', { seq: 0 })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_rcv_state_process/listen-syn-fin']);
    expect(s.rows()).toEqual([]);
  });

  it("with SYN and FIN is a SYN in Red Hat's kernel", () => {
    const s = new Server(linux_2_6_32);
    expect(s.send(1, 'SF', { seq: 0 })).toEqual(['SYN+ACK ack 1 to 1']);
    expect(s.rules()).toContain('tcp_v4_conn_request/synack');
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });

  it('that is an ACK to a broadcast address gets no reset', () => {
    const s = new Server(linux_2_6_32);
    expect(s.ack(1, { broadcast: true })).toEqual([]);
    expect(s.rules()).toContain('tcp_v4_send_reset/never-for-broadcast');
    expect(s.counted()).toEqual({});
    expect(s.ack(1)).toEqual(['RST to 1']);
  });
});
