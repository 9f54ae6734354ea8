/** Waits that end around the times at which a kernel does something by itself. */

import * as fc from 'fast-check';
import { recordedHz } from '../../src/host/kernel-spec.js';
import type { KernelVariant } from '../../src/host/variant.js';

/** How long nothing may arrive. */
export interface WaitConstraints {
  /** µs, at most. Default 250 s. */
  readonly longest?: number;
  /** Of which kinds of times. Default: all. */
  readonly around?: readonly WaitKind[];
}

/**
 * `synack`: the timeouts of a request, counted from its SYN. `ack`: the delays of an ACK. `rate`: half-second limits of answers. `log`: limits
 * of what is logged. `cookie`: the ages of cookies. `hold`: what holds a slot after a reset. `short`: nothing in particular.
 */
export type WaitKind = 'synack' | 'ack' | 'rate' | 'log' | 'cookie' | 'hold' | 'short';

const MS = 1000;
const S = 1000 * MS;

/** The instants, µs after an event, at which a kernel does something, shortest first. */
export function instants({ name }: KernelVariant, kind: WaitKind): readonly number[] {
  const old = name === '2.6.32';
  switch (kind) {
    case 'synack':
      return old ? [3 * S, 9 * S, 21 * S, 45 * S, 93 * S, 189 * S] : [1 * S, 3 * S, 7 * S, 15 * S, 31 * S, 63 * S];
    case 'ack':
      return [40 * MS, 80 * MS, 160 * MS, 200 * MS, 30 * MS, 10 * MS];
    case 'rate':
      return [500 * MS, 1 * S];
    case 'log':
      return [5 * S, 60 * S];
    case 'cookie':
      return old ? [3 * S, 60 * S, 180 * S, 240 * S] : [60 * S, 120 * S, 180 * S];
    case 'hold':
      return [60 * S];
    case 'short':
      return [1 * MS, 10 * MS, 100 * MS, 400 * MS];
  }
}

/** How far from such an instant: a µs, a jiffy, the rounding of the kernel's timers, which hangs on how long a jiffy is. */
function offsets({ name }: KernelVariant, kind: WaitKind): readonly number[] {
  const jiffies = [...new Set([1000, recordedHz(name)])].map((hz) => S / hz);
  const rounding =
    name === '2.6.32' ? [200 * MS, 400 * MS, -200 * MS] : jiffies.flatMap((one) => WIDTHS.map((width) => width * one));
  return [0, 1, -1, MS, -MS, 2 * MS, ...(kind === 'ack' || kind === 'short' ? [] : rounding)];
}

/** How many jiffies wide the buckets of the timer wheel are, and how much too early the next but one is. */
const WIDTHS = [8, 64, 512, 4096, -64];

const ALL: readonly WaitKind[] = ['short', 'ack', 'rate', 'synack', 'log', 'cookie', 'hold'];

/** µs, at least 1. */
export function wait(kernel: KernelVariant, constraints: WaitConstraints = {}): fc.Arbitrary<number> {
  const { longest = 250 * S, around = ALL } = constraints;
  const near = around.flatMap((kind) => {
    const ends = instants(kernel, kind).filter((end) => end <= longest);
    if (ends.length === 0) return [];
    return [
      fc
        .tuple(fc.constantFrom(...ends), fc.constantFrom(...offsets(kernel, kind)))
        .map(([end, offset]) => Math.min(longest, Math.max(1, end + offset))),
    ];
  });
  const anything = fc.integer({ min: 1, max: Math.min(longest, 8 * S) });
  return fc.oneof(...near.map((arbitrary) => ({ weight: 2, arbitrary })), { weight: 1, arbitrary: anything });
}
