/** How much memory the kernel takes for a segment (net/core/skbuff.c). */

const CACHE_LINE = 64;

/** struct skb_shared_info, which the kernel keeps behind a segment's data, in whole cache lines: bytes. */
export const SIZEOF_SHARED_INFO = 320;

/** Bytes that a buffer of `size` bytes needs, with what is kept behind it. Later kernels have a macro of this name. */
export function SKB_HEAD_ALIGN(size: number): number {
  return Math.ceil(size / CACHE_LINE) * CACHE_LINE + SIZEOF_SHARED_INFO;
}

/**
 * Bytes of the block that is taken for a buffer of `size` bytes: as many as kmalloc has blocks of, which is a power of two.
 * @kernel 4.15.11 net/core/skbuff.c __alloc_skb
 */
export function __alloc_skb(size: number): number {
  return 2 ** Math.ceil(Math.log2(SKB_HEAD_ALIGN(size)));
}
