/** How much memory the kernel takes for a segment (net/core/skbuff.c). */

import { kernelSpecs } from '../../../generated/kernels.js';
import { __alloc_skb as kmallocBlock, SKB_HEAD_ALIGN } from '../../../linux-4.15/net/core/skbuff.js';

/**
 * The size of a block of the cache of small heads. It belongs to the machine and not to the release: it is made for the longest header that a
 * packet may get, and that hangs on the devices and tunnels that the kernel is configured with. This is that of Debian's cloud kernels, which
 * were recorded. Without tunnels it is 576, with wireless meshes or Hyper-V's network 704.
 */
const SKB_SMALL_HEAD_CACHE_SIZE = kernelSpecs['6.12'].constants.SKB_SMALL_HEAD_CACHE_SIZE.value;

/**
 * Bytes of the block that is taken for a buffer of `size` bytes. As in 4.15, but small ones have a cache of their own, whose blocks are all of
 * one size. So more data fits behind that of a small segment, which also counts for more of the receive buffer.
 * @kernel 6.12.117 net/core/skbuff.c __alloc_skb
 */
export function __alloc_skb(size: number): number {
  return SKB_HEAD_ALIGN(size) <= SKB_SMALL_HEAD_CACHE_SIZE ? SKB_SMALL_HEAD_CACHE_SIZE : kmallocBlock(size);
}
