/** Segments that are out of the ordinary: wrong numbers, strange flags, data that come twice or too early. */

import * as fc from 'fast-check';
import type { ArrivingSegment, Flag } from '../../src/generated/types.js';
import type { Script } from './script.js';

/** Which segments. */
export interface SegmentConstraints {
  /** Default: all. */
  readonly kinds?: readonly SegmentKind[];
}

/**
 * `number`: sequence or acknowledgement numbers that are wrong. `reset`: resets. `syn`: a SYN with a number in the window or out of it. `flags`: strange
 * combinations of flags. `data`: data in order, twice, or with a gap. `fin`: FINs.
 */
export type SegmentKind = 'number' | 'reset' | 'syn' | 'flags' | 'data' | 'fin';

/** A segment of a peer; what it is hangs on what the peer has sent. */
export type Send = (script: Script, peer: number) => ArrivingSegment;

/** Around the next number, and around the ends of the windows that the kernels offer; the plainest first. */
const OFFSETS: readonly number[] = [
  0, 1, -1, 2, -2, 10, 1460, 5792, 5840, 5841, 14600, 14601, 29200, 29201, 65535, 100_000, -10, -1000,
];

/** Of a peer that has nothing to say: its next number, or one nearby. */
const offset = fc.constantFrom(...OFFSETS);

const KINDS: { readonly [kind in SegmentKind]: () => fc.Arbitrary<Send> } = {
  number: () =>
    fc
      .record({
        offset: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, offset),
        plus: fc.constantFrom(1, 2, 0, 3, 6, 9, -1, 10, 1000, -70_000, 0x7fffffff),
        len: fc.constantFrom(0, 0, 10),
      })
      .map(
        ({ len, ...numbers }): Send =>
          (script, peer) => ({
            ...script.bare(peer, numbers.offset, len),
            flags: ['ACK'],
            ack: { of: 'synack', plus: numbers.plus },
          }),
      ),
  reset: () =>
    fc
      .record({ offset: fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, -1, 1, 0) }, offset), ack: fc.boolean() })
      .map(
        ({ offset: at, ack }): Send =>
          (script, peer) => ({
            ...script.bare(peer, at),
            ...(ack ? { flags: ['RST', 'ACK'], ack: { of: 'synack', plus: 1 } } : { flags: ['RST'] }),
          }),
      ),
  syn: () =>
    offset.map(
      (at): Send =>
        (script, peer) => ({ ...script.bare(peer, at), flags: ['SYN'] }),
    ),
  flags: () =>
    fc
      .record({
        flags: fc.constantFrom<Flag[][]>(
          [],
          ['PSH'],
          ['FIN'],
          ['SYN', 'FIN'],
          ['SYN', 'RST'],
          ['SYN', 'ACK'],
          ['FIN', 'RST'],
        ),
        offset: fc.constantFrom(0, 0, -1, 1),
        len: fc.constantFrom(0, 10),
      })
      .map(
        ({ flags, offset: at, len }): Send =>
          (script, peer) => ({
            ...script.bare(peer, at, len),
            flags,
            ...(flags.includes('ACK') ? { ack: { of: 'synack' as const, plus: 1 } } : {}),
          }),
      ),
  data: () =>
    fc.record({ offset: fc.constantFrom(0, 0, 0, ...OFFSETS), len: fc.constantFrom(10, 1, 100, 1448, 1460, 5000) }).map(
      ({ offset: at, len }): Send =>
        (script, peer) =>
          script.ack(peer, { offset: at, len }),
    ),
  fin: () =>
    fc.record({ offset: fc.constantFrom(0, 0, 0, 10, -1), len: fc.constantFrom(0, 0, 10) }).map(
      ({ offset: at, len }): Send =>
        (script, peer) => {
          const fin: ArrivingSegment = { ...script.ack(peer, { offset: at, len }), flags: ['FIN', 'ACK'] };
          if (at === 0) script.advance(peer, 1);
          return fin;
        },
    ),
};

/** Segments of the kinds asked for. */
export function segment({ kinds = Object.keys(KINDS) as SegmentKind[] }: SegmentConstraints = {}): fc.Arbitrary<Send> {
  return fc.oneof(...kinds.map((kind) => KINDS[kind]()));
}
