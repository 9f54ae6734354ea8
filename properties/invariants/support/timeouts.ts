/** When a request's SYN-ACK is sent again: the delays, how late the kernels' timers are, and how exactly a trace shows it. */

import type { TraceHeader } from '../../../src/generated/types.js';
import { isSince } from '../../../src/host/kernel-spec.js';

const SECOND = 1_000_000;

/** Beyond so many timeouts the kernels' shifts overflow, and the delays are anything. */
export const REGULAR_TIMEOUTS = 18;

/** After how many timeouts of a request the delays still follow the rule: from 6.1 on those of requests, not of Fast Open, are shifted in 64 bits. */
export const regularTimeouts = (kernel: string): number => (isSince(kernel, '6.1') ? 60 : REGULAR_TIMEOUTS);

/** The longest timeout where none is set, µs. */
const LONGEST = 120 * SECOND;

/** The delay before timeout `k + 1` of a request, µs; `k` from 0 to {@link REGULAR_TIMEOUTS}. `longest`: of its listener, µs. */
export function timeout(kernel: string, k: number, longest = LONGEST): number {
  return Math.min((kernel === '2.6.32' ? 3 : 1) * SECOND * 2 ** k, longest);
}

/**
 * How much later than asked for a timeout comes at most, µs. 2.6.32 looks at each bucket of its SYN table every eighth tick of 200 ms; the
 * wheel of later kernels has buckets that are the wider the longer the delay is.
 */
export function lateness(kernel: string, delay: number, hz: number): number {
  if (kernel === '2.6.32') return 8 * 0.2 * SECOND;
  const jiffies = Math.round((delay * hz) / SECOND);
  const width = WIDTHS.find(([from]) => jiffies >= from)?.[1] ?? 1;
  return (width * SECOND) / hz;
}

/** From how many jiffies on a bucket of the wheel is how many jiffies wide. */
const WIDTHS: readonly (readonly [from: number, width: number])[] = [
  [32_256, 4096],
  [4_032, 512],
  [504, 64],
  [63, 8],
];

/** How long after the last of `retries` timeouts, and so at the latest after its SYN, a request is gone, µs. `longest`: the longest timeout of its listener, µs. */
export function lifetime(kernel: string, retries: number, hz: number, longest = LONGEST): number {
  let sum = 0;
  for (let k = 0; k <= retries; k++) {
    const delay = timeout(kernel, Math.min(k, REGULAR_TIMEOUTS), longest);
    sum += delay + lateness(kernel, delay, hz) + SECOND / hz;
  }
  return sum;
}

/** By how much the time between two segments of a trace may be off, µs: a jiffy, and what the one who saw them was late. */
export function inexactness({ origin, kernel, tolerance }: TraceHeader): number {
  const jiffy = SECOND / kernel.hz;
  if (tolerance !== undefined) return jiffy + 2 * (tolerance.timer + 8 * tolerance.next);
  return origin === 'recorded' ? jiffy + RECORDED : jiffy + 1;
}

/** A recorder finds a segment up to 1.3 ms after its tick began, or up to 0.2 ms after another one of that tick. */
const RECORDED = 2_000;
