/** How sockets come into being (net/core/sock.c). */

import { SHARED } from '../../../host/clone.js';
import { tcp_sock_fields } from '../../include/linux/tcp.js';
import type { request_sock_queue } from '../../include/net/request-sock.js';
import type { sock } from '../../include/net/sock.js';
import { TCP_CLOSE, type TcpState } from '../../include/net/tcp-states.js';

/**
 * A new socket that nothing is connected to.
 * @kernel 4.15.11 net/core/sock.c sk_alloc
 */
export function sk_alloc(): sock {
  return fields(-1, TCP_CLOSE, 0, emptyQueue(), 0);
}

/**
 * A socket for a connection to `peer`, made in the image of a listener. What C copies and then clears is fresh here.
 * @kernel 4.15.11 net/core/sock.c sk_clone_lock
 */
export function sk_clone_lock(sk: sock, peer: number, state: TcpState): sock {
  return fields(peer, state, sk.sk_shutdown, NO_QUEUE, sk.icsk_syn_retries);
}

/** Spelled out, because the engine makes objects that are spread together slow to use. */
function fields(
  peer: number,
  sk_state: TcpState,
  sk_shutdown: number,
  icsk_accept_queue: request_sock_queue,
  icsk_syn_retries: number,
): sock {
  const tp = tcp_sock_fields();
  return {
    pred_flags: tp.pred_flags,
    tcp_header_len: tp.tcp_header_len,
    rcv_nxt: tp.rcv_nxt,
    copied_seq: tp.copied_seq,
    rcv_wup: tp.rcv_wup,
    snd_nxt: tp.snd_nxt,
    snd_una: tp.snd_una,
    mss_cache: tp.mss_cache,
    advmss: tp.advmss,
    rcv_wnd: tp.rcv_wnd,
    window_clamp: tp.window_clamp,
    rcv_ssthresh: tp.rcv_ssthresh,
    srtt_us: tp.srtt_us,
    max_window: tp.max_window,
    tstamp_ok: tp.tstamp_ok,
    saw_tstamp: tp.saw_tstamp,
    sk_receive_queue: tp.sk_receive_queue,
    out_of_order_queue: tp.out_of_order_queue,
    sk_rcvbuf: tp.sk_rcvbuf,
    sk_rmem_alloc: tp.sk_rmem_alloc,
    sk_forward_alloc: tp.sk_forward_alloc,
    icsk_ack: tp.icsk_ack,
    icsk_rto: tp.icsk_rto,
    icsk_delack_timer: tp.icsk_delack_timer,
    last_oow_ack_time: tp.last_oow_ack_time,
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
