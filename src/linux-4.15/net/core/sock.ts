/** How sockets come into being (net/core/sock.c). */

import { SHARED } from '../../../host/clone.js';
import { nothingToAcknowledge } from '../../include/net/icsk-ack.js';
import type { request_sock_queue } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_RTO_MAX, TCP_TIMEOUT_INIT } from '../../include/net/tcp.js';
import { TCP_CLOSE, type TcpState } from '../../include/net/tcp-states.js';

/**
 * A new socket that nothing is connected to.
 * @kernel 4.15.11 net/core/sock.c sk_alloc
 */
export function sk_alloc(): sock {
  return fields(-1, TCP_CLOSE, 0, emptyQueue(), 0, 0, TCP_RTO_MAX);
}

/**
 * A socket for a connection to `peer`, made in the image of a listener. What C copies and then clears is fresh here.
 * @kernel 4.15.11 net/core/sock.c sk_clone_lock
 */
export function sk_clone_lock(sk: sock, peer: number, state: TcpState): sock {
  return fields(peer, state, sk.sk_shutdown, NO_QUEUE, sk.icsk_syn_retries, sk.sk_rcvbuf, sk.icsk_rto_max);
}

/** Spelled out, because the engine makes objects that are spread together slow to use. */
function fields(
  peer: number,
  sk_state: TcpState,
  sk_shutdown: number,
  icsk_accept_queue: request_sock_queue,
  icsk_syn_retries: number,
  sk_rcvbuf: number,
  icsk_rto_max: number,
): sock {
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
    srtt_us: 0,
    max_window: 65535,
    scaling_ratio: 128,
    rcvq_space: 0,
    tstamp_ok: false,
    saw_tstamp: false,
    sk_receive_queue: null,
    out_of_order_queue: null,
    sk_rcvbuf,
    sk_rmem_alloc: 0,
    sk_forward_alloc: 0,
    icsk_ack: nothingToAcknowledge(),
    icsk_rto: TCP_TIMEOUT_INIT,
    icsk_delack_timer: undefined,
    last_oow_ack_time: undefined,
    peer,
    sk_state,
    sk_shutdown,
    sk_ack_backlog: 0,
    sk_max_ack_backlog: 0,
    sk_drops: 0,
    sk_socket: undefined,
    dead: false,
    sk_lingertime_zero: false,
    hash_next: undefined,
    hashed: false,
    icsk_accept_queue,
    icsk_syn_retries,
    icsk_retransmits: 0,
    icsk_rto_max,
    icsk_pending: 0,
    icsk_timeout: 0,
    icsk_retransmit_timer: undefined,
    fastopen_rsk: undefined,
    ts_recent_stamp: undefined,
  };
}

function emptyQueue(): request_sock_queue {
  return {
    rskq_defer_accept: 0,
    synflood_warned: false,
    qlen: 0,
    young: 0,
    rskq_accept_head: undefined,
    rskq_accept_tail: undefined,
    fastopenq: { rskq_rst_head: undefined, rskq_rst_tail: undefined, qlen: 0, max_qlen: 0 },
  };
}

/** The queues of a child, which has none. */
const NO_QUEUE: request_sock_queue = Object.freeze({ ...emptyQueue(), [SHARED]: true });
