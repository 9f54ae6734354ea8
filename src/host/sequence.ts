/** 32-bit sequence numbers (RFC 9293, section 3.4), with the names that include/net/tcp.h gives the comparisons. */

/** An unsigned 32-bit sequence number. */
export type SequenceNumber = number;

/** `value` modulo 2^32. */
export const u32 = (value: number): SequenceNumber => value >>> 0;

/** True when `a` comes before `b` on the circle of sequence numbers. */
export const before = (a: SequenceNumber, b: SequenceNumber): boolean => ((a - b) | 0) < 0;

/** True when `a` comes after `b` on the circle of sequence numbers. */
export const after = (a: SequenceNumber, b: SequenceNumber): boolean => before(b, a);
