/** listen(2) of 4.15 on a socket that no system call leaves behind. */

import { expect, it } from 'vitest';
import { SOCK_STREAM, SS_UNCONNECTED } from '../../src/linux-4.15/include/linux/net.js';
import { TCP_CLOSE_WAIT, TCP_ESTABLISHED, TCP_SYN_RECV } from '../../src/linux-4.15/include/net/tcp-states.js';
import { linux_4_15 } from '../../src/linux-4.15/index.js';
import type { Machine } from '../../src/linux-4.15/machine.js';
import { inet_listen } from '../../src/linux-4.15/net/ipv4/af-inet.js';
import { Server } from '../support/server.js';

it.each([TCP_SYN_RECV, TCP_ESTABLISHED, TCP_CLOSE_WAIT])(
  'an unconnected socket in the state %i cannot listen',
  (state) => {
    const s = new Server(linux_4_15).connect(1);
    const host = s.host as Machine;
    s.accept();
    s.rules();
    const sk = host.accepted.get(1);
    if (sk === undefined) throw new Error('not accepted');
    sk.sk_state = state;
    expect(inet_listen(host, { state: SS_UNCONNECTED, type: SOCK_STREAM, sk }, 5)).toBe('EINVAL');
    expect(s.rules()).toEqual(['inet_listen/wrong-state']);
    expect(sk.sk_state).toBe(state);
  },
);
