/** Segments for a request of 2.6.32 that are nearly its SYN. */

import { describe, expect, it } from 'vitest';
import { linux_2_6_32 } from '../../src/linux-2.6.32/index.js';
import { Server } from '../support/server.js';

describe('a segment with the number of the SYN', () => {
  const pending = (): Server => {
    const s = new Server(linux_2_6_32);
    s.syn(1, { tsval: 1000 });
    s.rules();
    s.counted();
    return s;
  };

  it('but with FIN in place of SYN is out of the window', () => {
    const s = pending();
    expect(s.send(1, 'F', { seq: 0, tsval: 1000 })).toEqual(['ACK 1 ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/out-of-window']);
  });

  it('but with RST, too, is out of the window and ignored', () => {
    const s = pending();
    expect(s.send(1, 'RS', { seq: 0, tsval: 1000 })).toEqual([]);
    expect(s.rules()).toEqual(['tcp_check_req/reset-out-of-window']);
    expect(s.rows()).toEqual(['1 SYN_RECV 0']);
  });

  it('but with an older timestamp gets an ACK, no SYN-ACK', () => {
    const s = pending();
    expect(s.syn(1, { tsval: 999 })).toEqual(['ACK 1 ack 1 to 1']);
    expect(s.rules()).toEqual(['tcp_check_req/out-of-window', 'tcp_check_req/old-timestamp']);
    expect(s.counted()).toEqual({ PAWSEstab: 1 });
  });
});
