/** How sockets come into being. */

import { nothingToAcknowledge } from '../../include/net/icsk-ack.js';
import type { request_sock_queue } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_TIMEOUT_INIT } from '../../include/net/tcp.js';
import { TCP_CLOSE, type TcpState } from '../../include/net/tcp-states.js';

/**
 * A new socket that nothing is connected to.
 * @kernel 2.6.32-220.el6 net/core/sock.c sk_alloc
 */
export function sk_alloc(): sock {
  return fields(-1, TCP_CLOSE, emptyQueue(), 0);
}

/**
 * A socket for a connection to `peer`, made in the image of a listener. What C copies and then clears is fresh here.
 * @kernel 2.6.32-220.el6 net/core/sock.c sk_clone
 */
export function sk_clone(sk: sock, peer: number, state: TcpState): sock {
  return fields(peer, state, UNUSED, sk.icsk_syn_retries);
}

/** The default of `net.ipv4.tcp_rmem`'s second number. */
export const DEFAULT_RCVBUF = 87380;

/** Spelled out, because the engine makes objects that are spread together slow to use. */
function fields(peer: number, sk_state: TcpState, queue: request_sock_queue, icsk_syn_retries: number): sock {
  return {
    pred_flags: 0,
    tcp_header_len: 20,
    rcv_nxt: 0,
    copied_seq: 0,
    rcv_wup: 0,
    snd_nxt: 0,
    snd_una: 0,
    mss_cache: 536,
    advmss: 1460,
    rcv_wnd: 0,
    window_clamp: 0,
    rcv_ssthresh: 0,
    srtt: 0,
    tstamp_ok: false,
    saw_tstamp: false,
    sk_receive_queue: null,
    out_of_order_queue: null,
    sk_rcvbuf: DEFAULT_RCVBUF,
    sk_rmem_alloc: 0,
    sk_forward_alloc: 0,
    icsk_ack: nothingToAcknowledge(),
    icsk_rto: TCP_TIMEOUT_INIT,
    icsk_delack_timer: undefined,
    sk_state,
    sk_ack_backlog: 0,
    sk_max_ack_backlog: 0,
    sk_shutdown: 0,
    sk_socket: undefined,
    dead: false,
    sk_lingertime_zero: false,
    bound: false,
    peer,
    icsk_accept_queue: queue,
    icsk_syn_retries,
    sk_timer: undefined,
    ts_recent_stamp: undefined,
  };
}

function emptyQueue(): request_sock_queue {
  return { rskq_accept_head: undefined, rskq_accept_tail: undefined, rskq_defer_accept: 0, listen_opt: undefined };
}

/** The queues of a child, which has none. */
const UNUSED: request_sock_queue = Object.freeze(emptyQueue());
