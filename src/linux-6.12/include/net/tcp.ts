/** How memory becomes window (include/net/tcp.h). */

import type { tcp_sock } from '../../../linux-4.15/include/linux/tcp.js';
import type { Machine } from '../../../linux-4.15/machine.js';

/** `scaling_ratio` is in parts of two to this power. */
const TCP_RMEM_TO_WIN_SCALE = 8;

/**
 * How much window `space` bytes of memory are good for: half, until segments have shown how much of their memory is data. Unlike in 6.1
 * `tcp_adv_win_scale` means nothing any more.
 * @kernel 6.12.117 include/net/tcp.h tcp_win_from_space
 */
export function tcp_win_from_space(_host: Machine, sk: tcp_sock, space: number): number {
  return Math.floor((space * sk.scaling_ratio) / 2 ** TCP_RMEM_TO_WIN_SCALE);
}

/** What `scaling_ratio` becomes with a segment of `len` bytes that takes `truesize` bytes of memory. */
export function measuredRatio(len: number, truesize: number): number {
  return Math.floor((len * 2 ** TCP_RMEM_TO_WIN_SCALE) / truesize) || 1;
}

/**
 * How much memory a window of `win` bytes needs.
 * @kernel 6.12.117 include/net/tcp.h tcp_space_from_win
 */
export function tcp_space_from_win(sk: tcp_sock, win: number): number {
  return Math.floor((win * 2 ** TCP_RMEM_TO_WIN_SCALE) / sk.scaling_ratio);
}
