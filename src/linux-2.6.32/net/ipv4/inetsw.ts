/** TCP of 2.6.32 in the tables through which the code that serves every protocol reaches it. */

import { SHARED } from '../../../host/clone.js';
import type { inet_protosw } from '../../include/net/protocol.js';
import { inet_listen } from './af-inet.js';
import { inet_csk_accept } from './inet-connection-sock.js';
import { inet_unhash } from './inet-hashtables.js';
import { tcp_close, tcp_disconnect } from './tcp.js';
import { tcp_v4_destroy_sock, tcp_v4_init_sock } from './tcp-ipv4.js';
import { do_tcp_setsockopt } from './tcp-sockopt.js';

/** The entry of `inetsw_array` for SOCK_STREAM, with `tcp_prot` and `inet_stream_ops`. */
export const inetsw: inet_protosw = {
  prot: {
    init: tcp_v4_init_sock,
    setsockopt: do_tcp_setsockopt,
    accept: inet_csk_accept,
    disconnect: tcp_disconnect,
    close: tcp_close,
    unhash: inet_unhash,
    destroy: tcp_v4_destroy_sock,
  },
  ops: { listen: inet_listen },
  [SHARED]: true,
};
