/** The receive window, and what memory has to do with it (the window part of include/net/tcp.h). */

import type { SkBuff } from '../../../host/segment.js';
import { headerLength } from '../../../linux-2.6.32/include/net/tcp-window.js';
import type { QueuedSegment, tcp_sock } from '../linux/tcp.js';

export {
  headerLength,
  isPredicted,
  queueTail,
  sk_rmem_schedule,
  skb_set_owner_r,
  TCP_MIN_MSS,
  TCP_MIN_RCVMSS as TCP_MSS_DEFAULT,
  tcp_fast_path_check,
  tcp_fast_path_on,
  tcp_receive_window,
  tcp_sequence,
} from '../../../linux-2.6.32/include/net/tcp-window.js';

const NET_SKB_PAD = 64;
const IP_HEADER = 20;
const CACHE_LINE = 64;
/** struct sk_buff and struct skb_shared_info, in whole cache lines. */
const SIZEOF_SK_BUFF = 256;
const SIZEOF_SHARED_INFO = 320;

/** Bytes between the start of a segment's buffer and the end of its data, as the TUN driver lays it out. */
function used(skb: SkBuff): number {
  return NET_SKB_PAD + IP_HEADER + headerLength(skb) + skb.len;
}

/** Bytes of the block that kmalloc gives for a segment's buffer. */
function allocated(skb: SkBuff): number {
  const size = Math.ceil(used(skb) / CACHE_LINE) * CACHE_LINE + SIZEOF_SHARED_INFO;
  return 2 ** Math.ceil(Math.log2(size));
}

/** What a segment takes of the receive buffer, as the TUN driver allocates it: bytes. */
export function truesize(skb: SkBuff): number {
  return allocated(skb) + SIZEOF_SK_BUFF;
}

/** What is kept of a segment in a receive queue. */
export function queuedSegment(skb: SkBuff): QueuedSegment {
  return {
    seq: skb.seq,
    end_seq: skb.end_seq,
    fin: skb.fin,
    truesize: truesize(skb),
    tailroom: allocated(skb) - SIZEOF_SHARED_INFO - used(skb),
  };
}

/**
 * How much window `space` bytes of memory are good for: half, by `tcp_adv_win_scale`.
 * @kernel 4.15.11 include/net/tcp.h tcp_win_from_space
 */
export function tcp_win_from_space(space: number): number {
  return space - (space >> 1);
}

/**
 * Window for what is left of the receive buffer. As in 2.6.32, with this kernel's `tcp_win_from_space`.
 * @kernel 4.15.11 include/net/tcp.h tcp_space
 */
export function tcp_space(sk: tcp_sock): number {
  return tcp_win_from_space(sk.sk_rcvbuf - sk.sk_rmem_alloc);
}

/**
 * Window for the whole receive buffer. As in 2.6.32, with this kernel's `tcp_win_from_space`.
 * @kernel 4.15.11 include/net/tcp.h tcp_full_space
 */
export function tcp_full_space(sk: tcp_sock): number {
  return tcp_win_from_space(sk.sk_rcvbuf);
}
