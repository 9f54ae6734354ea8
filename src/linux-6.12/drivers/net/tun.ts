/** The memory of what arrives through a TUN device (drivers/net/tun.c). */

import type { Buffer } from '../../../linux-4.15/include/net/tcp-window.js';
import { tunBuffer } from '../../../linux-4.15/include/net/tcp-window.js';
import type { Machine } from '../../../linux-4.15/machine.js';
import { SIZEOF_SHARED_INFO } from '../../../linux-4.15/net/core/skbuff.js';

const PAGE_SIZE = 4096;
/** PAGE_ALLOC_COSTLY_ORDER: no more than two to this power pages are asked for at a time. */
const MAX_ORDER = 3;

/**
 * The memory in which the driver puts `length` bytes. Unlike in 6.1 what does not fit into a page goes on in pages of its own, behind which
 * nothing is put.
 * @kernel 6.12.117 drivers/net/tun.c tun_alloc_skb
 */
export function tun_alloc_skb(host: Machine, length: number): Buffer {
  if (length < PAGE_SIZE) return tunBuffer(host, length);
  const linear = PAGE_SIZE - SIZEOF_SHARED_INFO;
  return { size: host.release.__alloc_skb(linear) + inPages(length - linear), tailroom: 0 };
}

/** Bytes of the pages that are taken for `data_len` bytes. */
function inPages(data_len: number): number {
  let size = 0;
  let order = MAX_ORDER;
  for (let left = data_len; left > 0; left -= PAGE_SIZE << order) {
    while (order > 0 && Math.ceil(left / PAGE_SIZE) * PAGE_SIZE < PAGE_SIZE << order) order--;
    size += PAGE_SIZE << order;
  }
  return size;
}
