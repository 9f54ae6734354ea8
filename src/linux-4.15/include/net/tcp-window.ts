/** The receive window, and what memory has to do with it (the window part of include/net/tcp.h). */

import type { SkBuff } from '../../../host/segment.js';
import { headerLength } from '../../../linux-2.6.32/include/net/tcp-window.js';
import type { Machine } from '../../machine.js';
import { SIZEOF_SHARED_INFO } from '../../net/core/skbuff.js';
import { sysctl } from '../../sysctl.js';
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

const SK_MEM_QUANTUM = 4096;
const NET_SKB_PAD = 64;
const IP_HEADER = 20;
/** struct sk_buff, in whole cache lines. */
const SIZEOF_SK_BUFF = 256;

/** Bytes between the start of a segment's buffer and the end of its data, as the TUN driver lays it out. */
function used(skb: SkBuff): number {
  return NET_SKB_PAD + IP_HEADER + headerLength(skb) + skb.len;
}

/** The memory of a segment's data. */
export interface Buffer {
  /** Bytes of memory. */
  readonly size: number;
  /** Bytes that could be put behind the data. */
  readonly tailroom: number;
}

/** The memory in which the TUN driver puts `length` bytes: one block for all. Later kernels have another `tun_alloc_skb`. */
export function tunBuffer(host: Machine, length: number): Buffer {
  const size = host.release.__alloc_skb(length);
  return { size, tailroom: size - SIZEOF_SHARED_INFO - length };
}

/** What a segment takes of the receive buffer, as the TUN driver allocates it: bytes. */
export function truesize(host: Machine, skb: SkBuff): number {
  return host.release.tun_alloc_skb(host, used(skb)).size + SIZEOF_SK_BUFF;
}

/** What is kept of a segment in a receive queue. */
export function queuedSegment(host: Machine, skb: SkBuff): QueuedSegment {
  const { size, tailroom } = host.release.tun_alloc_skb(host, used(skb));
  return {
    seq: skb.seq,
    end_seq: skb.end_seq,
    fin: skb.fin,
    truesize: size + SIZEOF_SK_BUFF,
    tailroom,
  };
}

/**
 * How much window `space` bytes of memory are good for, by `tcp_adv_win_scale`: half, as a rule.
 * @kernel 4.15.11 include/net/tcp.h tcp_win_from_space
 */
export function tcp_win_from_space(host: Machine, _sk: tcp_sock, space: number): number {
  const scale = sysctl(host, 'net.ipv4.tcp_adv_win_scale');
  return scale <= 0 ? space >> -scale : space - (space >> scale);
}

/**
 * Window for what is left of the receive buffer. As in 2.6.32, with this kernel's `tcp_win_from_space`.
 * @kernel 4.15.11 include/net/tcp.h tcp_space
 */
export function tcp_space(host: Machine, sk: tcp_sock): number {
  return host.release.tcp_win_from_space(host, sk, sk.sk_rcvbuf - sk.sk_rmem_alloc);
}

/**
 * Window for the whole receive buffer. As in 2.6.32, with this kernel's `tcp_win_from_space`.
 * @kernel 4.15.11 include/net/tcp.h tcp_full_space
 */
export function tcp_full_space(host: Machine, sk: tcp_sock): number {
  return host.release.tcp_win_from_space(host, sk, sk.sk_rcvbuf);
}

/**
 * Gives back all whole pages of reserved memory.
 * @kernel 4.15.11 include/net/sock.h sk_mem_reclaim
 */
export function sk_mem_reclaim(sk: tcp_sock): void {
  if (sk.sk_forward_alloc >= SK_MEM_QUANTUM) sk.sk_forward_alloc %= SK_MEM_QUANTUM;
}

/**
 * Gives back all whole pages of reserved memory but the last.
 * @kernel 4.15.11 include/net/sock.h sk_mem_reclaim_partial
 */
export function sk_mem_reclaim_partial(sk: tcp_sock): void {
  if (sk.sk_forward_alloc > SK_MEM_QUANTUM) sk.sk_forward_alloc = ((sk.sk_forward_alloc - 1) % SK_MEM_QUANTUM) + 1;
}

/**
 * Reserves the memory of a segment that is gone for the next. Reservations never reach the 2 MB at which some of it would be given back.
 * @kernel 4.15.11 include/net/sock.h sk_mem_uncharge
 */
export function sk_mem_uncharge(sk: tcp_sock, size: number): void {
  sk.sk_forward_alloc += size;
}

/**
 * A segment leaves the receive buffer.
 * @kernel 4.15.11 net/core/sock.c sock_rfree
 */
export function sock_rfree(host: Machine, sk: tcp_sock, size: number): void {
  sk.sk_rmem_alloc -= size;
  host.release.sk_mem_uncharge(sk, size);
}
